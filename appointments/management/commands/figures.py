"""The public figures by hand: make days of open months anew from the ledger, or check every frozen month.

python3 manage.py figures make --from 2026-11-01 --to 2026-11-30
python3 manage.py figures check
"""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError

from appointments.models import FrozenMonth
from appointments.statistics import facts, freezing


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["make", "check"])
        parser.add_argument("--from", dest="first", type=date.fromisoformat)
        parser.add_argument("--to", dest="last", type=date.fromisoformat)

    def handle(self, *, what: str, first: date | None, last: date | None, **options: Any) -> None:
        if what == "check":
            self.check_all()
        elif first is None or last is None or first > last:
            raise CommandError("make needs --from and --to, in this order")
        else:
            self.make(first, last)

    def make(self, first: date, last: date) -> None:
        try:
            rows = facts.make(facts.all_office_days(first, last))
        except IntegrityError as error:
            raise CommandError(f"some of these days are frozen; days before them were made: {error}") from error
        self.stdout.write(f"{rows} rows of supply from {first} to {last}")

    def check_all(self) -> None:
        wrong = 0
        for frozen in FrozenMonth.objects.order_by("month"):
            found = freezing.check(frozen)
            wrong += bool(found)
            self.stdout.write(f"{frozen.month:%Y-%m} {', '.join(found) + ' differ' if found else 'as it was frozen'}")
        if wrong:
            raise CommandError(f"{wrong} months are not what was published")
