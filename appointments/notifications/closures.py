"""What people are told after a closure: the new time that is held for them, or that there is none yet.

Acceptance is a move: it is told as every move is, with the calendar file (handlers.moved).
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from appointments.closing.answers import Offer, OfferState, as_offered, offer_of
from appointments.closing.tokens import offer_url
from appointments.enums import AppointmentStatus
from appointments.models import Appointment, Closure
from appointments.models.closure import ClosureKind
from appointments.notifications.handlers import load, tell
from consulates.wording import moment


def offered(*, outbox_id: int, payload: dict, now: datetime) -> None:
    """{"closure", "hold", "appointments"}: nothing is said of a proposal that is over."""
    offer = offer_of(UUID(payload["hold"]), now=now)
    if offer is None or offer.state != OfferState.OPEN:
        return
    closure = Closure.objects.get(pk=payload["closure"])
    shown = as_offered(offer)
    tell(
        "closure.offered",
        shown,
        about=[payload["hold"]],
        now=now,
        short=True,
        why=lambda: why(closure),
        reason=lambda: closure.reason,
        earlier=lambda: times_of(offer.appointments),
        until=lambda: until(offer),
        accept=offer_url(offer.hold.pk),
    )


def no_seat(*, outbox_id: int, payload: dict, now: datetime) -> None:
    """{"closure", "appointments"}: those that still have no time."""
    found = [a for a in load(payload["appointments"]) if a.status == AppointmentStatus.ORPHANED]
    closure = Closure.objects.get(pk=payload["closure"])
    about = [str(payload["closure"]), *(str(a.pk) for a in found)]
    tell(
        "closure.no_seat",
        found,
        about=about,
        now=now,
        short=True,
        why=lambda: why(closure),
        reason=lambda: closure.reason,
        earlier=lambda: times_of(found),
    )


def why(closure: Closure) -> str:
    """In a sentence for the people."""
    if closure.kind == ClosureKind.HOURS:
        return _("The consulate changed its hours.")
    if closure.kind == ClosureKind.SUSPENSION:
        return _("The consulate cannot give this procedure on that day.")
    return _("The consulate will be closed at that time.")


def times_of(appointments: Sequence[Appointment]) -> list[str]:
    ordered = sorted(appointments, key=lambda one: one.starts_at)
    return list(dict.fromkeys(moment(one.starts_at, one.session.time_zone) for one in ordered))


def until(offer: Offer) -> str:
    """In the zone of the place that is offered."""
    return moment(offer.hold.expires_at, as_offered(offer)[0].session.time_zone)
