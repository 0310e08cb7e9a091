"""Simulated time: processes that say when they want to go on, woken one after another.

A process is a generator. It yields the moment (seconds) at which it goes on, or ``Watch(until)`` to go on at a word
from somebody else and at ``until`` at the latest; what ``yield`` then gives it is that word, or None.
"""

from collections.abc import Callable, Generator
from heapq import heappop, heappush
from math import inf
from typing import Any

Process = Generator[Any, Any, None]


class Watch:
    def __init__(self, until: float) -> None:
        self.until = until
        self.process: Process | None = None


class Clock:
    def __init__(self, begins: float) -> None:
        self.now = begins
        self.due: list[tuple[float, int, Process, Any]] = []
        self.count = 0

    def start(self, process: Process, at: float = -inf, word: Any = None) -> None:
        self.count += 1
        heappush(self.due, (max(at, self.now), self.count, process, word))

    def call(self, act: Callable[[], None], at: float) -> None:
        self.start(once(act), at)

    def wake(self, watch: Watch, at: float, word: Any) -> bool:
        """Let a watcher go on at ``at``; False when it has gone on, or will have, by itself."""
        if watch.process is None or at >= watch.until:
            return False
        self.start(watch.process, at, word)
        watch.process = None
        return True

    def run(self) -> None:
        while self.due:
            self.now, _, process, word = heappop(self.due)
            if isinstance(word, Watch):
                if word.process is None:
                    continue
                word.process, word = None, None
            try:
                wish = process.send(word)
            except StopIteration:
                continue
            if isinstance(wish, Watch):
                wish.process = process
                self.start(process, wish.until, wish)
            else:
                self.start(process, wish)


def once(act: Callable[[], None]) -> Process:
    act()
    yield from ()
