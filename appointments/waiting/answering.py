"""The answer to an offer: accepted for the people who wait and nobody else, or declined, which costs nothing."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from appointments.enums import Channel
from appointments.errors import HoldExpired
from appointments.guards import BookingAttempt, run_guards
from appointments.models import EndReason, Hold, OfferOutcome, WaitingOffer, WaitingPerson
from appointments.services import Entry, confirm_hold
from appointments.services.hold import IdempotencyKey
from appointments.waiting.errors import NoOffer
from appointments.waiting.joining import end, let_go, locked, told_of
from appointments.waiting.settling import outcome_of, settle_locked
from consulates.models import Slot
from mexitel.accounts.models import User
from mexitel.audit.services import record
from mexitel.utils.browsers import NOTHING


@dataclass(frozen=True)
class Offered:
    """An offer as it stands now; ``outcome`` is None while it can be accepted. ``seats`` are who would attend when."""

    offer: WaitingOffer
    outcome: OfferOutcome | None
    seats: list[tuple[Entry, datetime]]

    @property
    def is_open(self) -> bool:
        return self.outcome is None


def offered(code: str, *, now: datetime) -> Offered:
    """Raises NoOffer."""
    found = WaitingOffer.objects.select_related("entry__account", "entry__procedure", "session__consulate")
    offer = found.filter(code=code).first()
    if offer is None:
        raise NoOffer
    return as_it_stands(offer, now=now)


def as_it_stands(offer: WaitingOffer, *, now: datetime) -> Offered:
    hold = Hold.objects.filter(pk=offer.hold_id).first()
    outcome = outcome_of(offer, hold, now=now)
    return Offered(offer, outcome, _seats(offer, hold))


def _seats(offer: WaitingOffer, hold: Hold | None) -> list[tuple[Entry, datetime]]:
    """The people in their order, on the seats in theirs; those who attend together on one."""
    people = WaitingPerson.objects.filter(entry=offer.entry_id).select_related("applicant").order_by("position")
    starts = Slot.objects.in_bulk(set(hold.slot_ids)) if hold else {}
    times = [starts[slot].starts_at for slot in hold.slot_ids] if hold and not offer.entry.is_together else []
    entries = [told_of(person) for person in people]
    return list(zip(entries, times or [offer.starts_at] * len(entries), strict=False))


def accept(
    offer: WaitingOffer,
    *,
    now: datetime,
    channel: str = Channel.WEB,
    client: tuple[str, str] = NOTHING,
    key: IdempotencyKey | None = None,
    agent: User | None = None,
    call_reference: str = "",
) -> list:
    """The offer becomes the appointments of those who waited; their ids. Accepting again says the same.

    Raises BookingRefused (StepUpNeeded among them), or a BookingError: HoldExpired when it is over, ApplicantBooked,
    BookerBlocked, SlotClosed ... The offer stays as it was.
    """
    account, is_together = offer.entry.account, offer.entry.is_together
    standing = as_it_stands(offer, now=now)
    if standing.outcome not in {None, OfferOutcome.ACCEPTED}:
        raise HoldExpired
    if standing.is_open:
        run_guards(BookingAttempt("accept", account, channel, party=offer.entry.party, client=client, now=now))
    attending = [entry for entry, _at in standing.seats]
    booked = confirm_hold(
        account=account,
        hold_id=offer.hold_id,
        people=[attending] if is_together else [[entry] for entry in attending],
        today=offer.session.date,
        now=now,
        channel=channel,
        key=key,
        client=client,
        agent_id=agent.pk if agent else None,
        call_reference=call_reference,
    )
    with transaction.atomic():  # killed before this, the next reader or the task writes it down
        settle_locked(locked(offer.entry_id), now=now)
    return booked


def decline(
    offer: WaitingOffer,
    *,
    now: datetime,
    channel: str = Channel.WEB,
    agent: User | None = None,
) -> None:
    """The seats go to the next; the entry keeps its place. Nothing happens to an offer that is over."""
    with transaction.atomic():
        entry = locked(offer.entry_id)
        settle_locked(entry, now=now)
        found = entry.offers.filter(pk=offer.pk, outcome="").first()
        if found is None:
            return
        if let_go(entry, found, OfferOutcome.DECLINED, now=now, channel=channel) == OfferOutcome.ACCEPTED:
            end(entry, EndReason.BOOKED, now=now)
        if agent is not None:
            record(actor=agent, action="waiting.decline", target=entry, now=now)
