from argparse import ArgumentParser
from collections import Counter
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from antifraud.matching.files import BadRecords, read_records, write_pairs
from antifraud.matching.linkage import match_records
from antifraud.matching.records import Record


class Command(BaseCommand):
    help = "Lists which records of a CSV file are, or may be, one person. Formats: antifraud/EVENTS.md, section 3."
    requires_system_checks: list[str] = []  # reads a file and writes a file: no database, no portal

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("records", type=Path, metavar="RECORDS.csv")
        parser.add_argument("--output", type=Path, required=True, metavar="PAIRS.csv")

    def handle(self, *args: Any, records: Path, output: Path, **options: Any) -> None:
        read = self._read(records)
        matches = match_records(read)
        try:
            with output.open("w", encoding="utf-8", newline="") as out:
                write_pairs(matches, out)
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error.strerror}.") from error
        kinds = Counter(match.kind for match in matches)
        self.stdout.write(f"{len(read)} records: {kinds['same']} pairs same, {kinds['possible']} possible")

    def _read(self, path: Path) -> list[Record]:
        try:
            text = path.read_bytes().decode("utf-8-sig")
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            raise CommandError(f"{path} is not UTF-8; the first other byte is in line {line}.") from error
        try:
            return read_records(StringIO(text, newline=""))
        except BadRecords as error:
            raise CommandError(f"{path}: {error}") from error
