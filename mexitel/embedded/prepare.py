"""What a visitor of a fresh portal expects to find, made in one process because each start of Django costs a second."""

import time
from io import StringIO

import django
from django.core.management import call_command, get_commands

from mexitel.bootstrap import RUN, say

STEPS = {
    "catalogs": "compiling the message catalogues",
    "load_reference": "loading the offices and procedures",
    "sample_month": "publishing the sample month",
    "demo_accounts": "making the demo accounts",
}


def main() -> None:
    django.setup()
    available = get_commands()
    for command, sentence in STEPS.items():
        if command in available:
            say(sentence)
            started = time.monotonic()
            call_command(command)
            if time.monotonic() - started > 5:
                say(f"done in {time.monotonic() - started:.0f} s")
    (RUN / "commands.txt").write_text("\n".join(sorted(available)))
    accounts = StringIO()
    if "demo_accounts" in available:
        call_command("demo_accounts", "--print", stdout=accounts)
    (RUN / "accounts.txt").write_text(accounts.getvalue())


if __name__ == "__main__":
    main()
