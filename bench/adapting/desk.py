"""The engine's jobs on the simulated clock, and reviewers who work its queue at a fixed pace, by the truth."""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from uuid import UUID

from antifraud.desk.carrying import carry_out_due
from antifraud.desk.deciding import Choice, approve, decide, open_appointments
from antifraud.desk.errors import DeskError
from antifraud.desk.queue import to_decide
from antifraud.errors import BlockError
from antifraud.live.excess import ask_excess
from antifraud.live.ingest import ingest
from antifraud.live.proposals import propose_due
from antifraud.live.store import live_store
from antifraud.models import Act, Block, BlockState, Case, DecisionReason, IdentityRequest, RequestState
from antifraud.services.blocks import confirm_block, reject_block
from antifraud.services.sightings import note
from antifraud.validation.asking import ask_people, ask_strong_cases
from antifraud.validation.deadlines import end_deadlines, return_answered
from appointments.enums import AppointmentStatus
from appointments.models import Appointment
from bench.adapting.crowd import answer
from bench.adapting.scene import AHEAD, Booker, Scene
from mexitel.accounts.models import User

WRONG = 0.02  # of the cases and blocks that somebody looks at
AN_HOUR = 4  # cases and blocks together, from nine to six
EVERY_MINUTES = 5  # how far the engine is behind


class Desk:
    """``answering``: questions whose people have made up their mind. One reviewer decides, a second one agrees."""

    def __init__(self, scene: Scene, seed: int) -> None:
        self.scene, self.rng = scene, Random(f"{seed} desk")
        self.reviewer, self.second = (User.objects.create(email=f"revisa{n}@example.com", is_staff=True) for n in "12")
        self.answering: set[UUID] = set()
        scene.every(EVERY_MINUTES, self.engine)
        scene.every(60, self.hour)

    def engine(self) -> None:
        """Everybody's events of the last minutes; strong cases ask by themselves."""
        if not self.scene.active:
            return
        self.scene.active = False
        ingest(now=self.scene.now, open_store=live_store, below=2**62)
        ask_strong_cases(now=self.scene.now)

    def hour(self) -> None:
        now = self.scene.now
        propose_due(now=now)
        ask_excess(ask=ask_people, now=now)
        end_deadlines(now=now)
        return_answered(now=now)
        carry_out_due(now=now)
        self._honest_answer()
        if timedelta(hours=9) <= (now - self.scene.begins) % timedelta(days=1) < timedelta(hours=18):
            left = AN_HOUR - self._blocks(AN_HOUR // 2)
            for case in list(to_decide(Case.objects.all())[:left]):
                self._decide(case)
        self.scene.active = True

    def _honest_answer(self) -> None:
        for request in IdentityRequest.objects.filter(state=RequestState.OPEN).exclude(pk__in=self.answering):
            self.answering.add(request.pk)
            who = self.scene.bookers[request.contact_of_id or request.appointment.account_id]
            if not who.broker and self.rng.random() < 0.8:
                self.scene.after(self.rng.uniform(600, 86_400), lambda request=request: answer(self.scene, request))

    def _decide(self, case: Case) -> None:
        now, told = self.scene.now, self.scene.told
        mine = open_appointments(case, now=now)
        theirs = [one for one in mine if self.scene.bookers[one.account_id].broker]
        accounts = case.accounts.values_list("account_id", flat=True)
        guilty = bool(theirs) or (not mine and any(self.scene.bookers[pk].broker for pk in accounts))
        if self.rng.random() < WRONG:
            told["reviewer wrong"] += 1
            guilty, theirs = not guilty, [] if guilty else mine
        choice = self._choice(guilty, [one.pk for one in theirs])
        try:
            decision = decide(case_id=case.pk, choice=choice, reviewer=self.reviewer, now=now)
            if decision.needs_second and decision.approved_at is None:
                approve(decision_id=decision.pk, approver=self.second, now=now)
        except DeskError as error:
            told[f"desk: {type(error).__name__}"] += 1
            return
        told["cases decided"] += 1

    def _choice(self, guilty: bool, ids: list) -> Choice:
        if not guilty:
            return Choice(Act.DISMISS, DecisionReason.COINCIDENCE, "banco")
        if ids:
            return Choice(Act.CANCEL, DecisionReason.HOARDED, "banco", ids, also=(Act.CAP, Act.BLOCK))
        return Choice(Act.CAP, DecisionReason.HOARDED, "banco", also=(Act.BLOCK,))

    def _blocks(self, most: int) -> int:
        """What was proposed, the eldest first; a domain is nobody's here."""
        waiting = list(Block.objects.filter(state=BlockState.PROPOSED).order_by("proposed_at")[: most * 10])
        for block in waiting:
            brokers = [self.scene.bookers[pk].broker for pk in block.account_ids if pk in self.scene.bookers]
            right = sum(brokers) * 2 > len(brokers)
            if self.rng.random() < WRONG:
                right = not right
            try:
                if right:
                    confirm_block(block_id=block.pk, reviewer=self.second, now=self.scene.now)
                else:
                    reject_block(block_id=block.pk, reviewer=self.second, why="banco", now=self.scene.now)
            except BlockError as error:
                self.scene.told[f"block: {type(error).__name__}"] += 1
        return -(-len(waiting) // 10)  # ten blocks of one case are looked at together


def note_outcomes(scene: Scene, attends: Callable[[UUID, Booker], bool]) -> None:
    """The door, some hours after each session began, tells the engine who came."""

    def door(office: int) -> None:
        began = Appointment.objects.filter(
            consulate=scene.offices[office], status=AppointmentStatus.BOOKED, starts_at__lte=scene.now,
            starts_at__gt=scene.now - timedelta(hours=20),
        )  # fmt: skip
        for pk, account in began.values_list("pk", "account_id"):
            kind = "attend" if attends(pk, scene.bookers[account]) else "no_show"
            note(kind, now=scene.now, account_id=account, appointment_id=pk)
        scene.active = True

    for day in range(scene.days):
        for office in range(len(scene.offices)):
            moment = scene.begins + timedelta(days=day + AHEAD, hours=16)
            scene.at(moment, lambda office=office: door(office))
