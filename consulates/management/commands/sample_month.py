from time import perf_counter

from django.core.management.base import BaseCommand

from consulates import sample
from mexitel.utils.time import now


class Command(BaseCommand):
    help = "Publish what is missing of a rolling month of sample sessions for all offices; safe at every start."

    def add_arguments(self, parser):
        parser.add_argument("--days", type=int, default=sample.DAYS, help="how far ahead, from today")

    def handle(self, *args, days, **options):
        started = perf_counter()
        added = sample.fill(now=now(), days=days)
        self.stdout.write(
            f"sample month: {added.sessions} sessions, {added.slots} slots and {added.seats} seats added, "
            f"{added.offered} of them offered ({perf_counter() - started:.1f} s)"
        )
