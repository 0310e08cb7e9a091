"""One record as typed -> the fields that are compared, prepared once."""

import re
import unicodedata
from typing import NamedTuple

from appointments.identities import fold_name

# CURP, RFC and voter key begin with letters of the name and then the birth date; the shortest has 12 letters. A slip
# may have made a digit of a letter, or a letter of a digit.
_FROM_THE_NAME = re.compile(r"(?=.{12})(?=(?:\d?[A-Z]){3})[A-Z0-9]{3,6}\d{2}")
_DATE_PARTS = re.compile(r"\d+")
_STREET_WORDS = frozenset(
    {"CALLE", "AVENIDA", "AV", "AVE", "STREET", "ST", "AVENUE", "ROAD", "RD", "DRIVE", "DR", "NO"}
)


class Record(NamedTuple):
    """A row of RECORDS.csv, every cell as somebody typed it; any of them may be empty."""

    record_id: str
    given_names: str = ""
    surname_1: str = ""
    surname_2: str = ""
    birth_date: str = ""
    sex: str = ""
    document_id: str = ""
    street_number: str = ""
    street: str = ""
    locality: str = ""
    postal_code: str = ""
    state: str = ""


class Person(NamedTuple):
    """A record ready to be compared: folded, without blanks; an empty value is a missing one."""

    record_id: str
    given: str
    given_tokens: tuple[str, ...]
    surname: str
    surname_tokens: tuple[str, ...]
    two_surnames: bool
    birth_date: str
    sex: str
    document: str
    derived: bool
    number: str
    street: str
    locality: str
    postal_code: str
    state: str


def prepare(record: Record) -> Person:
    given = tuple(fold_name(record.given_names))
    first, second = fold_name(record.surname_1), fold_name(record.surname_2)
    document = fold(record.document_id)
    return Person(
        record_id=record.record_id,
        given="".join(given),
        given_tokens=given,
        surname="".join(first + second),
        surname_tokens=tuple(first + second),
        two_surnames=bool(first and second),
        birth_date=fold_date(record.birth_date),
        sex=fold(record.sex)[:1],
        document=document,
        derived=is_derived(document),
        number=fold(record.street_number),
        street=fold_street(record.street),
        locality=fold(record.locality),
        postal_code=fold(record.postal_code),
        state=fold(record.state),
    )


def fold(text: str) -> str:
    """Upper-case letters and digits, accents off, everything else away."""
    if not text.isascii():
        text = "".join(mark for mark in unicodedata.normalize("NFKD", text) if not unicodedata.combining(mark))
    return "".join(filter(str.isalnum, text)).upper()


def fold_street(text: str) -> str:
    words = [fold(word) for word in text.split()]
    return "".join(word for word in words if word not in _STREET_WORDS) or "".join(words)


def fold_date(text: str) -> str:
    """The digits, year first; empty when the text is no date.

    Reads 19870304, 1987-03-04 (with a time behind it or not) and, as Mexico writes, 04/03/1987. What the calendar does
    not have, a digit lost or gained included, is kept: a slip of the finger should still resemble what was meant.
    """
    digits = "".join(text.split())
    if digits.isdecimal():
        return digits if len(digits) in (7, 8, 9) else ""
    parts = _DATE_PARTS.findall(text)[:3]
    if len(parts) < 3:
        return ""
    year, month, day = parts if len(parts[0]) == 4 else parts[::-1]
    return f"{year}{month:0>2}{day:0>2}" if len(year) == 4 and len(month) <= 2 >= len(day) else ""


def is_derived(document: str) -> bool:
    """Whether the document only repeats name, birth date and sex, so that those of twins are nearly equal."""
    return _FROM_THE_NAME.match(document) is not None
