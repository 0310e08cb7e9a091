"""Where the engine keeps its records: a small interface, and its implementation in memory for the replay.

Every method is an indexed look-up or one write, so an event costs the same however many appointments there are.
"""

import heapq
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Protocol

from antifraud.events import DAY, HOUR
from antifraud.records import Account, Booking, Edge, Freed, Group, GroupLog, OpenHold

RECENT = 12  # how many of an identifier's latest accounts are remembered for linking
FREED_FOR = DAY  # how long a freed seat is remembered
HOLDS_FOR = DAY


class Store(Protocol):
    """What the engine asks of its memory. Moments are ms UTC; ids are opaque texts; keys are bytes or text."""

    def account(self, account_id: str) -> Account | None: ...

    def save_account(self, account: Account) -> None: ...

    def use_key(self, kind: str, key: bytes | str, account: Account) -> tuple[int, Sequence[Account]]:
        """Note that ``account`` shows ``key``: how many others did before, and the latest of them (at most RECENT)."""

    def uses(self, kind: str, key: bytes | str) -> int:
        """How many accounts have shown ``key``."""

    def latest(self, kind: str, key: bytes | str) -> Sequence[Account]:
        """The latest accounts that have shown ``key``, at most RECENT."""

    def known(self, kind: str) -> int:
        """How many different identifiers of one kind have been seen."""

    def public_until(self, device: str) -> int: ...

    def make_public(self, device: str, until: int) -> Sequence[Account]:
        """Mark the device; returns the accounts that it had linked."""

    def is_crowd(self, device: str) -> bool: ...

    def make_crowd(self, device: str) -> None:
        """Remember that many strangers use the device, so that it links nobody."""

    def hold(self, hold_id: str) -> OpenHold | None: ...

    def put_hold(self, hold_id: str, hold: OpenHold) -> None: ...

    def end_hold(self, hold_id: str) -> None: ...

    def booking(self, booking_id: str) -> Booking | None: ...

    def put_booking(self, booking: Booking) -> None: ...

    def free_seat(self, slot: str, freed: Freed) -> None: ...

    def freed_seat(self, slot: str, seat: str, *, since: int, visible_at: int) -> Freed | None:
        """Take out the latest seat freed between ``since`` and ``visible_at`` (of that unit, where it is known)."""

    def meet_surname(self, surname: bytes) -> None: ...

    def surname_share(self, surname: bytes) -> float:
        """The share of applicants with this surname; 0 until enough are known."""

    def share(self, name: str) -> float:
        """The share of hits among recent trials of that name; 0 until enough are known."""

    def count(self, name: str, hit: bool) -> None: ...

    def put_edge(self, edge: Edge) -> None:
        """Remember that an edge ends, for ``due_edges``."""

    def due_edges(self, now: int) -> Iterator[tuple[str, str, str]]:
        """Account, account and kind of edges that may have ended by ``now``."""

    def recent(self, name: str, key: str, t: int, account: Account) -> list[Account]:
        """Note ``account`` under ``key`` at ``t``; the others of the last hour (at most RECENT), oldest first."""

    def new_group(self) -> Group: ...

    def new_case(self, group: Group) -> str: ...

    def log(self, entry: GroupLog) -> None: ...


class MemoryStore:
    """All records in dictionaries, for one process and one run."""

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.bookings: dict[str, Booking] = {}
        self.holds: dict[str, OpenHold] = {}
        self.logs: list[GroupLog] = []
        self._keys: dict[str, dict[bytes | str, Account | tuple[int, tuple[Account, ...]]]] = {}
        self._public: dict[str, int] = {}
        self._crowds: set[str] = set()
        self._freed: dict[str, list[Freed]] = {}
        self._freed_order: deque[tuple[int, str]] = deque()
        self._hold_order: deque[tuple[int, str]] = deque()
        self._surnames: dict[bytes, int] = {}
        self._people = 0
        self._counts: dict[str, list[int]] = {}
        self._edges: dict[int, list[Edge]] = {}  # by the day on which they end
        self._due: list[tuple[int, str, str, str]] = []  # a heap of those whose day has begun
        self._next_day = 0  # the first that has not
        self._recent: dict[tuple[str, str], list[tuple[int, Account]]] = {}
        self._recent_order: deque[tuple[int, tuple[str, str]]] = deque()
        self._groups = self._cases = 0

    def account(self, account_id: str) -> Account | None:
        return self.accounts.get(account_id)

    def save_account(self, account: Account) -> None:
        self.accounts[account.id] = account

    def use_key(self, kind: str, key: bytes | str, account: Account) -> tuple[int, Sequence[Account]]:
        uses = self._keys.setdefault(kind, {})
        use = uses.get(key)
        if use is None:
            uses[key] = account  # most identifiers are one account's for ever: nothing more is kept for those
            return 0, ()
        if isinstance(use, Account):
            uses[key] = (2, (use, account))
            return 1, (use,)
        count, others = use
        uses[key] = (count + 1, (*others, account)[-RECENT:])
        return count, others

    def uses(self, kind: str, key: bytes | str) -> int:
        use = self._keys.get(kind, {}).get(key)
        return 0 if use is None else 1 if isinstance(use, Account) else use[0]

    def latest(self, kind: str, key: bytes | str) -> Sequence[Account]:
        use = self._keys.get(kind, {}).get(key)
        return () if use is None else (use,) if isinstance(use, Account) else use[1]

    def known(self, kind: str) -> int:
        return len(self._keys.get(kind, ()))

    def public_until(self, device: str) -> int:
        return self._public.get(device, 0)

    def make_public(self, device: str, until: int) -> Sequence[Account]:
        self._public[device] = max(until, self._public.get(device, 0))
        return self.latest("device", device)

    def is_crowd(self, device: str) -> bool:
        return device in self._crowds

    def make_crowd(self, device: str) -> None:
        self._crowds.add(device)

    def hold(self, hold_id: str) -> OpenHold | None:
        return self.holds.get(hold_id)

    def put_hold(self, hold_id: str, hold: OpenHold) -> None:
        self.holds[hold_id] = hold
        self._hold_order.append((hold.t, hold_id))
        while self._hold_order[0][0] < hold.t - HOLDS_FOR:
            self.holds.pop(self._hold_order.popleft()[1], None)

    def end_hold(self, hold_id: str) -> None:
        self.holds.pop(hold_id, None)

    def booking(self, booking_id: str) -> Booking | None:
        return self.bookings.get(booking_id)

    def put_booking(self, booking: Booking) -> None:
        self.bookings[booking.id] = booking

    def free_seat(self, slot: str, freed: Freed) -> None:
        self._freed.setdefault(slot, []).append(freed)
        self._freed_order.append((freed.t, slot))
        while self._freed_order[0][0] < freed.t - FREED_FOR:
            self._forget_freed(self._freed_order.popleft()[1], freed.t - FREED_FOR)

    def _forget_freed(self, slot: str, before: int) -> None:
        kept = [freed for freed in self._freed.get(slot, ()) if freed.t >= before]
        if kept:
            self._freed[slot] = kept
        else:
            self._freed.pop(slot, None)

    def freed_seat(self, slot: str, seat: str, *, since: int, visible_at: int) -> Freed | None:
        seats = self._freed.get(slot, [])
        for place in range(len(seats) - 1, -1, -1):
            freed = seats[place]
            if since <= freed.t <= visible_at and (not seat or not freed.seat or seat == freed.seat):
                return seats.pop(place)
        return None

    def meet_surname(self, surname: bytes) -> None:
        self._surnames[surname] = self._surnames.get(surname, 0) + 1
        self._people += 1

    def surname_share(self, surname: bytes) -> float:
        return self._surnames.get(surname, 0) / self._people if self._people >= 1000 else 0.0

    def share(self, name: str) -> float:
        hits, trials = self._counts.get(name, (0, 0))
        return hits / trials if trials >= 200 else 0.0

    def count(self, name: str, hit: bool) -> None:
        counts = self._counts.setdefault(name, [0, 0])
        counts[0] += hit
        counts[1] += 1
        if counts[1] >= 20_000:  # the recent past weighs more
            counts[0] //= 2
            counts[1] //= 2

    def put_edge(self, edge: Edge) -> None:
        if (day := edge.expires // DAY) < self._next_day:
            self._put_due(edge)
        else:
            self._edges.setdefault(day, []).append(edge)

    def _put_due(self, edge: Edge) -> None:
        a, b = sorted((edge.a, edge.b))
        heapq.heappush(self._due, (edge.expires, a, b, edge.kind))

    def due_edges(self, now: int) -> Iterator[tuple[str, str, str]]:
        if now // DAY >= self._next_day:
            self._next_day = now // DAY + 1
            for day in [day for day in self._edges if day < self._next_day]:
                for edge in self._edges.pop(day):
                    self._put_due(edge)
        while self._due and self._due[0][0] <= now:
            _, a, b, kind = heapq.heappop(self._due)
            yield a, b, kind

    def recent(self, name: str, key: str, t: int, account: Account) -> list[Account]:
        window = [seen for seen in self._recent.get((name, key), ()) if seen[0] >= t - HOUR]
        self._recent[name, key] = [*window, (t, account)][-RECENT:]
        self._recent_order.append((t, (name, key)))
        while self._recent_order[0][0] < t - HOUR:
            self._forget_recent(self._recent_order.popleft()[1], t - HOUR)
        return [other for _, other in window if other is not account]

    def _forget_recent(self, place: tuple[str, str], before: int) -> None:
        if place in self._recent and self._recent[place][-1][0] < before:
            del self._recent[place]

    def new_group(self) -> Group:
        self._groups += 1
        return Group(self._groups)

    def new_case(self, group: Group) -> str:
        self._cases += 1
        return f"c{self._cases}"

    def log(self, entry: GroupLog) -> None:
        self.logs.append(entry)
