import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from antifraud.oversight.rules import draft
from antifraud.rulesets import FOLDER, newest
from mexitel.accounts.models import User
from mexitel.utils.time import now


class Command(BaseCommand):
    help = "Draft the newest rule set of the code, to be rehearsed on the staff pages and agreed to by a second person."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("author", help="e-mail of the member of staff whose draft it is")

    def handle(self, *args: Any, author: str, **options: Any) -> None:
        by = User.objects.filter(is_staff=True, email__iexact=author).first()
        if by is None:
            raise CommandError(f"nobody on the staff has the address {author}")
        data = json.loads((FOLDER / f"ruleset-{newest()}.json").read_text(encoding="utf-8"))
        note = f"Conjunto {newest()} del programa."
        made = draft(data=data, note=note, by=by, now=now())
        self.stdout.write(f"rule set {made.number} drafted; rehearse it and have a colleague agree on the staff pages")
