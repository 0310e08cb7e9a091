"""Somebody who waits, and a place that is kept for them just now."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from appointments.claim import claim_one
from appointments.models import FreedSeat, WaitingEntry, WaitingOffer, WaitingOfferSeat, WaitingSkip
from appointments.services import Entry, save_applicant
from appointments.services.hold import request_for
from appointments.waiting.fitting import OFFER_LENGTH
from appointments.waiting.joining import Wanted, join
from appointments.waiting.order import OFFER_LETTERS, day_of, new_code
from consulates.models import Consulate, Procedure, Seat, Slot
from mexitel.accounts.models import User
from mexitel.utils.time import now as clock


def wait_for(
    procedure: Procedure, offices: Sequence[Consulate], account: User, *who: Entry, kept: bool = True
) -> tuple[WaitingEntry, WaitingOffer | None]:
    """A place in the list since yesterday; with ``kept``, the last seat of the procedure is offered to it now."""
    now = clock()
    people = [save_applicant(account=account, entry=one, today=now.date(), now=now) for one in who]
    wanted = Wanted(
        procedure=procedure,
        offices=tuple(office.pk for office in offices),
        time_zone=offices[0].time_zone,
        last_day=(now + timedelta(days=40)).date(),
    )
    place = join(account=account, wanted=wanted, people=people, now=now - timedelta(days=1))
    WaitingSkip.objects.create(entry=place, day=day_of(now), code="does_not_fit", times=2, last_at=now)
    return place, offer_now(place, now=now) if kept else None


def rest(seat: Seat, *, now: datetime, rests: timedelta = timedelta(hours=3)) -> Seat:
    """As if somebody, whose scope is nobody's, had let go of a free seat."""
    FreedSeat.objects.create(seat_id=seat.pk, scope_id=0, until=now + timedelta(hours=24))
    seat.visible_at = now + rests
    seat.save(update_fields=["visible_at"])
    return seat


def offer_now(place: WaitingEntry, *, now: datetime) -> WaitingOffer:
    """As the tender offers, whatever the hour of the test run is."""
    open_slots = Slot.objects.open(now=now).filter(session__procedures=place.procedure)
    found = Seat.objects.free(now=now).filter(slot__in=open_slots, pool="public").order_by("-slot__starts_at", "pk")
    seats = [rest(seat, now=now) for seat in found[: place.party]]
    by_slot = {seat.slot_id: [one for one in seats if one.slot_id == seat.slot_id] for seat in seats}
    request = request_for(
        place.account, "hold", channel="web", procedure=place.procedure_id, expires_at=now + OFFER_LENGTH,
        slots=[{"slot": slot, "seats": len(some)} for slot, some in by_slot.items()], pools=["public"],
        origin="waiting", resting=[seat.pk for seat in seats], supersedes=None, replaces=[], agent=None,
    )  # fmt: skip
    answer = claim_one(request, now=now)
    assert answer.ok, answer
    slot = seats[0].slot
    made = WaitingOffer.objects.create(
        entry=place, code=new_code(OFFER_LETTERS), hold_id=answer.facts["hold"], session_id=slot.session_id,
        starts_at=slot.starts_at, made_at=now, expires_at=now + OFFER_LENGTH,
    )  # fmt: skip
    WaitingOfferSeat.objects.bulk_create(
        WaitingOfferSeat(offer=made, entry=place, seat_id=seat.pk, visible_at=seat.visible_at, turn=1) for seat in seats
    )
    return made
