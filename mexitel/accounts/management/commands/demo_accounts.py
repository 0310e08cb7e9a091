from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mexitel.accounts import demo
from mexitel.utils.time import now


class Command(BaseCommand):
    help = "Make the demo accounts of the embedded run (invented people); refuses to run anywhere else."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--print", action="store_true", help="print addresses, passwords and current codes")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            demo.make(now=now())
        except demo.NotEmbedded as error:
            raise CommandError(str(error)) from error
        if options["print"]:
            self._print()

    def _print(self) -> None:
        codes = {shown.email: shown.code for shown in demo.current_codes()}
        for person in demo.DEMOS:
            how = "code by e-mail, see /mensajes/"
            if person.staff:
                how = f"/personal/entrar/  password {demo.password_of(person)}  code now {codes[person.email]}"
            self.stdout.write(f"{person.email:34} {person.role:38} {how}")
