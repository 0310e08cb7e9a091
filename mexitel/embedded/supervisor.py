"""Keeps the portal's processes running: starts again what crashed, with back-off, and stops all in order."""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from mexitel.bootstrap import SetupError, say
from mexitel.embedded.process import Child

BACK_OFF_SECONDS = (0.5, 1, 2, 5, 10)
GIVE_UP_AFTER = 8  # crashes within one window
WINDOW_SECONDS = 120


class StopRequested(BaseException):
    """Ctrl-C, TERM or HUP: not an error, so nothing may swallow it."""


@dataclass
class Service:
    """``start`` leaves a running child behind; ``child`` names the one that runs now."""

    name: str
    start: Callable[[], None]
    child: Callable[[], Child | None]
    crashes: list[float] = field(default_factory=list)
    retry_at: float | None = None

    def stop(self) -> None:
        if child := self.child():
            child.stop()


class Supervisor:
    """Services are stopped in the reverse of the order in which they were added."""

    def __init__(self) -> None:
        self.services: list[Service] = []

    def listen(self) -> None:
        """From here on a signal raises StopRequested, once; later ones are heard but change nothing."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, frame: object) -> None:
        for other in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(other, lambda *_: say("already stopping, please wait"))
        raise StopRequested

    def add(self, service: Service) -> None:
        self.services.append(service)  # before the start, so that an interrupted start is stopped too
        service.start()

    def watch(self) -> None:
        """Until a signal comes. Raises SetupError when a service cannot be kept alive."""
        while True:
            self.look_after_all()
            time.sleep(0.3)

    def look_after_all(self) -> None:
        for service in self.services:
            self._look_after(service)

    def _look_after(self, service: Service) -> None:
        child, now = service.child(), time.monotonic()
        if child is not None and child.alive:
            return
        if service.retry_at is None:
            self._note_crash(service, child, now)
        elif now >= service.retry_at:
            service.retry_at = None
            self._start_again(service)

    def _note_crash(self, service: Service, child: Child | None, now: float) -> None:
        service.crashes = [moment for moment in service.crashes if now - moment < WINDOW_SECONDS] + [now]
        if len(service.crashes) >= GIVE_UP_AFTER:
            words = child.last_words() if child else ""
            raise SetupError(f"{service.name} does not stay up; stopping everything. Its last words:\n{words}")
        pause = BACK_OFF_SECONDS[min(len(service.crashes), len(BACK_OFF_SECONDS)) - 1]
        service.retry_at = now + pause
        code = child.process.returncode if child and child.process else "?"
        say(f"{service.name} ended unexpectedly (status {code}); starting it again in {pause:g} s")
        if child:
            child.kill()  # what is left of its group would hold ports and locks

    def _start_again(self, service: Service) -> None:
        try:
            service.start()
        except SetupError as error:
            say(f"{service.name} did not start: {str(error).splitlines()[0]}")

    def stop(self) -> None:
        for service in reversed(self.services):
            service.stop()
