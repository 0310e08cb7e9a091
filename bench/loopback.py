"""Many HTTP clients on loopback in one process that costs little: they share the processors with what they measure.

A client is a generator: it yields a request, gets ``(status, body)`` for it, and so on until it returns.
"""

import contextlib
import selectors
import socket
import time
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field

Client = Generator[bytes, tuple[int, bytes], None]


@dataclass
class Seen:
    """``waits`` are seconds from each request to the end of its answer."""

    waits: list[float] = field(default_factory=list)
    began: float = 0.0
    ended: float = 0.0


def post(path: str, body: bytes, *, token: str, key: str, accept: str = "*/*") -> bytes:
    head = (
        f"POST /api/v1{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: {accept}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nIdempotency-Key: {key}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class _Line:
    """One connection that stays open, and the client that speaks on it."""

    def __init__(self, port: int, client: Client) -> None:
        self.client, self.buffer, self.sent_at = client, b"", 0.0
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, request: bytes) -> None:
        self.sent_at = time.monotonic()
        self.socket.sendall(request)

    def answer(self) -> tuple[int, bytes] | None:
        """None while it is not complete."""
        got = self.socket.recv(65536)
        if not got:
            raise ConnectionError("the server hung up")
        self.buffer += got
        head, found, rest = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return None
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
        if len(rest) < length:
            return None
        self.buffer = rest[length:]
        return int(head[9:12]), rest[:length]


def drive(port: int, clients: Iterable[Client]) -> Seen:
    """All of them at once, each on a connection of its own, until the last returns."""
    seen, open_lines = Seen(), 0
    with selectors.DefaultSelector() as waiting:
        lines = [_Line(port, client) for client in clients]
        seen.began = time.monotonic()
        for line in lines:
            with contextlib.suppress(StopIteration):
                line.send(next(line.client))
                waiting.register(line.socket, selectors.EVENT_READ, line)
                open_lines += 1
        while open_lines:
            for ready, _events in waiting.select(30):
                open_lines -= _go_on(ready.data, seen, waiting)
        seen.ended = time.monotonic()
    for line in lines:
        line.socket.close()
    return seen


def _go_on(line: _Line, seen: Seen, waiting: selectors.BaseSelector) -> bool:
    """Whether this client is done."""
    answer = line.answer()
    if answer is None:
        return False
    seen.waits.append(time.monotonic() - line.sent_at)
    try:
        line.send(line.client.send(answer))
    except StopIteration:
        waiting.unregister(line.socket)
        return True
    return False
