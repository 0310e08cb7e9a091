"""The reference data of consulates/data, brought into the tables without touching what staff edited."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from .models import AddressBasis, Consulate, Place, PlaceKind, Procedure
from .places import PlaceRow, places_of_the_offices, places_of_the_package

DATA = Path(__file__).resolve().parent / "data"
FEE_YEAR = 2026


@dataclass(frozen=True)
class Loaded:
    created: int
    updated: int
    kept: int


def rows_of(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def load_offices() -> Loaded:
    """The 51 offices of offices.csv."""
    return _load(Consulate, (_office(row) for row in rows_of("offices.csv")))


def load_procedures() -> Loaded:
    """The 30 procedures of services.csv, with our own rules beside them."""
    rules = {row["code"]: row for row in rows_of("procedure_rules.csv")}
    rows = enumerate(rows_of("services.csv"), start=1)
    return _load(Procedure, (_procedure(row, rules[row["code"]], number) for number, row in rows))


@transaction.atomic
def load_places() -> int:
    """Make the table of ZIP codes, towns and states anew; returns how many rows it has."""
    places = {(place.kind, place.key, place.state): place for place in places_of_the_package()}
    towns = {(key, state): place for (kind, key, state), place in places.items() if kind == PlaceKind.TOWN}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '60s'")
    Place.objects.all().delete()
    return _copy_places([*places.values(), *places_of_the_offices(towns)])


def _copy_places(places: Iterable[PlaceRow]) -> int:
    lines = io.StringIO()
    csv.writer(lines).writerows(places)
    lines.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY consulates_place ({', '.join(PlaceRow._fields)}) FROM STDIN (FORMAT csv)", lines)
        return cursor.rowcount


def _load(model: type[Consulate] | type[Procedure], wanted: Iterator[dict[str, Any]]) -> Loaded:
    """Create what is missing; change a field only while it still holds what was loaded last."""
    known = {row.code: row for row in model.objects.all()}
    created = updated = kept = 0
    with transaction.atomic():
        for values in wanted:
            row = known.get(values["code"])
            if row is None:
                model.objects.create(**values, reference=_plain(values))
                created += 1
                continue
            changed, edited = _merge(row, values)
            kept += bool(edited)
            if changed or row.reference != _plain(values):
                row.reference = _plain(values)
                row.save()
                updated += 1
    return Loaded(created, updated, kept)


def _merge(row: Consulate | Procedure, values: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Names of the fields that were brought up to date, and of those that staff had edited."""
    changed, edited = [], []
    now = _plain({name: getattr(row, name) for name in values})
    for name, value in _plain(values).items():
        if now[name] == value:
            continue
        if name in row.reference and now[name] == row.reference[name]:
            setattr(row, name, values[name])
            changed.append(name)
        else:
            edited.append(name)
    return changed, edited


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """As JSON keeps it; numbers by value, so that 101 and 101.00 are the same fee."""
    return {
        name: format(value.normalize(), "f") if isinstance(value, Decimal) else value for name, value in values.items()
    }


def _office(row: dict[str, str]) -> dict[str, Any]:
    copied = (
        "code",
        "kind",
        "name_es",
        "name_en",
        "city",
        "state",
        "street_address",
        "postal_code",
        "time_zone",
    )
    values = {name: row[name] for name in (*copied, "phone", "email", "source")}
    first_word = row["source"].partition(":")[0]
    known = {AddressBasis.VERIFIED, AddressBasis.PARTIAL}
    return values | {
        "latitude": Decimal(row["latitude"]),
        "longitude": Decimal(row["longitude"]),
        "address_basis": first_word if first_word in known else AddressBasis.UNVERIFIED.value,
    }


def _procedure(row: dict[str, str], rule: dict[str, str], number: int) -> dict[str, Any]:
    return {
        **{name: row[name] for name in ("code", "name_es", "name_en", "category", "booking", "fee_note", "source")},
        "duration_minutes": _number(row["typical_duration_minutes"]),
        "min_applicants": _number(row["min_applicants"]) or 1,
        "max_applicants": _number(row["max_applicants"]) or 1,
        "companions": _codes(row["companions"]),
        "requires": _codes(row["requires"]),
        "min_age": _number(rule["min_age"]),
        "max_age": _number(rule["max_age"]),
        "group": rule["group"],
        "how_to": rule["how_to"],
        "fee_usd": Decimal(row["fee_usd_2026"]) if row["fee_usd_2026"] else None,
        "fee_year": FEE_YEAR if row["fee_usd_2026"] else None,
        "fee_source": rule["fee_source"],
        "position": number,
    }


def _number(text: str) -> int | None:
    return int(text) if text else None


def _codes(text: str) -> list[str]:
    return [code for code in text.split(";") if code]
