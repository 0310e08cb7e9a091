"""Requests that come at the same moment are carried out together, in one statement and one commit.

Whoever comes first leads: it takes along all who wait by then, and they find their answers ready. Nobody waits for
company, no thread is kept for it, and as many wait as the server has threads, or ``most_waiting`` if that is fewer.
"""

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Told = TypeVar("Told")


class Crowded(Exception):
    """As many wait already as may: come again in a moment."""


class _Place(Generic[Asked, Told]):
    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.done = False
        self.told: Told | None = None
        self.error: Exception | None = None


class Batches(Generic[Asked, Told]):
    """``answer`` takes up to ``most`` requests and returns as many answers in their order, or raises for all.

    When it raises for several, each is asked again alone, so that one that fails takes nobody along.
    """

    def __init__(
        self, answer: Callable[[Sequence[Asked]], Sequence[Told]], *, most: int = 64, most_waiting: int = 1024
    ) -> None:
        self.answer, self.most, self.most_waiting = answer, most, most_waiting
        self._waiting: list[_Place[Asked, Told]] = []
        self._list, self._turn = Lock(), Lock()

    def ask(self, asked: Asked) -> Told:
        """Raises what ``answer`` raises for this request alone, or Crowded."""
        place = _Place[Asked, Told](asked)
        with self._list:
            if len(self._waiting) >= self.most_waiting:
                raise Crowded
            self._waiting.append(place)
        with self._turn:
            while not place.done:
                self._carry_out(self._next())
        if place.error:
            raise place.error
        return place.told  # type: ignore[return-value]

    def _next(self) -> list[_Place[Asked, Told]]:
        with self._list:
            taken, self._waiting = self._waiting[: self.most], self._waiting[self.most :]
        return taken

    def _carry_out(self, places: list[_Place[Asked, Told]]) -> None:
        try:
            answers = self.answer([place.asked for place in places])
        except Exception as error:
            if len(places) == 1:
                places[0].error, places[0].done = error, True
                return
            for place in places:
                self._carry_out([place])
            return
        for place, told in zip(places, answers, strict=True):
            place.told, place.done = told, True
