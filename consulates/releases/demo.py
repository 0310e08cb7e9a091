"""Releases of the embedded run: one of each mode in the next days, and a queue that opens minutes after each start."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta

from django.db import transaction

from consulates import wording
from consulates.calendars import zone
from consulates.models import Consulate, Gate, Release
from mexitel.accounts.models import User

from .approving import approve, seal_of
from .drafting import choose_sessions, releasable, save_draft
from .errors import NothingToRelease
from .moments import Terms, moments_of
from .numbers import offices_of

# By mode: the name, where, and how many sessions.
COMING = (
    (Gate.OPEN, "Lugares de la quincena", "Places of the fortnight", ("sacramento", "fresno", "san-diego"), 4),
    (Gate.QUEUE, "Jornada con fila sorteada", "Opening with a drawn queue", ("houston", "dallas", "chicago"), 3),
    (Gate.DRAW, "Sorteo de lugares", "Draw of places", ("los-angeles", "san-francisco", "phoenix"), 3),
)
SOON = ("Fila para probar", "Queue to try out", ("atlanta", "miami", "denver", "new-york", "boston", "austin"), 1)
OPENS_AFTER = timedelta(minutes=10)


def make(users: dict[str, User], now: datetime) -> None:
    """Each unless one of that name is coming or no session of the sample waits for it."""
    hour, day = time(13, 30), (now + timedelta(days=3)).date()
    for mode, name, name_en, codes, number in COMING:
        terms = Terms(name=name, name_en=name_en, mode=mode, day=day, hour=hour, phone_share=10, phone_for=_hours(24))
        if mode != Gate.OPEN:
            terms = replace(terms, joins_before=_hours(2), gate_for=_hours(72 if mode == Gate.DRAW else 24))
        announce(terms, codes, number, users, now)
    _announce_soon(users, now)


def _announce_soon(users: dict[str, User], now: datetime) -> None:
    name, name_en, codes, number = SOON
    office = office_with_sessions(codes, number, now)
    if office is None:
        return
    local = (now + OPENS_AFTER).astimezone(zone(office.time_zone))
    terms = Terms(
        name=name, name_en=name_en, mode=Gate.QUEUE, day=local.date(), hour=time(local.hour, local.minute),
        joins_before=_hours(1), gate_for=_hours(12), phone_share=10, phone_for=_hours(6),
    )  # fmt: skip
    announce(terms, [office.code], number, users, now)


def announce(terms: Terms, codes: Sequence[str], number: int, users: dict[str, User], now: datetime) -> Release | None:
    """As staff do it: written by one, approved by another. None while one of that name is coming, or nothing waits."""
    is_coming = Release.objects.to_come(now=now).filter(name=terms.name).exists()
    office = None if is_coming else office_with_sessions(codes, number, now)
    if office is None:
        return None
    if terms.mode == Gate.DRAW:  # it takes applications at once
        opens_at = moments_of(terms, {office.pk: office.time_zone}).first
        terms = replace(terms, joins_before=opens_at - now.replace(second=0, microsecond=0))
    try:
        with transaction.atomic():
            draft = save_draft(terms, offices=[office], by=users["planner"], now=now)
            ids = list(_waiting(office, now).values_list("pk", flat=True)[:number])
            choose_sessions(draft, chosen=ids, among=ids, by=users["planner"], now=now)
            sessions = list(draft.sessions.all())
            shown = seal_of(draft, sessions, offices_of(draft, sessions))
            approve(draft, shown=shown, by=users["network_coordinator"], now=now)
    except NothingToRelease:
        return None  # the sample has no places that day (a capacity factor of nothing): the next start tries again
    return draft


def office_with_sessions(codes: Sequence[str], number: int, now: datetime) -> Consulate | None:
    offices = {office.code: office for office in Consulate.objects.real().filter(code__in=codes)}
    for code in codes:
        if code in offices and _waiting(offices[code], now)[:number].count() == number:
            return offices[code]
    return None


def _waiting(office: Consulate, now: datetime):
    """Sessions of two weeks later on, all of whose places are still to open."""
    later = wording.local_day(now, office.time_zone) + timedelta(days=10)
    return releasable(now=now).filter(consulate=office, kind="weekday", date__gte=later)


def _hours(number: int) -> timedelta:
    return timedelta(hours=number)
