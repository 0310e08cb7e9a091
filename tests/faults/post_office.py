"""An SMTP server that keeps each mail as it came, however often, and can be slow or drop the line after taking one."""

import asyncio
import time
from email.parser import BytesHeaderParser
from enum import IntEnum
from multiprocessing import get_context
from pathlib import Path

from aiosmtpd.controller import UnthreadedController

from mexitel.embedded.postgres import free_port

TAKES_SECONDS = 3  # of one that is slow


class Manner(IntEnum):
    PROMPT = 0
    SLOW = 1
    DROPS = 2  # takes a mail, and then hangs up instead of saying so


class PostOffice:
    """In a process of its own, at ``port``; each delivery becomes a file of ``folder``."""

    def __init__(self, folder: Path) -> None:
        context = get_context("fork")
        self.port, self.folder = free_port(), folder
        self._manner = context.Value("i", Manner.PROMPT)
        self._process = context.Process(target=self._run, daemon=True)
        self._process.start()

    def be(self, manner: Manner) -> None:
        self._manner.value = manner

    def end(self) -> None:
        self._process.kill()
        self._process.join()

    def _run(self) -> None:
        loop = asyncio.new_event_loop()
        UnthreadedController(self, hostname="127.0.0.1", port=self.port, loop=loop).begin()
        loop.run_forever()

    async def handle_DATA(self, server, session, envelope) -> str:
        if self._manner.value == Manner.SLOW:
            await asyncio.sleep(TAKES_SECONDS)
        self._keep(envelope.content)
        if self._manner.value == Manner.DROPS:
            server.transport.abort()
        return "250 kept"

    def _keep(self, content: bytes) -> None:
        """Whole or not at all; a second delivery of one message is a second file."""
        number = BytesHeaderParser().parsebytes(content)["Message-ID"].strip("<>")
        draft = self.folder / f"{number}.{time.time_ns()}.draft"
        draft.write_bytes(content)
        draft.rename(draft.with_suffix(".eml"))
