"""What clients asked and were told, call by call, as lines of JSON that anybody can read again.

A call is two lines. It is begun before its first byte leaves, and ended after its answer was read; one that has no end,
or whose end says ``unknown``, may have been done or not. Times are seconds of the machine's monotonic clock, which all
processes share. No names and no addresses: who asked is the account's number, and who attends is a letter.
"""

import json
import math
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Literal

Outcome = Literal["ok", "refused", "unknown"]


@dataclass
class Call:
    call: str
    verb: str  # hold, confirm, cancel, release
    account: int
    key: str
    asked: dict
    start: float
    end: float = math.inf
    outcome: Outcome = "unknown"
    answer: dict = field(default_factory=dict)


class History:
    """The lines of one client, in a file of its own; each is in the file before the client goes on."""

    def __init__(self, file: Path) -> None:
        self.file, self.numbers = file, count(1)

    def begin(self, verb: str, *, account: int, key: str, asked: dict) -> str:
        call = f"{self.file.stem}.{next(self.numbers)}"
        self._write(call=call, verb=verb, account=account, key=key, asked=asked, start=time.monotonic())
        return call

    def end(self, call: str, outcome: Outcome, answer: dict | None = None) -> None:
        self._write(call=call, outcome=outcome, answer=answer or {}, end=time.monotonic())

    def _write(self, **facts: Any) -> None:
        with self.file.open("a") as lines:
            lines.write(json.dumps(facts, separators=(",", ":")) + "\n")


def read(files: Iterable[Path]) -> list[Call]:
    """Every call of a run, by its start."""
    calls: dict[str, Call] = {}
    for file in files:
        for line in file.read_text().splitlines():
            facts = json.loads(line)
            if "start" in facts:
                calls[facts["call"]] = Call(**facts)
            else:
                for name in ("end", "outcome", "answer"):
                    setattr(calls[facts["call"]], name, facts[name])
    return sorted(calls.values(), key=lambda call: call.start)
