"""Real workers and relays that a test starts and kills."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def wait_until(condition, seconds=30):
    """Poll until ``condition`` holds; its last value."""
    deadline = time.monotonic() + seconds
    while not (value := condition()) and time.monotonic() < deadline:
        time.sleep(0.03)
    return value


class Process:
    """A process group of its own; ``ready`` is the word in its output that says it works."""

    def __init__(self, name, arguments, ready, folder):
        self.log = folder / f"{name}-{time.monotonic_ns()}.log"
        with self.log.open("wb") as output:
            self.child = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env={
                    **os.environ,
                    "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
                    "MESSAGES_DIR": str(folder / "messages"),
                    "PUBLIC_DIR": str(folder / "public"),
                    "PYTHONUNBUFFERED": "1",
                },
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        assert wait_until(lambda: ready in self.words() or self.child.poll() is not None), self.words()
        assert self.child.poll() is None, self.words()

    def words(self):
        return self.log.read_text(errors="replace")

    def kill(self):
        """kill -9 of the whole group, as a machine that stops would."""
        if self.child.poll() is None:
            os.killpg(self.child.pid, signal.SIGKILL)
        self.child.wait(10)
