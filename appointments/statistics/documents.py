"""What the pages and the API show, as JSON that is made once for everybody: numbers as published, nothing exact.

``overview`` of the network or an office has its months, its weeks, its records and the sessions held; ``month`` has the
parts of one month.
"""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta

from django.http import Http404

from appointments.models import FrozenMonth, SupplyFact
from appointments.statistics import figures
from appointments.statistics.figures import Row, Rows, Scope
from consulates.models import Consulate, Procedure

WEEKS = 26
# Of which the highest month is told, and the whole network's only where it has something to say.
RECORDS = ("kept", "booked", "offered", "sessions_held")
BEGINNING, END = date(2000, 1, 1), date(2999, 12, 31)


class NoFigures(Http404):
    """No such office, or no day of that month has been reckoned."""


def overview(code: str | None, *, now: datetime) -> bytes:
    """Raises NoFigures."""
    office = _office(code)
    scope = Scope(BEGINNING, END, office.pk if office else None)
    months = figures.rows(scope, "month")
    document = {
        "made_at": now.isoformat(timespec="seconds"),
        "office": _names(office) if office else None,
        "is_sample": any(row.get("is_sample") for row in months.values()),
        "months": _months(months),
        "weeks": _weeks(scope, now) if months else [],
        "records": _records(months),
        "held": _held(scope) if months else None,
    }
    if office is None:
        document["offices"] = [_names(one) for one in Consulate.objects.real().order_by("state", "city")]
    return _json(document)


def _months(months: Rows) -> list[Row]:
    frozen = {f"{month:%Y-%m}" for month in FrozenMonth.objects.values_list("month", flat=True)} if months else set()
    return [
        {"month": key, "is_frozen": key in frozen, **figures.published(row)}
        for key, row in months.items()
        if "nominal" in row
    ]


def _weeks(scope: Scope, now: datetime) -> list[Row]:
    """The last ones, from a Monday on."""
    since = (now - timedelta(weeks=WEEKS)).date()
    weeks = figures.rows(replace(scope, first=since - timedelta(days=since.weekday())), "week")
    return [{"week": key, **figures.published(row)} for key, row in weeks.items() if "nominal" in row]


def month(code: str | None, text: str, *, now: datetime) -> bytes:
    """``text`` is YYYY-MM. Raises NoFigures."""
    office, first = _office(code), _first(text)
    scope = Scope.month(first, office.pk if office else None)
    totals = figures.rows(scope, "all").get("all", {})
    if "nominal" not in totals:
        raise NoFigures
    frozen = FrozenMonth.objects.filter(month=first).first()
    names = {one.code: one for one in Procedure.objects.all()}
    document = {
        "made_at": now.isoformat(timespec="seconds"),
        "month": text,
        "office": _names(office) if office else None,
        "is_sample": totals["is_sample"],
        "frozen_at": frozen.frozen_at.isoformat(timespec="seconds") if frozen else None,
        "sha256": frozen.files if frozen else {},
        "totals": figures.published(totals),
        "kinds": _list("kind", figures.rows(scope, "kind")),
        "procedures": [
            {"code": key, "name_es": names[key].name_es, "name_en": names[key].name_en, **figures.published(row)}
            for key, row in figures.rows(scope, "procedure").items()
        ],
        "channels": _list("channel", figures.rows(scope, "channel")),
        "days": _list("day", figures.rows(scope, "day")),
    }
    if office is None:
        of_offices = figures.rows(scope, "office")
        document["offices"] = [
            _names(one) | figures.published(of_offices[one.code])
            for one in Consulate.objects.real().order_by("state", "city")
            if "nominal" in of_offices.get(one.code, {})
        ]
    return _json(document)


def _office(code: str | None) -> Consulate | None:
    if code is None:
        return None
    found = Consulate.objects.real().filter(code=code).first()
    if found is None:
        raise NoFigures
    return found


def _first(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise NoFigures from None


def _names(office: Consulate) -> Row:
    return {
        "code": office.code,
        "name_es": office.name_es,
        "name_en": office.name_en,
        "city": office.city,
        "state": office.state,
    }


def _list(name: str, found: Rows) -> list[Row]:
    return [{name: key, **figures.published(row)} for key, row in found.items()]


def _records(months: Rows) -> list[Row]:
    """The month with the most of each, the earliest of equals; none where a number is not told exactly enough."""
    found = []
    for code in RECORDS:
        numbers = {key: figures.published(row).get(code) for key, row in months.items()}
        told = {key: value for key, value in numbers.items() if isinstance(value, int) and value}
        if told:
            best = max(sorted(told), key=lambda key: told[key])
            found.append({"measure": code, "month": best, "value": told[best]})
    return found


def _held(scope: Scope) -> Row | None:
    """Sessions held by kind in the year of the last fact."""
    facts = SupplyFact.objects.all()
    if scope.office:
        facts = facts.filter(consulate_id=scope.office)
    last = facts.order_by("-day").values_list("day", flat=True).first()
    if last is None:
        return None
    first = date(last.year, 1, 1)
    kinds = figures.rows(Scope(first, last, scope.office), "kind")
    shown = {key: {code: row[code] for code in ("sessions", "sessions_held")} for key, row in kinds.items()}
    return {"from": first.isoformat(), "until": last.isoformat(), "kinds": shown}


def _json(document: Row) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
