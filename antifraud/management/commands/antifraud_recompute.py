from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from antifraud.oversight.recomputing import different
from mexitel.utils.time import now


class Command(BaseCommand):
    help = "Compute the scores of suspected brokers again from their kept facts and rule sets, and name what differs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, default=30, help="how far back (default 30)")

    def handle(self, *args: Any, days: int, **options: Any) -> None:
        count, wrong = 0, []
        for kept, same in different(since=now() - timedelta(days=days)):
            count += 1
            if not same:
                wrong.append(kept.pk)
        self.stdout.write(f"{count} assessments, {len(wrong)} differ")
        if wrong:
            raise CommandError(f"different: {', '.join(map(str, wrong[:50]))}")
