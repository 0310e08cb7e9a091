"""Reads of this room: the officer's queue, the times that can be given, and what a person asked."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db.models import Count, Q

from appointments.models import EmergencyRequest, Grant
from appointments.models.emergency import EmergencyQuerySet
from consulates.calendars import to_utc
from consulates.models import Slot
from consulates.wording import clock, local_day, short_date, zone_label
from mexitel.accounts.models import User

POOLS = (Grant.Pool.EMERGENCY, Grant.Pool.STAFF)
LATER = timedelta(days=7)
MOST_TIMES = 8  # of one pool


@dataclass(frozen=True)
class Offer:
    """A time at which the whole party fits on seats of one pool; ``is_soon`` is today or tomorrow, on the office's
    calendar.
    """

    slot: Slot
    pool: str
    free: int
    is_soon: bool

    @property
    def value(self) -> str:
        return f"{self.slot.pk}:{self.pool}"

    @property
    def text(self) -> str:
        """``martes 24 de noviembre, 9:30 a.m. (hora central)``"""
        zone_name = self.slot.session.time_zone
        day = short_date(local_day(self.slot.starts_at, zone_name))
        return f"{day}, {clock(self.slot.starts_at, zone_name)} ({zone_label(zone_name)})"


def offered_times(request: EmergencyRequest, *, now: datetime) -> list[Offer]:
    """Times of today and tomorrow, first those of the emergency pool, then those of the staff's. When there is none,
    those of the next seven days.
    """
    tomorrow = local_day(now, request.consulate.time_zone) + timedelta(days=1)
    end = to_utc(tomorrow + timedelta(days=1), time(0), request.consulate.time_zone)
    found = _times(request, now=now, until=now + LATER, soon_until=end)
    soon = [offer for offer in found if offer.is_soon]
    return soon or found


def _times(request: EmergencyRequest, *, now: datetime, until: datetime, soon_until: datetime) -> list[Offer]:
    free = Q(seats__visible_at__lte=now, seats__withdrawn_at=None)
    free &= Q(seats__until=None) | Q(seats__until__lte=now)
    slots = Slot.objects.open_to_all(now=now).filter(
        consulate=request.consulate_id, starts_at__lt=until, session__procedures=request.procedure_id
    )
    offers: list[Offer] = []
    for pool in POOLS:
        having = slots.annotate(free=Count("seats", filter=free & Q(seats__pool=pool))).filter(free__gte=request.seats)
        offers += [
            Offer(slot, pool, slot.free, is_soon=slot.starts_at < soon_until)
            for slot in having.select_related("session", "consulate").order_by("starts_at", "pk")[:MOST_TIMES]
        ]
    return offers


def queue(*, now: datetime) -> list[EmergencyRequest]:
    """What waits in the offices in scope, least time left first. Without names and without words."""
    waiting = EmergencyRequest.staff.waiting().select_related("consulate", "procedure", "taken_by")
    found = list(waiting.defer("words", "people", "answer"))
    for request in found:
        request.is_late = request.answer_by < now
        request.is_taken = request.taken_until is not None and request.taken_until > now
        request.minutes_left = int((request.answer_by - now).total_seconds() // 60)
    return found


def requests_of(account: User) -> EmergencyQuerySet:
    return (
        EmergencyRequest.objects.filter(account=account)
        .select_related("consulate", "procedure")
        .order_by("-created_at", "pk")
    )
