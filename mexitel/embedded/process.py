"""One child process: its own session, its own log, and never alive longer than who started it."""

import contextlib
import ctypes
import json
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from mexitel.bootstrap import SetupError

_libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1
LOG_LIMIT_BYTES = 5_000_000


def die_with_parent(with_signal: int) -> None:
    """Ask Linux to signal this process when its parent dies, so that kill -9 of ``up`` leaves nothing behind.

    Other systems lack it; there the next start ends what was left (``end_stale``).
    """
    if sys.platform == "linux":
        _libc.prctl(PR_SET_PDEATHSIG, int(with_signal))


def enter_user_namespace() -> None:
    """Become "nobody" inside and stay root outside: PostgreSQL refuses root, and no file changes hands.

    Raises OSError where the kernel or the container refuses.
    """
    nobody = pwd.getpwnam("nobody")
    uid, gid = os.geteuid(), os.getegid()
    if _libc.unshare(CLONE_NEWUSER):
        raise OSError(ctypes.get_errno(), "unshare")
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{nobody.pw_uid} {uid} 1"),
        ("gid_map", f"{nobody.pw_gid} {gid} 1"),
    ):
        descriptor = os.open(f"/proc/self/{name}", os.O_WRONLY)
        os.write(descriptor, text.encode())
        os.close(descriptor)


@cache
def user_namespace_works() -> bool:
    """Tried in a forked child, because there is no way back."""
    if sys.platform != "linux":
        return False
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            enter_user_namespace()
            os._exit(0)
        os._exit(1)
    return os.waitpid(child, 0)[1] == 0


def identity(pid: int) -> str | None:
    """Something that only this very process has, so that a recycled pid is never taken for ours."""
    if sys.platform == "linux":
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
            boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        except OSError:
            return None
        state, *rest = stat.rpartition(")")[2].split()
        return None if state == "Z" else f"{boot}/{rest[18]}"
    found = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return found.stdout.strip() or None


@dataclass
class Child:
    """A command with what is needed to start it, to know it again after a crash of ours, and to stop it."""

    name: str
    argv: Sequence[str]
    folder: Path  # where logs/ and pids/ are
    env: Mapping[str, str] | None = None
    stop_signal: int = signal.SIGTERM
    patience_seconds: float = 20
    credentials: Mapping[str, Any] = field(default_factory=dict)  # user, group, extra_groups
    prepare: Callable[[], None] | None = None  # runs in the forked child
    cwd: Path | None = None
    process: subprocess.Popen | None = None

    @property
    def log(self) -> Path:
        return self.folder / "logs" / f"{self.name}.log"

    @property
    def pid_file(self) -> Path:
        return self.folder / "pids" / self.name

    def start(self) -> None:
        for path in (self.log, self.pid_file):
            path.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.argv,
                env=None if self.env is None else dict(self.env),
                cwd=self.cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a terminal's Ctrl-C reaches the supervisor only
                preexec_fn=self._before_exec,
                **self.credentials,
            )
        self.pid_file.write_text(json.dumps({"pid": self.process.pid, "identity": identity(self.process.pid)}))

    def _before_exec(self) -> None:
        if self.prepare:
            self.prepare()
        die_with_parent(self.stop_signal)

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def last_words(self) -> str:
        try:
            return self.log.read_text(errors="replace")[-1500:].strip()
        except OSError:
            return ""

    def stop(self) -> None:
        """Ask first, then end the whole group; returns when nothing of it runs."""
        if self.process is None:
            return
        if self.alive:
            self.process.send_signal(self.stop_signal)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(self.patience_seconds)
        self.kill()

    def kill(self) -> None:
        """SIGKILL for the group, which also ends grandchildren that outlived their parent."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.pid_file.unlink(missing_ok=True)
        self.process = None


def end_stale(folder: Path, name: str, with_signal: int, patience_seconds: float = 20) -> bool:
    """End what an earlier ``up`` left running under ``name``; a recycled pid is left alone. True if there was one."""
    pid_file = folder / "pids" / name
    try:
        note = json.loads(pid_file.read_text())
        pid = int(note["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        pid_file.unlink(missing_ok=True)
        return False
    ours = note.get("identity") is not None and identity(pid) == note["identity"]
    if ours:
        _end(pid, note["identity"], with_signal, patience_seconds)
    pid_file.unlink(missing_ok=True)
    return ours


def _end(pid: int, known_as: str, with_signal: int, patience_seconds: float) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, with_signal)
        if not wait_until(lambda: identity(pid) != known_as, patience_seconds):
            os.killpg(pid, signal.SIGKILL)
            wait_until(lambda: identity(pid) != known_as, 5)


def wait_until(condition: Callable[[], bool], seconds: float, pause_seconds: float = 0.05) -> bool:
    """Poll ``condition`` until it holds or the time is over; says which."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause_seconds)
    return True


def wait_ready(what: str, child: Child, answers: Callable[[], bool], seconds: float = 30) -> None:
    """Until ``answers()``; raises SetupError with the child's last words when it ended or took too long."""
    if not wait_until(lambda: answers() or not child.alive, seconds) or not child.alive:
        raise SetupError(f"{what} did not start; its last words:\n{child.last_words()}")
