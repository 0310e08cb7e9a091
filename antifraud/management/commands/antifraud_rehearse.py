import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from antifraud.events import BadLine, read_events
from antifraud.management.commands.antifraud_replay import published
from antifraud.oversight.comparing import compare
from antifraud.oversight.soundness import check
from antifraud.rulesets import UnsoundRuleSet, from_data


class Command(BaseCommand):
    help = "Say whom a rule set in a file would newly hit, or no longer hit, in a history (antifraud/EVENTS.md)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("events", type=Path, help="EVENTS.jsonl")
        parser.add_argument("rules", type=Path, help="the new rule set, shaped as antifraud/data/ruleset-1.json")
        parser.add_argument("--against", type=int, default=1, help="number of a published rule set (default 1)")

    def handle(self, *args: Any, events: Path, rules: Path, against: int, **options: Any) -> None:
        old = published(against)
        try:
            data = json.loads(rules.read_text(encoding="utf-8"))
            check(data)
            with events.open(encoding="utf-8") as lines:
                found = compare(read_events(lines, warn=self.stderr.write), old, from_data(data))
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be read: {error.strerror}") from error
        except (UnsoundRuleSet, json.JSONDecodeError) as error:
            raise CommandError(f"{rules}: {error}") from error
        except BadLine as error:
            raise CommandError(f"{events}, {error}") from error
        self.stdout.write(json.dumps(found.numbers, indent=2, ensure_ascii=False))
