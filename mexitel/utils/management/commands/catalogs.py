"""``manage.py catalogs`` compiles; ``--check`` says what is missing; ``--extract <room>`` adds new texts."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from mexitel.utils import catalogs


class Command(BaseCommand):
    help = "Compile the Spanish catalogues; --check what is missing; --extract ROOM new texts into its .po file."
    requires_system_checks: list = []

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--check", action="store_true", help="fail when a text is missing, fuzzy or wrong")
        parser.add_argument("--extract", metavar="ROOM", choices=sorted(catalogs.ROOMS))
        parser.add_argument("--unused", action="store_true", help="list translations that nothing uses")

    def handle(self, *args: Any, **options: Any) -> None:
        base = Path(settings.BASE_DIR)
        if room := options["extract"]:
            added, dropped = catalogs.update(base, room)
            self.stdout.write(f"{room}.po: {added} new, {dropped} dropped.")
        if options["unused"]:
            self.stdout.write("\n".join(catalogs.unused(base)) or "Nothing unused.")
        if options["check"] and (problems := catalogs.check(base)):
            raise CommandError("\n".join(problems))
        count = catalogs.compile_catalogs(base)
        self.stdout.write(f"{count} Spanish texts compiled.")
