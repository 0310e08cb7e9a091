from typing import Any

from django.core.management.base import BaseCommand

from mexitel.outbox.delivery import retry_failed
from mexitel.utils.time import now


class Command(BaseCommand):
    help = "Puts what was given up back in line, once its cause is mended."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{retry_failed(now=now())} put back in line")
