"""What a queue needs done, in small steps: promise, seal, draw, give ranks, call the next, tell everybody.

Each step may run twice, in two workers at once, and after it was killed anywhere; what it did stands in PostgreSQL. A
task runs them every two seconds. Pages do as well when what they read is old, so that with every worker dead, or
without Redis, the queue still goes on as long as somebody looks at it.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from appointments.allocation import drawing
from appointments.allocation.errors import DrawingError
from appointments.allocation.tending import due_at
from appointments.models import Drawing, QueueDesk, QueueTicket
from appointments.queueing import facts
from appointments.queueing.pace import Hall, how_many_next
from appointments.queueing.telling import tell_joined
from consulates.models import Gate, Release, ReleaseState

logger = logging.getLogger(__name__)

LOOK_EVERY = timedelta(seconds=1)
# Whoever joined in the last moment has committed by then; who has not stands behind.
SETTLE = timedelta(seconds=2)
COMES_WITHIN = timedelta(minutes=15)
# Somebody called who has not come is reckoned with for so long; later the seat may go, and the place stays.
RECKONED_FOR = timedelta(minutes=5)
REMIND_BEFORE = timedelta(hours=1)
LATELY = timedelta(minutes=2)


def tend_all(*, now: datetime) -> int:
    """Every queue that has something to do; how many were looked at. One that fails does not stop the others."""
    for release_id in cancelled_untold(now=now):
        tell_joined(release_id, now=now)
    looked = 0
    for release in to_tend(now=now):
        try:
            looked += tend(release, now=now)
        except Exception:
            logger.exception("the queue of release %s was not tended", release.pk)
    return looked


def to_tend(*, now: datetime) -> QuerySet[Release]:
    """Under way; or announced and without the office's promise yet; or shortly before the opening."""
    queues = Release.objects.announced(now=now).filter(mode=Gate.QUEUE, opens_to_all_at__gt=now)
    known = Exists(QueueDesk.objects.filter(release=OuterRef("pk")))
    return queues.filter(Q(opens_at__lte=now + REMIND_BEFORE) | ~known)


def cancelled_untold(*, now: datetime) -> list[int]:
    """Whose people have not been told, because whoever cancelled died in between."""
    waits = Exists(QueueTicket.objects.filter(release=OuterRef("pk"), done=""))
    cancelled = Release.objects.filter(waits, state=ReleaseState.CANCELLED, mode=Gate.QUEUE, opens_to_all_at__gt=now)
    return list(cancelled.values_list("pk", flat=True))


def tend(release: Release, *, now: datetime) -> bool:
    """All steps in their order; False when somebody else looked within the last second."""
    if not _is_my_turn(release, now=now):
        return False
    for step in STEPS:
        step(release, now)
    return True


TURN = """
INSERT INTO appointments_queuedesk AS desk (release_id, looked_at, called_to, phone_called_to)
VALUES (%(release)s, %(now)s, 0, 0)
ON CONFLICT (release_id) DO UPDATE SET looked_at = excluded.looked_at WHERE desk.looked_at <= %(before)s
RETURNING true
"""


def _is_my_turn(release: Release, *, now: datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(TURN, {"release": release.pk, "now": now, "before": now - LOOK_EVERY})
        return cursor.fetchone() is not None


@contextmanager
def _at_desk(release: Release) -> Iterator[QueueDesk | None]:
    """The locked desk in a transaction; None while somebody else is at it."""
    with transaction.atomic():
        yield QueueDesk.objects.select_for_update(skip_locked=True).filter(release=release).first()


# -- the order ------------------------------------------------------------------------------------------


def promise(release: Release, now: datetime) -> None:
    """The office's commitment is public before anybody joins."""
    if now < release.opens_at:
        drawing.commit(release, now)


REMIND = """
WITH due AS (
    UPDATE appointments_queueticket SET reminded_at = %(now)s
    WHERE release_id = %(release)s AND remind AND reminded_at IS NULL AND done = '' AND rank IS NULL
    RETURNING id)
INSERT INTO outbox_message (created_at, due_at, kind, payload)
SELECT %(now)s, %(now)s, 'queue.soon', jsonb_build_object('ticket', id) FROM due
"""


def remind(release: Release, now: datetime) -> None:
    """An hour before, to those who asked for it; later ones have just been here."""
    if release.opens_at - REMIND_BEFORE <= now < release.opens_at - REMIND_BEFORE / 2:
        with connection.cursor() as cursor:
            cursor.execute(REMIND, {"release": release.pk, "now": now})


def seal(release: Release, now: datetime) -> None:
    if now < release.opens_at + SETTLE or Drawing.objects.filter(release=release, sealed_at__isnull=False).exists():
        return
    tickets = QueueTicket.objects.filter(release=release).values_list("code", "channel")
    with transaction.atomic(), _patiently():
        drawing.seal(release, [drawing.queue_entry(code, channel) for code, channel in tickets], now)


def draw(release: Release, now: datetime) -> None:
    """The promised round of the beacon. Without it nobody is called; it is asked for again."""
    sealed = Drawing.objects.filter(release=release, sealed_at__isnull=False, drawn_at=None).first()
    if sealed is None or now < due_at(sealed):
        return
    try:
        drawing.take_round(release, now)
    except DrawingError as error:
        logger.warning("the queue of release %s is not drawn yet: %s", release.pk, error.code)


# The order stands in an array; only who has no rank yet is given one, so that a second time changes nothing.
RANKS = """
UPDATE appointments_queueticket t SET rank = placed.rank
FROM unnest(%(codes)s::text[]) WITH ORDINALITY AS placed (code, rank)
WHERE t.release_id = %(release)s AND t.code = placed.code AND t.rank IS NULL
"""


def give_ranks(release: Release, now: datetime) -> None:
    """To everybody of the sealed list, in one statement and once."""
    if not QueueDesk.objects.filter(release=release, ranked_at=None).exists():
        return
    if not Drawing.objects.filter(release=release, drawn_at__isnull=False).exists():
        return
    with _at_desk(release) as desk, _patiently():
        if desk is None or desk.ranked_at:
            return
        codes = [application.code for application in drawing.order_of(release)]
        with connection.cursor() as cursor:
            cursor.execute(RANKS, {"codes": codes, "release": release.pk})
        desk.ranked_at = now
        desk.save(update_fields=["ranked_at"])


@contextmanager
def _patiently() -> Iterator[None]:
    """Inside a transaction: the one statement for everybody takes longer than a person would wait."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '60s'")
    yield


# -- calling --------------------------------------------------------------------------------------------

LATE = """
UPDATE appointments_queueticket t SET rank = %(after)s + late.place
FROM (SELECT id, row_number() OVER (ORDER BY joined_at, id) AS place FROM appointments_queueticket
      WHERE release_id = %(release)s AND rank IS NULL) AS late
WHERE t.id = late.id
"""
LAST = """
SELECT greatest(coalesce(max(t.rank), 0), (SELECT tickets FROM appointments_drawing WHERE release_id = %(release)s))
FROM appointments_queueticket t WHERE t.release_id = %(release)s
"""
BOOKED = """
UPDATE appointments_queueticket t SET done = 'booked', done_at = %(now)s
WHERE t.release_id = %(release)s AND t.admitted_at IS NOT NULL
  AND (t.done = '' OR t.done = 'lapsed' AND t.done_at > %(now)s - interval '1 hour')
  AND EXISTS (SELECT FROM appointments_appointment a JOIN consulates_session s ON s.id = a.session_id
              WHERE a.account_id = t.account_id AND s.release_id = t.release_id AND a.created_at >= t.admitted_at)
"""
LAPSED = """
UPDATE appointments_queueticket t SET done = 'lapsed', done_at = %(now)s
WHERE t.release_id = %(release)s AND t.admitted_at IS NOT NULL AND t.done = '' AND t.admitted_until <= %(now)s
  AND NOT EXISTS (SELECT FROM appointments_hold h
                  WHERE h.account_id = t.account_id AND h.closed_at IS NULL AND h.expires_at > %(now)s)
"""
HALL = """
SELECT count(*) FILTER (WHERE done = '' AND NOT holds AND admitted_until > %(now)s
                        AND (entered_at IS NOT NULL OR admitted_at > %(reckoned)s)),
       count(*) FILTER (WHERE done IN ('booked', 'lapsed')),
       count(*) FILTER (WHERE holds OR done_at > %(lately)s AND done IN ('booked', 'lapsed')),
       (SELECT count(*) FROM appointments_appointment a JOIN consulates_session s ON s.id = a.session_id
        WHERE s.release_id = %(release)s AND a.created_at >= %(opens)s AND a.status <> 'cancelled')
FROM (SELECT t.*, t.done = '' AND EXISTS (
          SELECT FROM appointments_hold h
          WHERE h.account_id = t.account_id AND h.closed_at IS NULL AND h.expires_at > %(now)s) AS holds
      FROM appointments_queueticket t
      WHERE t.release_id = %(release)s AND t.admitted_at IS NOT NULL AND t.channel = ANY (%(channels)s)
        AND t.rank > %(behind)s AND t.rank <= %(after)s) AS called
"""
NEXT = """
WITH next AS (
    SELECT id FROM appointments_queueticket
    WHERE release_id = %(release)s AND rank > %(after)s AND done = '' AND admitted_at IS NULL
      AND channel = ANY (%(channels)s)
    ORDER BY rank LIMIT %(people)s
), called AS (
    UPDATE appointments_queueticket t SET admitted_at = %(now)s, admitted_until = %(until)s
    FROM next WHERE t.id = next.id RETURNING t.id, t.rank
), told AS (
    INSERT INTO outbox_message (created_at, due_at, kind, payload)
    SELECT %(now)s, %(now)s, 'queue.called', jsonb_build_object('ticket', id) FROM called
)
SELECT coalesce(max(rank), %(after)s) FROM called
"""
EVERYBODY = ["web", "api", "phone", "counter"]
CALLERS = ["phone", "counter"]


def call(release: Release, now: datetime) -> None:
    """Note who is done, place whoever came late, and call as many as make sense; all in one transaction."""
    with _at_desk(release) as desk:
        if desk is None or not desk.ranked_at:
            return
        asked: dict[str, Any] = {"release": release.pk, "now": now, "opens": release.opens_at}
        asked |= {"reckoned": now - RECKONED_FOR, "lately": now - LATELY, "until": now + COMES_WITHIN}
        with connection.cursor() as cursor:
            for statement in (BOOKED, LAPSED):
                cursor.execute(statement, asked)
            cursor.execute(LAST, asked)
            [last] = cursor.fetchone()
            cursor.execute(LATE, asked | {"after": last})
            last += cursor.rowcount
            seats = facts.count(release, now=now)
            line = {"channels": EVERYBODY, "behind": 0, "after": desk.called_to}
            desk.called_to = _call(cursor, asked | line, seats.free, last=last)
            # A caller whose turn came with everybody's chooses among everybody's seats, not among the callers'.
            line = {"channels": CALLERS, "behind": desk.called_to, "after": desk.phone_called_to}
            desk.phone_called_to = _call(cursor, asked | line, seats.phone_free, last=last)
        desk.save(update_fields=["called_to", "phone_called_to"])


def _call(cursor: Any, asked: dict, free: int, *, last: int) -> int:
    """The last rank that is called now, of the line that stands in ``asked``."""
    after: int = asked["after"]
    if not free or last <= after:
        return after
    cursor.execute(HALL, asked)
    choosing, ended, lately, taken = cursor.fetchone()
    hall = Hall(free=free, choosing=choosing, waiting=last - after, ended=ended, taken=taken, lately=lately)
    people = how_many_next(hall)
    if not people:
        return after
    cursor.execute(NEXT, asked | {"people": people})
    return cursor.fetchone()[0]


def tell(release: Release, now: datetime) -> None:
    facts.publish(release, now=now)


Step = Callable[[Release, datetime], None]
STEPS: list[Step] = [promise, remind, seal, draw, give_ranks, call, tell]
