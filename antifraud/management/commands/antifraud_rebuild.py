from typing import Any

from django.core.management.base import BaseCommand

from antifraud.live.rebuild import rebuild_portal
from mexitel.utils.time import now


class Command(BaseCommand):
    help = "Make the memory of the rules against brokers again from everything that is kept: nightly, after a restore."

    def handle(self, *args: Any, **options: Any) -> None:
        done = rebuild_portal(now=now())
        self.stdout.write(
            f"{done.appointments} appointments of {done.accounts} bookers, {done.groups} groups, {done.cases} cases"
        )
