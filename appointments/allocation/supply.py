"""What a release has to allot."""

from collections import Counter
from datetime import datetime, time
from zoneinfo import ZoneInfo

from appointments.allocation.dictatorship import Half, Lot
from consulates.models import Pool, Release, Seat, Session

NOON = time(12)


def lots_of(release: Release, *, now: datetime) -> list[Lot]:
    """The public seats of the release that are free to be given, by session and half of the day where it is held.

    The telephone's share is not among them: it is the telephone's until it falls to the public.
    """
    sessions = {session.pk: session for session in release.sessions.published().select_related("consulate")}
    serving = _serving(release)
    starts = (
        Seat.objects.free(now=now)
        .filter(pool=Pool.PUBLIC, slot__session__in=sessions, slot__closed_at=None)
        .values_list("slot__session_id", "slot__starts_at")
    )
    seats = Counter((session, half_of(sessions[session], at)) for session, at in starts)
    return sorted(
        Lot(sessions[key].consulate.code, sessions[key].date, half, key, count, tuple(sorted(serving[key])))
        for (key, half), count in seats.items()
        if serving.get(key)
    )


def half_of(session: Session, starts_at: datetime) -> str:
    """The half of the day, by the clock of the place."""
    local = starts_at.astimezone(ZoneInfo(session.time_zone))
    return Half.MORNING.value if local.time() < NOON else Half.AFTERNOON.value


def _serving(release: Release) -> dict[int, set[str]]:
    """Codes of the release's procedures by session, without those that are suspended there."""
    serving: dict[int, set[str]] = {}
    for procedure in release.procedures.all():
        for session in release.sessions.offering(procedure).values_list("pk", flat=True):
            serving.setdefault(session, set()).add(procedure.code)
    return serving
