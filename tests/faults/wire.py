"""A wire between a client and a server on this machine, that can be cut, slowed, or made to swallow answers."""

import asyncio
import contextlib
from collections.abc import Callable
from enum import IntEnum
from multiprocessing import get_context

from mexitel.embedded.postgres import free_port

TICK_SECONDS = 0.02


class Mood(IntEnum):
    OPEN = 0
    REFUSED = 1  # nobody listens, and who was connected is cut off
    RESET = 2  # whoever connects is cut off at once
    SILENT = 3  # takes everything and passes nothing on; the connections end with the mood
    SLOW = 4  # each piece waits ``number`` seconds
    CUT = 5  # an answer ends after ``number`` bytes, with its connection
    DEAF = 6  # requests arrive, answers are swallowed, and then the connection ends


class Wire:
    """``port`` leads to the port that ``target`` tells when somebody connects; in a process of its own."""

    def __init__(self, target: Callable[[], int]) -> None:
        context = get_context("fork")
        self.port = free_port()
        self._mood, self._number = context.Value("i", Mood.OPEN), context.Value("d", 0.0)
        carrier = Carrier(self.port, target, self._mood, self._number)
        self._process = context.Process(target=lambda: asyncio.run(carrier.run()), daemon=True)
        self._process.start()

    def be(self, mood: Mood, number: float = 0) -> None:
        self._number.value = number
        self._mood.value = mood

    def end(self) -> None:
        self._process.kill()
        self._process.join()


class Carrier:
    """What runs in the wire's process."""

    def __init__(self, port: int, target: Callable[[], int], mood, number) -> None:
        self.port, self.target, self._mood, self._number = port, target, mood, number
        self.writers: set[asyncio.StreamWriter] = set()

    @property
    def mood(self) -> Mood:
        return Mood(self._mood.value)

    async def run(self) -> None:
        server = await self.listen()
        before = Mood.OPEN
        while True:
            mood = self.mood
            if mood != before:
                if mood in (Mood.REFUSED, Mood.RESET) or before == Mood.SILENT:
                    self.cut_all()
                if mood == Mood.REFUSED:
                    server.close()
                elif before == Mood.REFUSED:
                    server = await self.listen()
                before = mood
            await asyncio.sleep(TICK_SECONDS)

    async def listen(self) -> asyncio.Server:
        return await asyncio.start_server(self.connected, "127.0.0.1", self.port, backlog=512)

    def cut_all(self) -> None:
        for writer in self.writers:
            writer.transport.abort()

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.add(writer)
        try:
            if self.mood != Mood.RESET:
                there = await asyncio.open_connection("127.0.0.1", self.target())
                self.writers.add(there[1])
                try:
                    await self.both_ways((reader, writer), there)
                finally:
                    self.writers.discard(there[1])
                    there[1].transport.abort()
        except OSError:
            pass  # the server is away: the client is cut off
        finally:
            self.writers.discard(writer)
            writer.transport.abort()

    async def both_ways(self, here: tuple, there: tuple) -> None:
        ways = {
            asyncio.create_task(self.pass_on(here[0], there[1], is_answer=False)),
            asyncio.create_task(self.pass_on(there[0], here[1], is_answer=True)),
        }
        _done, left = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in left:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_answer: bool) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                while self.mood == Mood.SILENT:
                    await asyncio.sleep(TICK_SECONDS)
                if self.mood == Mood.SLOW:
                    await asyncio.sleep(self._number.value)
                if is_answer and self.mood == Mood.DEAF:
                    return
                if is_answer and self.mood == Mood.CUT:
                    writer.write(data[: int(self._number.value)])
                    await writer.drain()
                    return
                writer.write(data)
                await writer.drain()
            await asyncio.sleep(0)
