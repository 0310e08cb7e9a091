"""What is counted for one batch: tallies, identifiers, shared devices, recent sights, surnames. Read when asked for."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from antifraud.events import HOUR
from antifraud.live.rows import DEVICES, RECENT_SIGHTS, SURNAMES, TALLIES, USES, as_bytes
from antifraud.live.tables import Row, Table
from antifraud.store import RECENT

HALVED_AT = 20_000  # trials, as the memory of a replay does


class Shelf:
    """Rows of one table by key, without their last column where the table has an age: None for a key without a row."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self._rows: dict[Row, Row | None] = {}
        self._changed: set[Row] = set()

    def load(self, keys: Iterable[Row]) -> None:
        """Bring in what is not there yet, in one statement."""
        missing = [key for key in dict.fromkeys(keys) if key not in self._rows]
        if missing:
            self._rows.update(dict.fromkeys(missing))
            self._rows.update({row[: self.table.key]: row[:-1] for row in self.table.by_keys(missing)})

    def get(self, *key: bytes | str) -> Row | None:
        self.load([key])
        return self._rows[key]

    def put(self, row: Row) -> None:
        key = row[: self.table.key]
        self._rows[key] = row
        self._changed.add(key)

    def save(self, seen_at: datetime) -> None:
        rows = [self._rows[key] for key in self._changed]
        self.table.write([(*row, seen_at) for row in rows if row is not None])


class Tallies:
    """All running numbers: a few dozen rows, read at once."""

    def __init__(self) -> None:
        self._saved = {name: (hits, trials) for name, hits, trials in TALLIES.read("true")}
        self._now: dict[str, list[int]] = {name: [*numbers] for name, numbers in self._saved.items()}

    def add(self, name: str, hits: int = 0, trials: int = 1) -> int:
        """Count; returns the trials so far."""
        numbers = self._now.setdefault(name, [0, 0])
        numbers[0] += hits
        numbers[1] += trials
        return numbers[1]

    def trials(self, name: str) -> int:
        return self._now.get(name, (0, 0))[1]

    def try_one(self, name: str, hit: bool) -> None:
        """A trial of which the recent past weighs more."""
        if self.add(name, hit) >= HALVED_AT:
            self._now[name] = [number // 2 for number in self._now[name]]

    def share(self, name: str) -> float:
        hits, trials = self._now.get(name, (0, 0))
        return hits / trials if trials >= 200 else 0.0

    def save(self) -> None:
        TALLIES.write([(name, *now) for name, now in self._now.items() if tuple(now) != self._saved.get(name)])


class Identifiers:
    """How many bookers show an identifier, and the latest of them, by id."""

    def __init__(self, tallies: Tallies) -> None:
        self.tallies = tallies
        self.shelf = Shelf(USES)

    def load(self, pairs: Iterable[tuple[str, bytes | str]]) -> None:
        self.shelf.load((kind, as_bytes(key)) for kind, key in pairs)

    def use(self, kind: str, key: bytes | str, account_id: str) -> tuple[int, Sequence[str]]:
        """Note one more; what was there before."""
        count, latest = self.uses(kind, key), self.latest(kind, key)
        if not count:
            self.tallies.add(f"known {kind}")
        self.shelf.put((kind, as_bytes(key), count + 1, [*latest, account_id][-RECENT:]))
        return count, latest

    def uses(self, kind: str, key: bytes | str) -> int:
        row = self.shelf.get(kind, as_bytes(key))
        return row[2] if row else 0

    def latest(self, kind: str, key: bytes | str) -> Sequence[str]:
        row = self.shelf.get(kind, as_bytes(key))
        return row[3] if row else ()


class Devices:
    """Devices that link nobody."""

    def __init__(self) -> None:
        self.shelf = Shelf(DEVICES)

    def public_until(self, device: str) -> int:
        row = self.shelf.get(device)
        return row[1] if row else 0

    def is_crowd(self, device: str) -> bool:
        row = self.shelf.get(device)
        return bool(row and row[2])

    def make_public(self, device: str, until: int) -> None:
        self.shelf.put((device, max(until, self.public_until(device)), self.is_crowd(device)))

    def make_crowd(self, device: str) -> None:
        self.shelf.put((device, self.public_until(device), True))


class RecentSights:
    """Who was seen under one key within the hour, by id."""

    def __init__(self) -> None:
        self.shelf = Shelf(RECENT_SIGHTS)

    def ids(self, name: str, key: str) -> Sequence[str]:
        row = self.shelf.get(name, key)
        return row[3] if row else ()

    def note(self, name: str, key: str, t: int, account_id: str) -> list[str]:
        """Note one more at ``t``; who was there before, oldest first."""
        row = self.shelf.get(name, key)
        seen = [one for one in zip(row[2], row[3], strict=True) if one[0] >= t - HOUR] if row else []
        kept = [*seen, (t, account_id)][-RECENT:]
        self.shelf.put((name, key, [moment for moment, _ in kept], [one for _, one in kept], t))
        return [one for _, one in seen]

    def save(self, seen_at: datetime, t: int) -> None:
        """Write, and forget what is older than an hour at ``t``."""
        self.shelf.save(seen_at)
        self.shelf.table.delete_where("t < %s", t - HOUR)


class Surnames:
    """How many bookings were for each surname."""

    ENOUGH = 1000  # before that nothing is known to be common

    def __init__(self, tallies: Tallies) -> None:
        self.tallies = tallies
        self._known: dict[bytes, int] = {}
        self._met: Counter[bytes] = Counter()

    def load(self, surnames: Iterable[bytes]) -> None:
        missing = [one for one in dict.fromkeys(surnames) if one not in self._known]
        if missing:
            self._known.update(dict.fromkeys(missing, 0))
            self._known.update((surname, people) for surname, people in SURNAMES.by_keys([(one,) for one in missing]))

    def meet(self, surname: bytes) -> None:
        self._met[surname] += 1
        self.tallies.add("people")

    def share(self, surname: bytes) -> float:
        people = self.tallies.trials("people")
        if people < self.ENOUGH:
            return 0.0
        self.load([surname])
        return (self._known[surname] + self._met[surname]) / people

    def save(self) -> None:
        self.load(self._met)
        SURNAMES.write([(surname, self._known[surname] + met) for surname, met in self._met.items()])
