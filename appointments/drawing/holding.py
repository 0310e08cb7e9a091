"""Seats for winners: which times of their lot, and the holds that keep them. One call of the claim for a batch."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db import transaction

from appointments.allocation.dictatorship import Award, Lot, SkipCode
from appointments.claim import Answer, claim_batch
from appointments.drawing.bookers import accounts_linked_with, booked_already
from appointments.drawing.lots import Times, free_times, pool_of
from appointments.models import DrawApplication, DrawPerson, DrawWin
from appointments.services.hold import request_for
from consulates.models import Release
from consulates.parties import FreeSlot, choices
from mexitel.outbox.services import publish

ORIGIN = "draw"
ACCEPT_WITHIN = timedelta(hours=24)
# An answer is due two hours before the session; what starts sooner than in three is not given away in a draw.
BEFORE_START = timedelta(hours=2)
LAST_MOMENT = timedelta(hours=3)
SKIPS = {"lock_full": str(SkipCode.FULL_PERMITS), "blocked": str(SkipCode.BLOCKED)}


@dataclass
class Outcome:
    """What became of a batch: who could not take it, with the reason; ``busy`` asks for another run."""

    refused: dict[str, str] = field(default_factory=dict)
    busy: bool = False


def award(release: Release, awards: Sequence[Award], *, number: int, now: datetime) -> Outcome:
    """Hold for these winners, in their order, up to the first who cannot take it: all after that one are asked again,
    because what is theirs may change. Runs in the caller's transaction.
    """
    applications = _applications(awards)
    if refused := _cannot(list(applications.values()), now=now):
        return Outcome(refused)
    times = {(t.lot.session, t.lot.half): t for t in free_times(release, now=now, starts_after=now + LAST_MOMENT)}
    requests: list[dict] = []
    for line in awards:
        application = applications[line.code]
        parts = _take(times, line.lot, application.party)
        if parts is None:
            break  # the office has withdrawn seats since the lists were closed
        requests.append(_request(application, line.lot, parts, now=now))
    answers = _claim(requests, now=now)
    for line, answer in zip(awards, answers, strict=False):
        if answer.ok:
            _won(applications[line.code], line.lot, answer, number=number, now=now)
        elif answer.code == "busy":
            return Outcome(busy=True)
        else:
            return Outcome({line.code: SKIPS.get(answer.code, str(SkipCode.REFUSED))})
    if len(requests) < len(awards):
        return Outcome({awards[len(requests)].code: str(SkipCode.REFUSED)})
    return Outcome()


def _claim(requests: Sequence[dict], *, now: datetime) -> list[Answer]:
    """Holds of the requests before the first that is refused, and that refusal; nothing that comes after it is kept."""
    if not requests:
        return []
    with transaction.atomic():
        answers = claim_batch(requests, now=now)
        bad = next((at for at, answer in enumerate(answers) if not answer.ok), None)
        if bad is not None:
            transaction.set_rollback(True)
    if bad is None:
        return answers
    return [*_claim(requests[:bad], now=now), answers[bad]]


def _applications(awards: Sequence[Award]) -> dict[str, DrawApplication]:
    found = DrawApplication.objects.filter(code__in=[line.code for line in awards])
    found = found.select_related("account", "procedure").prefetch_related("people")
    return {application.code: application for application in found}


def _cannot(applications: Sequence[DrawApplication], *, now: datetime) -> dict[str, str]:
    """Who cannot take what they would win, whatever it is."""
    refused = {one.code: str(SkipCode.WITHDRAWN) for one in applications if not one.stands}
    for application in applications:
        people = list(application.people.all())
        saved = [one.applicant_id for one in people if one.applicant_id]
        if application.code not in refused and (
            booked_already(saved, application.procedure.group, now=now) or _won_elsewhere(application, people)
        ):
            refused[application.code] = str(SkipCode.PERSON_BOOKED)
    return refused


def _won_elsewhere(application: DrawApplication, people: Sequence[DrawPerson]) -> bool:
    """Whether somebody of it has won in an application of an account that was linked with this one meanwhile."""
    same = DrawPerson.objects.filter(
        release=application.release_id,
        procedure_group=application.procedure.group,
        identity_hash__in=[one.identity_hash for one in people],
        application__win__isnull=False,
    ).exclude(application=application)
    accounts = set(same.values_list("application__account", flat=True))
    return bool(accounts and accounts_linked_with(application.account_id, accounts))


def _take(times: dict[tuple[int, str], Times], lot: Lot, party: int) -> list[tuple[FreeSlot, int]] | None:
    """Slots and seats for the party, taken out of ``times``: at one hour, or at hours next to each other."""
    found = times.get((lot.session, lot.half))
    if found is None or sum(slot.free for slot in found.slots) < party:
        return None
    together = sorted(choices(found.slots, party), key=lambda choice: (len(choice.parts), choice.starts_at))
    taken = dict(together[0].parts if together else _spread(found.slots, party))
    left = tuple(replace(slot, free=slot.free - taken.get(slot.id, 0)) for slot in found.slots)
    times[lot.session, lot.half] = replace(found, slots=left)
    return [(slot, taken[slot.id]) for slot in found.slots if taken.get(slot.id)]


def _spread(slots: Sequence[FreeSlot], party: int) -> list[tuple[int, int]]:
    """Where no hours next to each other are left: the first free ones."""
    parts, missing = [], party
    for slot in slots:
        here = min(slot.free, missing)
        if here:
            parts.append((slot.id, here))
            missing -= here
    return parts


def _request(application: DrawApplication, lot: Lot, parts: Sequence[tuple[FreeSlot, int]], *, now: datetime) -> dict:
    first = min(slot.starts_at for slot, _seats in parts)
    return request_for(
        application.account,
        "hold",
        channel=application.channel,
        slots=[{"slot": slot.id, "seats": seats} for slot, seats in parts],
        procedure=application.procedure_id,
        expires_at=min(now + ACCEPT_WITHIN, first - BEFORE_START),
        pools=[pool_of(lot)],
        origin=ORIGIN,
        supersedes=None,
        replaces=[],
        allotted=application.release_id,
        agent=None,
        call_reference="",
    )


def _won(application: DrawApplication, lot: Lot, answer: Answer, *, number: int, now: datetime) -> None:
    DrawWin.objects.create(
        application=application,
        release_id=application.release_id,
        number=number,
        session_id=lot.session,
        half=lot.half,
        hold_id=answer.facts["hold"],
        won_at=now,
        expires_at=answer.facts["expires_at"],
    )
    # Who has won after all does not count as having lost.
    DrawApplication.objects.filter(carried_from=application, place=None).update(weight=1, carried_from=None)
    DrawApplication.objects.filter(pk=application.pk).update(carries_on_at=None)
    publish(kind="draw.won", payload={"application": str(application.pk)}, now=now)
