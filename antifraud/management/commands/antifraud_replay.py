import os
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from antifraud.events import BadLine, read_events
from antifraud.replay import flag_lines, replay
from antifraud.rulesets import UnknownRuleSet, newest, ruleset


class Command(BaseCommand):
    help = "Run a history through the rules against brokers; format in antifraud/EVENTS.md. Needs no database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("events", type=Path, help="EVENTS.jsonl")
        parser.add_argument("--output", type=Path, required=True, help="FLAGS.jsonl; written whole or not at all")
        parser.add_argument("--ruleset", type=int, default=newest(), help="number (default: the newest of the code)")

    def handle(self, *args: Any, events: Path, output: Path, ruleset: int, **options: Any) -> None:
        rules = published(ruleset)
        try:
            with events.open(encoding="utf-8") as lines:
                store = replay(read_events(lines, warn=self.stderr.write), rules)
        except OSError as error:
            raise CommandError(f"{events} cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise CommandError(f"{events} is not UTF-8: {error}") from error
        except BadLine as error:
            raise CommandError(f"{events}, {error}") from error
        write_whole(output, flag_lines(store))
        flagged = sum(booking.flag is not None for booking in store.bookings.values())
        self.stdout.write(f"{len(store.bookings)} appointments, {flagged} flagged")


def published(number: int):
    try:
        return ruleset(number)
    except UnknownRuleSet as error:
        raise CommandError(f"there is no rule set {number}") from error


def write_whole(path: Path, lines) -> None:
    """Write ``lines`` beside ``path`` and put them there in one step: a reader sees all of them or none."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
