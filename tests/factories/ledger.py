"""What the tables say, for assertions: fingerprints, permits in use, and what must hold after everything."""

from datetime import datetime

from django.db import connection

from appointments.models import Permit
from appointments.scopes import booker_scopes
from mexitel.accounts.models import User

TABLES = [
    "appointments_appointment",
    "appointments_applicant",
    "appointments_applicantclaim",
    "appointments_attendee",
    "appointments_event",
    "appointments_freedseat",
    "appointments_hold",
    "appointments_permit",
    "appointments_scope",
    "consulates_seat",
    "consulates_slot",
    "outbox_message",
]


def rows(sql: str, *values: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def number(sql: str, *values: object) -> int:
    return rows(sql, *values)[0][0]


def fingerprints() -> dict[str, str]:
    """One hash per table over every row; the idempotency table is not among them."""
    return {
        table: rows(f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {table} AS t")[0][0]
        for table in TABLES
    }


def permits_in_use(booker: User, *, now: datetime) -> dict[str, int]:
    """By the kind of the booker's scope."""
    return {
        scope.kind.name.lower(): Permit.objects.filter(
            scope__kind=scope.kind, scope__key=scope.key, until__gt=now
        ).count()
        for scope in booker_scopes(booker)
    }


def assert_books_balance(*, now: datetime) -> None:
    """Permits are what appointments and open holds say they are, and nobody shares a seat."""
    from appointments.services.recount import recount

    difference = recount(now=now)
    assert not difference.any, difference
