"""How long the waiting list keeps what."""

from datetime import timedelta

from mexitel.utils.retention_rule import Rule

WAITING = [
    Rule(
        table="appointments_waitingperson",
        column="ended_at",
        parent=("appointments_waitingentry", "entry_id"),
        after=timedelta(days=7),
        action="delete",
        why="For whom somebody waited says nothing once the place in the list is over; a week answers a question.",
    ),
    Rule(
        table="appointments_waitingkey",
        column="until",
        after=timedelta(days=1),
        action="delete",
        why="A key that is past keeps nobody from joining.",
    ),
    Rule(
        table="appointments_waitingentry",
        column="ended_at",
        after=timedelta(days=7),
        action="blank",
        values={"near": "''", "latitude": "0", "longitude": "0", "call_reference": "''"},
        only="miles IS NOT NULL AND (near <> '' OR call_reference <> '')",
        why="Where somebody lives served the search.",
    ),
    Rule(
        table="appointments_waitingofferseat",
        column="made_at",
        parent=("appointments_waitingoffer", "offer_id"),
        after=timedelta(days=90),
        action="delete",
        why="Goes before its offer.",
    ),
    Rule(
        table="appointments_waitingoffer",
        column="made_at",
        after=timedelta(days=90),
        action="delete",
        only="outcome <> ''",
        why="A season answers a complaint about who was served.",
    ),
    Rule(
        table="appointments_waitingreturn",
        column="at",
        after=timedelta(days=30),
        action="delete",
        why="Why a seat went to the public; the seat is long given.",
    ),
    Rule(
        table="appointments_waitingskip",
        column="last_at",
        after=timedelta(days=90),
        action="delete",
        why="A season answers a complaint about who was served.",
    ),
    Rule(
        table="appointments_waitingentry",
        column="ended_at",
        after=timedelta(days=365),
        action="delete",
        only="NOT EXISTS (SELECT FROM appointments_waitingoffer o WHERE o.entry_id = chosen.id)"
        " AND NOT EXISTS (SELECT FROM appointments_waitingperson p WHERE p.entry_id = chosen.id)"
        " AND NOT EXISTS (SELECT FROM appointments_waitingkey k WHERE k.entry_id = chosen.id)"
        " AND NOT EXISTS (SELECT FROM appointments_waitingskip s WHERE s.entry_id = chosen.id)",
        why="A year of who waited how long, without names.",
    ),
    Rule(
        table="appointments_waitingday",
        column="committed_at",
        after=timedelta(days=2 * 365),
        action="delete",
        why="Anybody can recompute the order of the last two years.",
    ),
]
