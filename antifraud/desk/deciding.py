"""People decide: write a decision, approve it, withdraw it. Carrying it out is carrying.py.

Whoever decides holds the case's row, so that of two reviewers one decides and the other is told.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from antifraud.desk.acts import RULES
from antifraud.desk.carrying import REAL, UNDECIDED, carry_out_due, detail_of, log
from antifraud.desk.effects import Effects
from antifraud.desk.errors import (
    DecidedBefore,
    DeskError,
    GrewMeanwhile,
    NothingChosen,
    NotOfTheCase,
    OwnBookings,
    SecondPersonNeeded,
)
from antifraud.desk.queue import locked, release
from antifraud.models import Act, Case, CaseAppointment, Decision
from antifraud.models.case import BEFORE_APPOINTMENT
from antifraud.models.decision import ALONE, BULK_RESTS
from appointments.models import Appointment
from mexitel.accounts.models import User
from mexitel.audit.services import record

AT_ONCE = timedelta(0)
# A form that is sent again within this time is the same form.
SAME_FORM = timedelta(hours=24)


@dataclass(frozen=True)
class Choice:
    """What a reviewer chose. ``appointment_ids`` None: all that are undecided. ``also``: acts that go with it."""

    act: Act
    reason: str
    note: str
    appointment_ids: Sequence[UUID] | None = None
    also: tuple[Act, ...] = ()

    @property
    def acts(self) -> tuple[Act, ...]:
        return (self.act, *self.also)


def open_appointments(case: Case, *, now: datetime) -> list[Appointment]:
    """Those of ``case`` that are to come and undecided, the soonest first."""
    mine = CaseAppointment.objects.filter(case=case, standing__in=UNDECIDED).values("appointment_id")
    return list(Appointment.objects.upcoming(now=now).filter(pk__in=mine).order_by("starts_at", "pk"))


def needs_second(choice: Choice, chosen: Sequence[Appointment], *, effective_at: datetime) -> bool:
    """What takes from people more than ten appointments, or one that is near when it takes effect."""
    if not any(RULES[act].takes for act in choice.acts):
        return False
    late = effective_at + BEFORE_APPOINTMENT
    return len(chosen) > ALONE or any(one.starts_at <= late for one in chosen)


def decide(
    *,
    case_id: int,
    choice: Choice,
    reviewer: User,
    now: datetime,
    seen: int | None = None,
    rests: timedelta = AT_ONCE,
    second: bool = False,
    effects: Effects = REAL,
) -> Decision:
    """The decision; carried out unless it rests, or waits for a second person (``second`` asks for one in any case).

    ``seen`` is how many appointments the case had when it was read. The same form sent twice is one decision. Raises
    DecidedBefore, InOtherHands, GrewMeanwhile, NothingChosen, NotOfTheCase or OwnBookings.
    """
    with transaction.atomic():
        decision = _written(case_id, choice, reviewer, seen=seen, rests=rests, second=second, now=now)
    if decision.done_at is None and not decision.needs_second and decision.effective_at <= now:
        carry_out_due(now=now, effects=effects, case_id=case_id)
        decision.refresh_from_db()
    return decision


def decide_many(
    *, case_ids: Iterable[int], choice: Choice, reviewer: User, now: datetime
) -> tuple[list[Decision], dict[int, DeskError]]:
    """One choice for several cases, each in a transaction of its own: what was decided, and what was refused by case.

    It takes effect after 24 hours. Together the cases count as one: more than ten appointments need a second person.
    """
    ids = sorted(set(case_ids))
    chosen = [one for case in Case.objects.filter(pk__in=ids) for one in open_appointments(case, now=now)]
    second = needs_second(choice, chosen, effective_at=now + BULK_RESTS)
    done, refused = [], {}
    for case_id in ids:
        try:
            done.append(
                decide(case_id=case_id, choice=choice, reviewer=reviewer, now=now, rests=BULK_RESTS, second=second)
            )
        except DeskError as error:
            refused[case_id] = error
    return done, refused


def approve(*, decision_id: int, approver: User, now: datetime, effects: Effects = REAL) -> Decision:
    """The second person agrees, with all that was decided together; whether they may sign is asked in the view.

    Raises DecidedBefore or SecondPersonNeeded.
    """
    with transaction.atomic():
        decision, together = _pending(decision_id)
        if not decision.needs_second or decision.approved_at is not None:
            raise DecidedBefore
        if decision.author == approver:
            raise SecondPersonNeeded
        if decision.case.agent_id == approver.pk:
            raise OwnBookings
        for one in together:
            one.approver, one.approved_at = approver, now
            one.save(update_fields=["approver", "approved_at"])
        log(decision, "approved", approver, now)
        record(
            actor=approver, action="case.approve", target=decision.case, now=now, reason=decision.note,
            office_id=decision.case.consulate_id, detail=detail_of(decision),
        )  # fmt: skip
    carry_out_due(now=now, effects=effects, case_id=decision.case_id)
    decision.refresh_from_db()
    return decision


@transaction.atomic
def withdraw(*, decision_id: int, reviewer: User, why: str, now: datetime) -> Decision:
    """Before it takes effect; its case waits for a decision again. Raises DecidedBefore."""
    decision, together = _pending(decision_id)
    for one in together:
        one.withdrawn_by, one.withdrawn_at = reviewer, now
        one.save(update_fields=["withdrawn_by", "withdrawn_at"])
    log(decision, "withdrawn", reviewer, now)
    record(
        actor=reviewer, action="case.withdraw", target=decision.case, now=now, reason=why,
        office_id=decision.case.consulate_id, detail=detail_of(decision),
    )  # fmt: skip
    return decision


def _written(
    case_id: int, choice: Choice, reviewer: User, *, seen: int | None, rests: timedelta, second: bool, now: datetime
) -> Decision:
    if same := _same_form(case_id, choice, reviewer, now=now):
        return same
    case = locked(case_id, reviewer, now=now)
    if same := _same_form(case_id, choice, reviewer, now=now):  # the other request of a double click was first
        return same
    if case.agent_id == reviewer.pk:
        raise OwnBookings
    if case.decisions.pending().exists():
        raise DecidedBefore
    if seen is not None and case.appointments.count() > seen:
        raise GrewMeanwhile
    chosen = _chosen(case, choice, now=now)
    effective_at = now + rests
    second = second or needs_second(choice, chosen, effective_at=effective_at)
    written = [
        Decision.objects.create(
            case=case, act=act, reason=choice.reason, note=choice.note, author=reviewer, decided_at=now,
            effective_at=effective_at, needs_second=second, appointment_ids=[one.pk for one in chosen],
        )
        for act in choice.acts
    ]  # fmt: skip
    for decision in written:
        log(decision, "decided", reviewer, now)
        record(
            actor=reviewer, action="case.decide", target=case, now=now, reason=choice.note,
            office_id=case.consulate_id, detail=detail_of(decision),
        )  # fmt: skip
    release(case)
    return written[0]


def _same_form(case_id: int, choice: Choice, reviewer: User, *, now: datetime) -> Decision | None:
    found = Decision.objects.filter(
        case=case_id, act=choice.act, author=reviewer, reason=choice.reason, note=choice.note, withdrawn_at=None,
        decided_at__gt=now - SAME_FORM,
    ).first()  # fmt: skip
    same = found and (choice.appointment_ids is None or set(found.appointment_ids) <= set(choice.appointment_ids))
    return found if same else None


def _chosen(case: Case, choice: Choice, *, now: datetime) -> list[Appointment]:
    """What was chosen and can still be decided about. Raises NotOfTheCase or NothingChosen."""
    open_ones = open_appointments(case, now=now)
    if choice.appointment_ids is not None:
        wanted = set(choice.appointment_ids)
        if wanted - set(case.appointments.values_list("appointment_id", flat=True)):
            raise NotOfTheCase
        open_ones = [one for one in open_ones if one.pk in wanted]
    if RULES[choice.act].chooses and not open_ones:
        raise NothingChosen
    return open_ones


def _pending(decision_id: int) -> tuple[Decision, list[Decision]]:
    """The decision and all that waits with it, under the lock of their case. Raises DecidedBefore."""
    case_id = Decision.objects.values_list("case_id", flat=True).get(pk=decision_id)
    Case.objects.select_for_update().get(pk=case_id)
    together = list(Decision.objects.pending().filter(case=case_id).select_related("case", "author").order_by("pk"))
    decision = next((one for one in together if one.pk == decision_id), None)
    if decision is None:
        raise DecidedBefore
    return decision, together
