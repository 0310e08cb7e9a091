"""RECORDS.csv and PAIRS.csv, the formats of antifraud/EVENTS.md section 3, as lines of text."""

import csv
from collections.abc import Iterable, Iterator
from typing import TextIO

from antifraud.matching.linkage import Match
from antifraud.matching.records import Record

COLUMNS = Record._fields
MOST_CHARACTERS = 1_000  # of one cell; longer is not something that a person typed


class BadRecords(ValueError):
    """RECORDS.csv cannot be used; the text is a sentence for the person who made it."""


def read_records(lines: Iterable[str]) -> list[Record]:
    """Every record of the file; columns in any order, others ignored, any cell but the id may be empty.

    Raises BadRecords with the line's number and what is wrong there.
    """
    rows = csv.reader(lines, strict=True)  # an open quotation mark must not swallow records
    try:
        columns = _columns(next(rows, []))
        return list(_checked(rows, columns))
    except csv.Error as error:
        raise BadRecords(f"Line {rows.line_num} is not CSV: {error}; is a quotation mark wrong?") from error


def _columns(header: list[str]) -> dict[str, int]:
    places = {name.strip(): place for place, name in enumerate(header)}
    if missing := [name for name in COLUMNS if name not in places]:
        raise BadRecords(f"Line 1 must name the columns; missing: {', '.join(missing)}.")
    return {name: places[name] for name in COLUMNS}


def _checked(rows: Iterator[list[str]], columns: dict[str, int]) -> Iterator[Record]:
    first_seen: dict[str, int] = {}
    while (row := next(rows, None)) is not None:
        line = rows.line_num  # type: ignore[attr-defined]
        if not any(row):
            continue
        record = _record(row, columns, line)
        if record.record_id in first_seen:
            earlier = first_seen[record.record_id]
            raise BadRecords(f"Line {line} repeats the record_id {record.record_id!r} of line {earlier}.")
        first_seen[record.record_id] = line
        yield record


def _record(row: list[str], columns: dict[str, int], line: int) -> Record:
    if len(row) <= max(columns.values()):
        raise BadRecords(f"Line {line} has {len(row)} cells, fewer than the header names.")
    record = Record(*(row[place].strip() for place in columns.values()))
    if not record.record_id:
        raise BadRecords(f"Line {line} has no record_id.")
    if any(len(cell) > MOST_CHARACTERS for cell in record):
        raise BadRecords(f"Line {line} has a cell of more than {MOST_CHARACTERS} characters.")
    return record


def write_pairs(matches: Iterable[Match], out: TextIO) -> None:
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(["record_id_a", "record_id_b", "class", "score"])
    rows.writerows([match.record_id_a, match.record_id_b, match.kind, f"{match.score:.2f}"] for match in matches)
