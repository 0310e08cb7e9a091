"""Facts added up: by month, week, day, office, kind of session, procedure or channel. Exact, so not for the public.

``published`` of a row is what documents and files give away (privacy.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection

from appointments.statistics import privacy
from appointments.statistics.definitions import SUPPLY, USE

Row = dict[str, Any]
Rows = dict[str, Row]
# How a fact finds its group; the key of a group is text, so that every machine sorts and writes it alike.
KEYS = {
    "all": "'all'",
    "month": "to_char(fact.day, 'YYYY-MM')",
    "week": "to_char(date_trunc('week', fact.day), 'YYYY-MM-DD')",
    "day": "to_char(fact.day, 'YYYY-MM-DD')",
    "office": "office.code",
    "kind": "fact.kind",
    "procedure": "procedure.code",
    "channel": "fact.channel",
}
OF_SUPPLY = {"all", "month", "week", "day", "office", "kind"}
OF_WAITS = {"all", "month", "office", "procedure"}
JOINS = {
    "office": " JOIN consulates_consulate office ON office.id = fact.consulate_id",
    "procedure": " JOIN consulates_procedure procedure ON procedure.id = fact.procedure_id",
}
NOTHING_FREE = 32767
BETWEEN = "fact.day BETWEEN %(first)s AND %(last)s AND (%(office)s::bigint IS NULL OR fact.consulate_id = %(office)s)"


def last_day(month: date) -> date:
    """Of the month that begins on ``month``."""
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)


@dataclass(frozen=True)
class Scope:
    """The days from ``first`` to ``last``, both included, of one office or of all."""

    first: date
    last: date
    office: int | None = None

    @classmethod
    def month(cls, first: date, office: int | None = None) -> "Scope":
        return cls(first, last_day(first), office)


def rows(scope: Scope, *keys: str) -> Rows:
    """Sums for each value of ``keys`` (joined by a slash).

    Each has the columns that exist at this grain; ``offered`` of a procedure is what it could have used. At most three
    queries.
    """
    asked = {"first": scope.first, "last": scope.last, "office": scope.office, "nothing": NOTHING_FREE}
    found: Rows = {}
    if set(keys) <= OF_SUPPLY:
        _merge(found, _sums("supplyfact", keys, (*SUPPLY, "is_sample"), asked))
    if "procedure" in keys and "channel" not in keys:
        _merge(found, _sums("offerfact", keys, ("offered",), asked))
    _merge(found, _sums("usefact", keys, (*USE, "lead_days"), asked))
    if set(keys) <= OF_WAITS:
        _merge(found, _waits(keys, asked))
    return dict(sorted(found.items()))


def _sums(table: str, keys: tuple[str, ...], columns: tuple[str, ...], asked: Mapping) -> Rows:
    sums = [f"bool_or(fact.{one})" if one == "is_sample" else f"sum(fact.{one})::bigint" for one in columns]
    return _read(f"appointments_{table}", keys, dict(zip(columns, sums, strict=True)), asked)


WAITS = {
    "wait_days_median": "percentile_disc(0.5) WITHIN GROUP (ORDER BY coalesce(fact.days, %(nothing)s))",
    "looks": "count(*)",
    "looks_in_vain": "count(*) FILTER (WHERE fact.days IS NULL)",
}
ANY_PROCEDURE = "(SELECT day, consulate_id, min(days) AS days FROM appointments_waitfact GROUP BY day, consulate_id)"


def _waits(keys: tuple[str, ...], asked: Mapping) -> Rows:
    """A look at an office counts once, with whatever was free the soonest; by procedure, once for each."""
    looks = "appointments_waitfact" if "procedure" in keys else ANY_PROCEDURE
    return _read(looks, keys, WAITS, asked)


def _read(table: str, keys: tuple[str, ...], columns: Mapping[str, str], asked: Mapping) -> Rows:
    statement = (
        f"SELECT {', '.join([KEYS[key] for key in keys] + list(columns.values()))}"  # noqa: S608 (names of this module)
        f" FROM {table} fact{''.join(JOINS.get(key, '') for key in keys)}"
        f" WHERE {BETWEEN} GROUP BY {', '.join(str(place + 1) for place in range(len(keys)))}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        found = cursor.fetchall()
    return {"/".join(row[: len(keys)]): dict(zip(columns, row[len(keys) :], strict=True)) for row in found}


def _merge(into: Rows, more: Rows) -> None:
    for key, columns in more.items():
        into.setdefault(key, {}).update(columns)


def published(row: Row) -> Row:
    """As everybody may see it; a column that does not exist at this grain is missing, zero is zero."""
    shown: Row = {code: privacy.published(code, row.get(code, 0)) for code in USE}
    shown |= {code: row[code] for code in SUPPLY if code in row}
    booked = shown["booked"]
    if isinstance(booked, int) and booked:
        shown["lead_days_mean"] = round(row["lead_days"] / row["booked"], 1)
    if looks := row.get("looks"):
        median = row["wait_days_median"]
        shown["wait_days_median"] = None if median == NOTHING_FREE else median
        shown["looks_without_place"] = privacy.share(row["looks_in_vain"], looks)
    if "nominal" in row:
        shown["capacity_opened"] = privacy.share(row["offered"] + row["reserved"], row["nominal"])
        shown["capacity_used"] = privacy.share(booked, row["nominal"])
    return shown
