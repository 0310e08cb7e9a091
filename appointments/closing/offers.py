"""A proposal for each person or family on a work list: held for them, told to them, renewed, or handed to somebody who
calls. Run by a task every minute; nothing that must be true waits for it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby

from django.db import connection, transaction

from appointments.claim import claim_one
from appointments.closing import acts
from appointments.closing.equivalents import Equivalent, Equivalents
from appointments.models import Appointment, Hold, Orphan
from appointments.models.closure import OrphanState
from appointments.services.hold import request_for
from mexitel.accounts.models import User
from mexitel.audit.services import record
from mexitel.outbox.services import publish

ORIGIN = "closure"
OFFER_LENGTH = timedelta(hours=48)
# It ends before the time that it offers does.
BEFORE_START = timedelta(hours=6)
# Held so often without an answer, then somebody calls; seats are not kept from others for ever.
OFFERS = 2
TRY_AGAIN = timedelta(minutes=30)
# Parties in one run of the task.
PARTIES_AT_ONCE = 400
WAITING = (OrphanState.TO_OFFER, OrphanState.NO_SEAT)


def tend(*, now: datetime) -> dict[str, int]:
    """Everything that work lists need done: finish what was stopped, renew, offer, keep. Counts of each."""
    return {
        "carried_on": acts.carry_on(now=now),
        "lapsed": renew_lapsed(now=now),
        "offered": offer_all(now=now),
        "kept": acts.keep_waiting(now=now),
    }


# An offer is over when its time has passed, and when its hold has ended otherwise: the person looked at other times and
# left, or the offered time was closed too.
LAPSED = """
UPDATE appointments_orphan AS o
SET state = CASE WHEN o.state <> 'offered' THEN o.state WHEN o.offers < %(offers)s THEN 'to_offer' ELSE 'to_call' END,
    hold_id = NULL, offer_until = NULL, changed_at = %(now)s, look_at = %(now)s
WHERE o.ended_at IS NULL AND o.hold_id IS NOT NULL
  AND (o.offer_until <= %(now)s OR NOT EXISTS (
      SELECT FROM appointments_hold h
      WHERE h.id = o.hold_id AND h.closed_at IS NULL AND NOT EXISTS (
          SELECT FROM consulates_slot s WHERE s.id = ANY (h.slot_ids) AND s.closed_at IS NOT NULL)))
"""


def renew_lapsed(*, now: datetime) -> int:
    """Offers that ran out go back on the list: to be offered again, or after OFFERS of them to be called."""
    with connection.cursor() as cursor:
        cursor.execute(LAPSED, {"now": now, "offers": OFFERS})
        return cursor.rowcount


def offer_all(*, now: datetime) -> int:
    """A proposal for everybody who waits for one; how many parties got it."""
    offered = 0
    finders: dict[tuple[int, int], Equivalents] = {}
    for party in waiting_parties(now=now):
        first = party[0].appointment
        key = (first.procedure_id, first.session_id)
        if key not in finders:
            finders[key] = Equivalents(first.procedure, near=first.session, now=now)
        offered += offer(party, finders[key], now=now)
    return offered


def waiting_parties(*, now: datetime) -> list[list[Orphan]]:
    """Those who were booked together, in the order of the times that they lost: who would have come first is first."""
    orphans = (
        Orphan.objects.open()
        .filter(state__in=[*WAITING, OrphanState.TO_CALL], hold_id=None, offers__lt=OFFERS, look_at__lte=now)
        .filter(appointment__status="orphaned", appointment__until__gt=now)
        .select_related("closure", "appointment__account", "appointment__procedure")
        .select_related("appointment__session__consulate")
        .order_by("starts_at", "appointment__party_id", "closure_id", "session_id", "pk")
    )
    ordered = sorted(orphans, key=lambda o: (o.closure_id, o.session_id, str(o.appointment.party_id), o.starts_at))
    parties = [
        list(party)
        for _key, party in groupby(ordered, key=lambda o: (o.closure_id, o.session_id, o.appointment.party_id))
    ]
    return sorted(parties, key=lambda party: (party[0].starts_at, party[0].pk))[:PARTIES_AT_ONCE]


def offer(party: Sequence[Orphan], finder: Equivalents, *, now: datetime) -> bool:
    """Hold the best seats for a party and tell them; without seats they are told so once, and asked for again later."""
    if any(_is_choosing(orphan.appointment, now=now) for orphan in party):
        _look_again(party, now=now)
        return False
    for _attempt in range(3):
        found = finder.find(len(party))
        if not found:
            _no_seat(party, now=now)
            return False
        code = hold_for(party, found[0], now=now)
        if code == "ok":
            return True
        if code not in {"full", "busy"}:
            _to_call(party, code, now=now)
            return False
    return False  # others were quicker three times: the next run comes in a minute


def hold_for(party: Sequence[Orphan], found: Equivalent, *, now: datetime, tell: bool = True) -> str:
    """The seats are kept for the party; "ok" or the claim's refusal. Takes seats and no permits."""
    account = party[0].appointment.account
    until = min(now + OFFER_LENGTH, found.choice.starts_at - BEFORE_START)
    state = OrphanState.OFFERED if tell and can_be_told(account) else OrphanState.TO_CALL
    with transaction.atomic():
        answer = claim_one(
            request_for(
                account,
                "hold",
                channel="web",
                slots=[{"slot": slot, "seats": seats} for slot, seats in found.choice.parts],
                procedure=party[0].appointment.procedure_id,
                expires_at=until,
                pools=["public"],
                origin=ORIGIN,
                supersedes=None,
                replaces=[str(orphan.appointment_id) for orphan in party],
                agent=None,
            ),
            now=now,
        )
        if not answer.ok:
            return answer.code
        changed = Orphan.objects.filter(
            pk__in=[orphan.pk for orphan in party], state__in=[*WAITING, OrphanState.TO_CALL], hold_id=None
        )
        hold_id = answer.facts["hold"]
        if changed.update(
            state=state,
            hold_id=hold_id,
            offer_until=answer.facts["expires_at"],
            offers=party[0].offers + 1,
            changed_at=now,
        ) != len(party):
            transaction.set_rollback(True)  # somebody else was quicker
            return "ok"
        if state == OrphanState.OFFERED:
            _tell("closure.offered", party, now=now, hold=str(hold_id))
        if tell:
            _record("closure.offer", party, now=now)
    return "ok"


def can_be_told(account: User) -> bool:
    """Whether a message can arrive: a mailbox that does not send ours back, or a verified phone."""
    return bool(account.email and not account.email_bounced_at) or account.has_verified_phone


def _is_choosing(appointment: Appointment, *, now: datetime) -> bool:
    """Whether the booker looks at another time just now: that hold is theirs to confirm."""
    if appointment.move_hold_id is None:
        return False
    return Hold.objects.open(now=now).filter(pk=appointment.move_hold_id).exclude(origin=ORIGIN).exists()


def _no_seat(party: Sequence[Orphan], *, now: datetime) -> None:
    first_time = party[0].state == OrphanState.TO_OFFER
    with transaction.atomic():
        if _change(party, OrphanState.NO_SEAT, now=now) and first_time:
            if can_be_told(party[0].appointment.account):
                _tell("closure.no_seat", party, now=now)
            _record("closure.no_seat", party, now=now)


def _to_call(party: Sequence[Orphan], code: str, *, now: datetime) -> None:
    """No proposal can be held for this booker (a block, say): a person looks at it."""
    with transaction.atomic():
        _change(party, OrphanState.TO_CALL, now=now, offers=OFFERS)
        _record("closure.to_call", party, now=now, code=code)


def _look_again(party: Sequence[Orphan], *, now: datetime) -> None:
    Orphan.objects.filter(pk__in=[orphan.pk for orphan in party]).update(look_at=now + TRY_AGAIN)


def _change(party: Sequence[Orphan], state: OrphanState, *, now: datetime, **more: int) -> int:
    found = Orphan.objects.filter(pk__in=[o.pk for o in party], state__in=[*WAITING, OrphanState.TO_CALL], hold_id=None)
    return found.update(state=state, changed_at=now, look_at=now + TRY_AGAIN, **more)


def _tell(kind: str, party: Sequence[Orphan], *, now: datetime, **more: str) -> None:
    payload = {"closure": party[0].closure_id, "appointments": [str(o.appointment_id) for o in party], **more}
    publish(kind=kind, payload=payload, now=now)


def _record(action: str, party: Sequence[Orphan], *, now: datetime, **more: str) -> None:
    detail = {"appointments": [str(o.appointment_id) for o in party], **more}
    record(actor=None, action=action, target=party[0].closure, now=now, office_id=party[0].consulate_id, detail=detail)
