"""Offices as a table, with the columns of offices.csv and offices_opened_since_2021.csv. New offices only."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from consulates.models import AddressBasis, Consulate
from consulates.places import STATES

from .checks import Check, Wrong, day, look_at_columns, needed
from .reader import Row, Unreadable, read

NEEDED = ("code", "kind", "name_es", "name_en", "city", "state", "latitude", "longitude", "time_zone")
OPTIONAL = ("street_address", "postal_code", "phone", "email", "opened_on", "closed_on", "source")
EXPORTED = (*NEEDED, *OPTIONAL)
TEXTS = (
    "code",
    "kind",
    "name_es",
    "name_en",
    "city",
    "state",
    "time_zone",
    "street_address",
    "postal_code",
    "phone",
    "email",
    "source",
)


def check_offices(content: bytes) -> Check:
    """The offices that the file would make. Nothing is written."""
    check = Check()
    try:
        columns, rows = read(content)
        look_at_columns(columns, needed=NEEDED, known=EXPORTED)
        read_rows = list(rows)
    except Unreadable as error:
        check.refuse(None, error.sentence)
        return check
    check.rows = len(read_rows)
    if not read_rows:
        check.refuse(None, _("The file has a first line with names and nothing below it."))
    known: dict[str, int | None] = dict.fromkeys(Consulate.objects.values_list("code", flat=True))
    for row in read_rows:
        try:
            office = _office(row, known)
        except Wrong as error:
            check.refuse(row.line, str(error))
        else:
            known[office.code] = row.line
            check.made.append((row.line, office))
    return check


def _office(row: Row, known: dict[str, int | None]) -> Consulate:
    code = needed(row, "code")
    if code in known:
        line = known[code]
        if line is None:
            raise Wrong(_("There is an office with the code “%(code)s” already.") % {"code": code})
        raise Wrong(_("Line %(line)s has the same code “%(code)s”.") % {"line": line, "code": code})
    for column in NEEDED:
        needed(row, column)
    if row["state"] not in STATES:
        raise Wrong(_("“%(text)s” is not the code of a state, such as TX.") % {"text": row["state"][:40]})
    office = Consulate(
        **{column: row[column] for column in TEXTS},
        latitude=_degrees(row, "latitude"),
        longitude=_degrees(row, "longitude"),
        opened_on=_day(row, "opened_on"),
        closed_on=_day(row, "closed_on"),
        # Nobody has read the address on an official page: it is not shown until staff say so.
        address_basis=AddressBasis.UNVERIFIED,
    )
    try:
        office.full_clean(validate_unique=False)
    except ValidationError as error:
        raise Wrong(_sentences(error)) from error
    return office


def _sentences(error: ValidationError) -> str:
    return " ".join(
        f"“{column}”: {' '.join(messages)}" if column != "__all__" else " ".join(messages)
        for column, messages in error.message_dict.items()
    )


def _degrees(row: Row, column: str) -> Decimal:
    try:
        number = Decimal(row[column])
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) > 180:
        sentence = _("“%(column)s” must be degrees, not “%(text)s”.")
        raise Wrong(sentence % {"column": column, "text": row[column][:40]})
    return number.quantize(Decimal("0.00001"))


def _day(row: Row, column: str) -> date | None:
    return day(row, column) if row[column] else None


def exported(offices: Iterable[Consulate]) -> Iterator[list[Any]]:
    for office in offices:
        yield [getattr(office, column) for column in EXPORTED]


def summary(office: Consulate) -> dict[str, Any]:
    return {"office": office.code, "name": office.name, "place": f"{office.city}, {office.state}"}
