"""Bookers with their appointments, edges and groups: loaded whole groups at a time, one object for each record.

An account comes with everything of its group, so that the engine may walk from any account to whatever it reads. Edges
lead to strangers by id only; the mapping of a pair is one object from both ends, whichever end came first.
"""

import heapq
from collections.abc import Iterable, Iterator
from datetime import datetime

from antifraud.events import HOUR
from antifraud.live.counts import Tallies
from antifraud.live.rows import (
    BOOKED,
    BOOKERS,
    GROUPS,
    LINKS,
    SCORES,
    account_of_row,
    assessment_of_row,
    at,
    booked_row,
    booker_row,
    booking_of_row,
    edge_of_row,
    group_of_row,
    group_row,
    link_row,
    ms,
    score_row,
)
from antifraud.live.tables import Row, Table
from antifraud.records import Account, Booking, Edge, Group
from antifraud.scoring import Assessment

Pair = tuple[str, str]
FLAG_SCORE = BOOKED.columns.index("flag_score")
BEST = GROUPS.columns.index("best")


class Scores:
    """Assessments by number; one gets its number, and is written, when a record that is written names it."""

    def __init__(self, tallies: Tallies) -> None:
        self.tallies = tallies
        self.by_number: dict[int, Assessment] = {}
        self._numbers: dict[int, int] = {}  # by identity: equal ones may be of different actors
        self._new: list[int] = []

    def load(self, numbers: Iterable[int | None]) -> None:
        missing = {one for one in numbers if one is not None} - self.by_number.keys()
        for row in SCORES.by_keys([(one,) for one in missing]):
            self._know(row[0], assessment_of_row(row))

    def number(self, found: Assessment | None) -> int | None:
        if found is None:
            return None
        if id(found) not in self._numbers:
            self._know(self.tallies.add("last score"), found)
            self._new.append(self._numbers[id(found)])
        return self._numbers[id(found)]

    def _know(self, number: int, found: Assessment) -> None:
        self.by_number[number] = found  # keeps it alive, so that its identity stays its own
        self._numbers[id(found)] = number

    def save(self, seen_at: datetime) -> None:
        SCORES.write([(*score_row(number, self.by_number[number]), seen_at) for number in self._new])


class Graph:
    """The records of one batch. What was loaded is remembered as it was, and only what differs is written."""

    def __init__(self, tallies: Tallies) -> None:
        self.tallies = tallies
        self.accounts: dict[str, Account | None] = {}
        self.bookings: dict[str, Booking | None] = {}
        self.groups: dict[int, Group] = {}
        self.scores = Scores(tallies)
        self._numbers: dict[str, int] = {}  # of bookings
        self._pairs: dict[Pair, tuple[dict[str, Edge], int]] = {}
        self._due: list[tuple[int, str, str, str]] = []
        self._due_until = 0
        self._saved: dict[Table, dict[Row, Row]] = {table: {} for table in (BOOKERS, BOOKED, LINKS, GROUPS)}

    # Reading

    def load(self, ids: Iterable[str]) -> list[Account]:
        """Bring in accounts that are not there yet with their groups: at most six statements. Those that came."""
        wanted = [one for one in dict.fromkeys(ids) if one not in self.accounts]
        if not wanted:
            return []
        rows = BOOKERS.by_keys([(one,) for one in wanted])
        column = BOOKERS.columns.index("group")
        numbers = sorted({row[column] for row in rows if row[column] is not None})
        if numbers:
            rows += BOOKERS.read('"group" = ANY(%s) AND id <> ALL(%s)', numbers, wanted)
        self.accounts.update(dict.fromkeys(wanted))
        placed = sorted((account_of_row(row) for row in rows), key=lambda one: one[2])
        found = [account for account, _, _ in placed]
        self.accounts.update({account.id: account for account in found})
        self._load_records([account.id for account in found], numbers)
        for account, number, _ in placed:
            if number is not None:
                account.group = self.groups.setdefault(number, Group(number))
                account.group.members[account.id] = account
        self._remember(found)
        return found

    def _load_records(self, ids: list[str], numbers: list[int]) -> None:
        if not ids:
            return
        booked = BOOKED.read("account = ANY(%s) ORDER BY number", ids)
        groups = GROUPS.by_keys([(number,) for number in numbers])
        self.scores.load([row[FLAG_SCORE] for row in booked] + [row[BEST] for row in groups])
        for row in groups:
            self.groups[row[0]] = group_of_row(row, self.scores.by_number)
        for row in booked:
            account = self._account(row[2])
            booking = booking_of_row(row, account, self.scores.by_number)
            account.bookings = (*account.bookings, booking)
            self.bookings[booking.id] = booking
            self._numbers[booking.id] = row[1]
        self._tie(set(ids))

    def _account(self, account_id: str) -> Account:
        account = self.accounts[account_id]
        assert account is not None  # noqa: S101 - asked only of accounts whose rows were read
        return account

    def _tie(self, ids: set[str]) -> None:
        several = list(ids)
        known = set(self._pairs)
        for row in LINKS.read("a = ANY(%s) OR b = ANY(%s) ORDER BY place, first_seen, kind", several, several):
            pair: Pair = row[:2]
            edges, _ = self._pairs.setdefault(pair, ({}, row[-1]))
            if pair not in known:
                edge = edge_of_row(row)
                edges[edge.kind] = edge
                self._saved[LINKS][row[:3]] = link_row(pair, edge, row[-1])
            for one, other in (pair, pair[::-1]):
                if one in ids:
                    account = self._account(one)
                    account.links = account.links or {}
                    account.links[other] = edges

    def _remember(self, found: Iterable[Account]) -> None:
        """Keep rows as they are now: what differs at the end is written."""
        found = list(found)
        places = self._places(found)
        for account in found:
            self._saved[BOOKERS][(account.id,)] = booker_row(account, places.get(account.id, 0))
            for booking in account.bookings:
                self._saved[BOOKED][(booking.id,)] = self._booked_row(booking)
        for group in {id(one.group): one.group for one in found if one.group}.values():
            self._saved[GROUPS][(group.number,)] = group_row(group, self.scores.number(group.best))

    @staticmethod
    def _places(accounts: Iterable[Account]) -> dict[str, int]:
        groups = {id(account.group): account.group for account in accounts if account.group}.values()
        return {member: place for group in groups for place, member in enumerate(group.members)}

    def load_bookings(self, ids: Iterable[str]) -> list[str]:
        """Find the accounts of appointments that are not there yet; their ids."""
        missing = [one for one in dict.fromkeys(ids) if one not in self.bookings]
        if not missing:
            return []
        self.bookings.update(dict.fromkeys(missing))
        return [row[2] for row in BOOKED.by_keys([(one,) for one in missing])]

    def due(self, now: int) -> Iterator[tuple[str, str, str]]:
        """Edges that may have ended by ``now``, those of another hour read ahead."""
        self.load_due(now)
        while self._due and self._due[0][0] <= now:
            _, a, b, kind = heapq.heappop(self._due)
            yield a, b, kind

    def load_due(self, until: int) -> list[str]:
        """Read what ends until then; the ids of those whom it joins, where it is near."""
        if until <= self._due_until:
            return []
        ahead = until + HOUR
        rows = LINKS.read("expires_at > %s AND expires_at <= %s", at(self._due_until), at(ahead))
        self._due_until = ahead
        for row in rows:
            heapq.heappush(self._due, (ms(row[7]), *row[:3]))
        return [one for row in rows if ms(row[7]) <= until for one in row[:2]]

    # Writing

    def put_booking(self, booking: Booking) -> None:
        self.bookings[booking.id] = booking
        self._numbers[booking.id] = self.tallies.add("last booking")

    def put_edge(self, edge: Edge) -> None:
        """Note its end, and the pair's place when it is a new pair (a pair that lost all its edges begins anew)."""
        pair: Pair = (min(edge.a, edge.b), max(edge.a, edge.b))
        edges = (self._account(edge.a).links or {})[edge.b]
        if pair not in self._pairs or self._pairs[pair][0] is not edges:
            self._pairs[pair] = edges, self.tallies.add("last pair")
        heapq.heappush(self._due, (edge.expires, *pair, edge.kind))

    def new_group(self) -> Group:
        group = Group(self.tallies.add("last group"))
        self.groups[group.number] = group
        return group

    def standing_groups(self) -> list[Group]:
        """Groups that somebody is in, in the order of their numbers."""
        groups = {
            account.group.number: account.group for account in self.accounts.values() if account and account.group
        }
        return [groups[number] for number in sorted(groups)]

    def save(self, seen_at: datetime) -> None:
        """Write what differs: numbers are given first, in the order of booking."""
        accounts = [account for account in self.accounts.values() if account is not None]
        places = self._places(accounts)
        rows = {
            BOOKERS: [booker_row(account, places.get(account.id, 0)) for account in accounts],
            BOOKED: [self._booked_row(booking) for account in accounts for booking in account.bookings],
            GROUPS: [group_row(group, self.scores.number(group.best)) for group in self.standing_groups()],
        }
        self.scores.save(seen_at)
        for table, now in rows.items():
            table.write([(*row, seen_at) for row in self._changed(table, now)])
        links = self._link_rows(accounts)
        LINKS.write(self._changed(LINKS, links))
        LINKS.delete(self._gone(LINKS, links))
        GROUPS.delete(self._gone(GROUPS, rows[GROUPS]))

    def _booked_row(self, booking: Booking) -> Row:
        score = self.scores.number(booking.flag.assessment) if booking.flag else None
        return booked_row(booking, self._numbers[booking.id], score)

    def _link_rows(self, accounts: Iterable[Account]) -> list[Row]:
        rows = []
        for account in accounts:
            for other, edges in (account.links or {}).items():
                pair: Pair = (min(account.id, other), max(account.id, other))
                if account.id == pair[0] or self.accounts.get(pair[0]) is None:
                    rows += [link_row(pair, edge, self._pairs[pair][1]) for edge in edges.values()]
        return rows

    def _changed(self, table: Table, rows: Iterable[Row]) -> list[Row]:
        saved = self._saved[table]
        return [row for row in rows if saved.get(row[: table.key]) != row]

    def _gone(self, table: Table, rows: Iterable[Row]) -> set[Row]:
        return self._saved[table].keys() - {row[: table.key] for row in rows}
