"""What everybody may know of a queue: how far it is, what is left, how fast it goes.

Counted from PostgreSQL, kept in Redis for seconds, and written to one small file that thousands of pages look at.
"""

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import connection

from appointments.queueing.pace import poll_seconds, spread_seconds
from consulates.models import Release, ReleaseState
from consulates.models.slot import FREE_SEAT_SQL, OPEN_SLOT_SQL, PUBLIC_SEAT_SQL

# Older facts are counted anew by whoever needs them.
FRESH = timedelta(seconds=10)
SPEED_OVER = timedelta(minutes=5)


@dataclass(frozen=True)
class Facts:
    """``phase``: joining, drawing, calling, full, open or cancelled. ``called_to`` is the last rank that was called.

    ``free`` seats anybody may choose, ``phone_free`` those that only callers may; ``back`` are held or rest and may
    come back. ``people`` is the last rank, before the draw how many have joined (None while nobody asks).
    """

    phase: str
    at: float
    called_to: int = 0
    phone_called_to: int = 0
    free: int = 0
    phone_free: int = 0
    back: int = 0
    people: int = 0
    called_a_minute: float = 0.0

    @property
    def waiting(self) -> int:
        return max(0, self.people - self.called_to)

    def is_fresh(self, *, now: datetime) -> bool:
        return now.timestamp() - self.at < FRESH.total_seconds()


def phase_of(release: Release, *, ranked: bool, left: int, now: datetime) -> str:
    """``left``: seats that are free, held or resting."""
    if release.state == ReleaseState.CANCELLED:
        return "cancelled"
    if release.opens_to_all_at is not None and release.opens_to_all_at <= now:
        return "open"
    if now < release.opens_at:
        return "joining"
    if not ranked:
        return "drawing"
    return "calling" if left else "full"


# A seat that is held or rests ends before its time begins; one that is booked lasts until its session ends.
SEATS = f"""
SELECT count(*) FILTER (WHERE {PUBLIC_SEAT_SQL}),
       count(*) FILTER (WHERE seat.pool = 'phone' AND slot.phone_until > %(now)s
                        AND {OPEN_SLOT_SQL} AND {FREE_SEAT_SQL}),
       count(*) FILTER (WHERE seat.withdrawn_at IS NULL AND seat.pool IN ('public', 'phone') AND slot.closed_at IS NULL
                        AND (seat.until > %(now)s AND seat.until < slot.starts_at
                             OR seat.visible_at > %(now)s
                                AND seat.visible_at < least(slot.starts_at, slot.opens_to_all_at)))
FROM consulates_session session
JOIN consulates_slot slot ON slot.session_id = session.id AND slot.starts_at > %(now)s
JOIN consulates_seat seat ON seat.slot_id = slot.id
WHERE session.release_id = %(release)s AND session.status = 'published'
"""  # noqa: S608 (constants of this project)

LINE = """
SELECT d.ranked_at IS NOT NULL, d.called_to, d.phone_called_to,
       CASE WHEN d.ranked_at IS NULL
            THEN (SELECT count(*) FROM appointments_queueticket t WHERE t.release_id = d.release_id)
            ELSE (SELECT coalesce(max(t.rank), 0) FROM appointments_queueticket t WHERE t.release_id = d.release_id)
       END,
       lately.called, extract(epoch FROM %(now)s - lately.first)::float
FROM appointments_queuedesk d
CROSS JOIN LATERAL (
    SELECT count(*) AS called, min(admitted_at) AS first FROM appointments_queueticket t
    WHERE t.release_id = d.release_id AND t.admitted_at > %(since)s
) AS lately
WHERE d.release_id = %(release)s
"""


def count(release: Release, *, now: datetime) -> Facts:
    """From PostgreSQL. Two queries."""
    asked: dict[str, Any] = {"release": release.pk, "now": now, "since": now - SPEED_OVER}
    with connection.cursor() as cursor:
        cursor.execute(SEATS, asked)
        free, phone_free, back = cursor.fetchone()
        cursor.execute(LINE, asked)
        ranked, to, phone_to, people, called, seconds = cursor.fetchone() or (False, 0, 0, 0, 0, None)
    return Facts(
        phase=phase_of(release, ranked=ranked, left=free + phone_free + back, now=now),
        at=now.timestamp(),
        called_to=to,
        phone_called_to=phone_to,
        free=free,
        phone_free=phone_free,
        back=back,
        people=people,
        called_a_minute=called / max(1.0, (seconds or 0.0) / 60),
    )


def publish(release: Release, *, now: datetime) -> Facts:
    """Count, and tell it where pages look."""
    facts = count(release, now=now)
    cache.set(_key(release.pk), asdict(facts), timeout=60)
    with suppress(OSError):  # a disk that is full or not ours: the view answers from the facts themselves
        _write(path_of(release.pk), facts)
    return facts


def kept(release_id: int) -> Facts | None:
    """What was told last, however old: from Redis, or else from the file. None when neither knows."""
    found = cache.get(_key(release_id))
    if found:
        return Facts(**found)
    with suppress(OSError, ValueError, TypeError):
        told = json.loads(path_of(release_id).read_bytes())
        return Facts(**{name: told[name] for name in Facts.__dataclass_fields__ if name in told})
    return None


def facts_of(release: Release, *, now: datetime) -> Facts:
    """What was told in the last seconds, else counted anew, once for all who come in the next."""
    found = kept(release.pk)
    return found if found and found.is_fresh(now=now) else publish(release, now=now)


def as_json(facts: Facts) -> bytes:
    """What the pages read, with how often they look (``again``), and over how many seconds they spread what they all
    have to ask for themselves (``spread``).
    """
    told = asdict(facts) | {"again": poll_seconds(waiting=facts.waiting), "spread": spread_seconds(people=facts.people)}
    return json.dumps(told, separators=(",", ":")).encode()


def path_of(release_id: int) -> Path:
    return Path(settings.QUEUE_DIR) / f"{release_id}.json"


def _write(path: Path, facts: Facts) -> None:
    """In one step: nobody reads half a file. It is as old as what it says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_bytes(as_json(facts))
    os.utime(part, (facts.at, facts.at))
    part.replace(path)


def _key(release_id: int) -> str:
    return f"queue.facts.{release_id}"
