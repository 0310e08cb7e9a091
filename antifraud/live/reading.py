"""The ledger of appointments and the sightings as one stream that loses nothing and gives nothing twice.

Rows are numbered when they are written and seen when they are committed, so a reader that follows numbers or clocks
passes over whoever commits late. Both tables say which transaction wrote a row (``tx``): everything below the oldest
transaction that is still open stands still, and is read in the order (tx, stream, row). The position moves in the
transaction that keeps what was made of the rows.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction

from antifraud.models import ReadUpTo

MEMORY = "memory"
LEDGER, SIGHTINGS = 0, 1
LAST_ROW = 2**63 - 1
CHUNK = 2000


class Position(NamedTuple):
    tx: int = 0
    stream: int = LEDGER
    row: int = 0


class Row(NamedTuple):
    """One fact. ``subject`` is a hold's or an appointment's id, of a sighting its appointment, if it has one."""

    tx: int
    stream: int
    id: int
    at: datetime
    kind: str
    subject: UUID | None
    account_id: int | None
    channel: str
    detail: dict[str, Any]

    @property
    def position(self) -> Position:
        return Position(self.tx, self.stream, self.id)


FACTS = {
    LEDGER: "SELECT tx, 0 AS stream, id, at, kind, subject, account_id, channel, detail FROM appointments_event",
    SIGHTINGS: "SELECT tx, 1 AS stream, id, at, kind, appointment_id, account_id, '', detail FROM antifraud_sighting",
}
NEXT = " UNION ALL ".join(
    f"({facts} WHERE (tx, id) > (%s::text::xid8, %s) AND tx < %s::text::xid8 ORDER BY tx, id LIMIT %s)"
    for facts in FACTS.values()
)
EVERYTHING = " UNION ALL ".join(f"({facts} WHERE tx < %s::text::xid8)" for facts in FACTS.values())
COLUMNS = "tx::text::bigint, stream, id, at, kind, subject, account_id, channel, detail::text"


def settled_below() -> int:
    """Every transaction below this one has ended: no row with a lower ``tx`` will ever appear."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return cursor.fetchone()[0]


def restamp() -> int:
    """After a restore from a dump rows carry another cluster's numbers: those that lie ahead are given today's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT restamp_facts()")
        return cursor.fetchone()[0]


def read_next(after: Position, *, below: int, limit: int) -> list[Row]:
    """Up to ``limit`` rows behind ``after`` by transactions below ``below``, in the order of reading."""
    values: list[Any] = []
    for stream in FACTS:
        # A stream that stands before the position's in one transaction was read to that transaction's end.
        row = after.row if stream == after.stream else LAST_ROW if stream < after.stream else -1
        values += [str(after.tx), row, str(below), limit]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {COLUMNS} FROM ({NEXT}) AS facts ORDER BY 1, 2, 3 LIMIT %s", [*values, limit])  # noqa: S608
        return [_row(found) for found in cursor.fetchall()]


def read_everything(*, below: int) -> Iterator[list[Row]]:
    """All of it in the order of time, some thousands at once. Runs in a transaction of its caller's."""
    statement = f"SELECT {COLUMNS} FROM ({EVERYTHING}) AS facts ORDER BY at, 1, 2, 3"  # noqa: S608
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(statement, [str(below)] * len(FACTS))
        while rows := cursor.fetchmany(CHUNK):
            yield [_row(found) for found in rows]


def position() -> Position:
    """Where the engine stands; its row is locked until the transaction ends."""
    place, _ = ReadUpTo.objects.select_for_update().get_or_create(name=MEMORY)
    return Position(place.tx, place.stream, place.row)


def move_to(place: Position) -> None:
    ReadUpTo.objects.update_or_create(name=MEMORY, defaults=place._asdict())


def _row(found: tuple) -> Row:
    return Row._make((*found[:-1], json.loads(found[-1])))
