"""How long a freed seat may rest, said anew and apart from the SQL that draws it (docs/adr/0032)."""

from datetime import datetime, time, timedelta

from consulates.calendars import zone

MINUTE = timedelta(minutes=1)
# No freed seat rests longer: from 21 in the evening until noon.
LONGEST = timedelta(hours=15)


def could_be_seen(at: datetime, *, freed: datetime, starts_at: datetime, time_zone: str) -> bool:
    """Whether a seat of a session at ``starts_at`` that was freed at ``freed`` may come back at ``at``."""
    if starts_at < freed + timedelta(days=1):
        return 5 * MINUTE <= at - freed <= 30 * MINUTE
    here = zone(time_zone)
    first, last = (moment.astimezone(here) for moment in (freed + 15 * MINUTE, freed + 240 * MINUTE))
    by_day = first <= at <= last and time(8) <= at.astimezone(here).time() < time(21)
    morning = (last + timedelta(hours=3)).date()
    since_eight = at - datetime.combine(morning, time(8), here)
    is_night_possible = first.time() < time(8) or last.time() >= time(21) or last.date() > first.date()
    return by_day or (is_night_possible and 15 * MINUTE <= since_eight <= 240 * MINUTE)
