"""A copy of the checkout that shares the environment, and the portal that runs in it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from mexitel import bootstrap
from mexitel.embedded.postgres import NOBODY_HOME, free_port
from mexitel.embedded.process import wait_until

DEADLINE_SECONDS = 30
ROOT = Path(__file__).resolve().parent.parent.parent
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".run", "__pycache__", "*.mo", ".*_cache", "node_modules")
SETTINGS = ("DATABASE", "REDIS", "MEXITEL", "DJANGO", "SECRET", "FIELD", "HASH", "RECEIPT", "MESSAGES", "PYTEST")


class Checkout:
    """``program`` is what starts the portal in ``folder``, which is made."""

    def __init__(self, folder: Path, *, program: Sequence[str] = ("manage.py", "up")) -> None:
        self.folder, self.program, self.port, self.running = folder, program, free_port(), None
        self.output = folder.parent / "output.txt"
        self.more: dict[str, str] = {}  # for the environment of what is started
        shutil.copytree(ROOT, folder, ignore=LEFT_OUT, symlinks=True)
        (folder / ".venv").symlink_to(bootstrap.VENV)

    def start(self, *arguments: str) -> subprocess.Popen:
        env = {name: value for name, value in os.environ.items() if not name.startswith(SETTINGS)}
        env |= self.more
        argv = [sys.executable, *arguments]
        with self.output.open("w") as output:
            return subprocess.Popen(argv, cwd=self.folder, env=env, stdout=output, stderr=subprocess.STDOUT)

    def refused(self, *arguments: str) -> str:
        process = self.start(*arguments)
        assert process.wait(60) == 1
        return self.output.read_text()

    def up(self) -> None:
        self.running = self.start(*self.program, "--port", str(self.port))
        assert wait_until(lambda: self.running.poll() is not None or self.is_ready(), 120, 0.2)
        assert self.running.poll() is None, self.output.read_text()

    def is_ready(self) -> bool:
        return "mexitel: ready after" in self.output.read_text()

    def answer(self, path: str) -> dict:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=DEADLINE_SECONDS) as response:
            return json.load(response)

    def pids(self) -> dict[str, int]:
        files = (self.folder / ".run" / "pids").glob("*")
        return {path.name: json.loads(path.read_text() or "{}").get("pid", 0) for path in files}

    def stop(self, number: int) -> str:
        self.running.send_signal(number)
        self.running.wait(60)
        return self.output.read_text()

    def remove(self) -> None:
        """Stop what runs; the folder itself belongs to pytest."""
        if self.running and self.running.poll() is None:
            self.stop(signal.SIGTERM)
        shutil.rmtree(NOBODY_HOME / sha256(str(self.folder).encode()).hexdigest()[:12], ignore_errors=True)
