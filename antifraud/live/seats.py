"""Holds and freed seats of one batch; both are remembered for a day."""

from collections.abc import Iterable
from datetime import datetime

from antifraud.events import DAY
from antifraud.live.counts import Tallies
from antifraud.live.rows import FREE, HELD, free_row, freed_of_row, held_row, hold_of_row
from antifraud.records import Freed, OpenHold
from antifraud.store import FREED_FOR, HOLDS_FOR


class Seats:
    """``freed`` seats of a slot stand in the order in which they came back, each with its number."""

    def __init__(self, tallies: Tallies) -> None:
        self.tallies = tallies
        self._holds: dict[str, OpenHold | None] = {}
        self._touched: set[str] = set()  # holds begun or ended here
        self._newest_hold = self._newest_freed = 0
        self._slots: dict[str, list[tuple[int, Freed]]] = {}
        self._loaded: set[str] = set()
        self._numbers: dict[Freed, int] = {}
        self._rows: dict[int, tuple[str, Freed, bool]] = {}  # to write: slot, seat, and whether it was taken

    def load_holds(self, ids: Iterable[str]) -> dict[str, OpenHold]:
        """Bring in holds that are not there yet, each with the freed seat that it took."""
        missing = [one for one in dict.fromkeys(ids) if one not in self._holds]
        if not missing:
            return {}
        rows = HELD.by_keys([(one,) for one in missing])
        numbers = [row[HELD.columns.index("freed")] for row in rows]
        freed = {row[0]: freed_of_row(row) for row in FREE.by_keys([(one,) for one in numbers if one is not None])}
        self._numbers.update({one: number for number, one in freed.items()})
        self._holds.update(dict.fromkeys(missing))
        found = {row[0]: hold_of_row(row, freed) for row in rows}
        self._holds.update(found)
        return found

    def load_slots(self, slots: Iterable[str]) -> list[Freed]:
        """Bring in the freed seats of slots that are not there yet."""
        missing = [one for one in dict.fromkeys(slots) if one not in self._loaded]
        if not missing:
            return []
        self._loaded.update(missing)
        found: dict[str, list[tuple[int, Freed]]] = {}
        for row in FREE.read("slot = ANY(%s) AND NOT taken ORDER BY id", missing):
            found.setdefault(row[1], []).append((row[0], freed_of_row(row)))
        for slot, seats in found.items():
            self._slots[slot] = [*seats, *self._slots.get(slot, ())]  # what came back here is younger
        return [freed for seats in found.values() for _, freed in seats]

    def hold(self, hold_id: str) -> OpenHold | None:
        self.load_holds([hold_id])
        hold = self._holds[hold_id]
        return hold if hold is not None and hold.t >= self._newest_hold - HOLDS_FOR else None

    def put_hold(self, hold_id: str, hold: OpenHold) -> None:
        self._holds[hold_id] = hold
        self._touched.add(hold_id)
        self._newest_hold = max(self._newest_hold, hold.t)

    def end_hold(self, hold_id: str) -> None:
        self._holds[hold_id] = None
        self._touched.add(hold_id)

    def free(self, slot: str, freed: Freed) -> None:
        number = self.tallies.add("last freed")
        self._slots.setdefault(slot, []).append((number, freed))
        self._rows[number] = slot, freed, False
        self._newest_freed = max(self._newest_freed, freed.t)

    def take(self, slot: str, seat: str, *, since: int, visible_at: int) -> Freed | None:
        """Take out the latest seat freed between the two moments (of that unit, where it is known)."""
        self.load_slots([slot])
        seats = self._slots.get(slot, [])
        for place in range(len(seats) - 1, -1, -1):
            number, freed = seats[place]
            if since <= freed.t <= visible_at and (not seat or not freed.seat or seat == freed.seat):
                del seats[place]
                self._numbers[freed] = number
                self._rows[number] = slot, freed, True
                return freed
        return None

    def save(self, seen_at: datetime) -> None:
        """Write, and forget what is older than a day; a taken seat stays as long as the hold that took it may."""
        FREE.write([(*free_row(number, *row), seen_at) for number, row in self._rows.items()])
        ended = [one for one in self._touched if self._holds[one] is None]
        HELD.delete((one,) for one in ended)
        HELD.write([(*self._held_row(one), seen_at) for one in self._touched - set(ended)])
        if self._newest_hold:
            HELD.delete_where("t < %s", self._newest_hold - HOLDS_FOR)
        if self._newest_freed:
            FREE.delete_where("t < %s", self._newest_freed - FREED_FOR - DAY)

    def _held_row(self, hold_id: str) -> tuple:
        hold = self._holds[hold_id]
        assert hold is not None  # noqa: S101 - ended ones are sorted out before
        return held_row(hold_id, hold, self._numbers[hold.freed] if hold.freed else None)
