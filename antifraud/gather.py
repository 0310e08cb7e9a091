"""From an actor's records to the facts that are scored: counting within the windows of the rule set, nothing else.

A *circle* is what one mailbox or phone holds together. Unrelated people, many appointments and many offices count
within circles: a public terminal, or a chain of seats that changed hands, joins strangers who each do nothing unusual.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from antifraud.events import DAY, HOUR, MINUTE, SECOND
from antifraud.evidence.contribution import up_to_power
from antifraud.facts import Facts
from antifraud.families import Member, Sets, families
from antifraud.identities import Person
from antifraud.linking import hard, is_strong
from antifraud.observing import AT_ONCE, is_rare_shape
from antifraud.records import ATTENDED, BOOKED, NO_SHOW, OTHER_PERSON, Account, Booking
from antifraud.rulesets import RuleSet
from antifraud.store import Store

VISIT = 10 * MINUTE  # seats taken in one sitting say one thing about pace, not several
NOT_CHOSEN = frozenset({"draw", "offer", "replacement"})  # seats whose moment the booker did not choose


class Placed(NamedTuple):
    """A booking with its applicant, its circle and its family (places of their first members)."""

    booking: Booking
    person: Person
    circle: int
    family: int


def accounts_of(account: Account) -> list[Account]:
    """The actor that ``account`` belongs to."""
    return list(account.group.members.values()) if account.group else [account]


def is_plain(account: Account, rules: RuleSet) -> bool:
    """Whether a lone account shows nothing yet that could open a case: true of most people, always."""
    if account.group or account.spins or account.transfers or account.confirmed_at or len(account.expired) > 3:
        return False
    bookings = account.bookings
    if len(account.polls) > 7 or len(bookings) > 2:
        return False
    return not any(b.changed or b.state == OTHER_PERSON or is_sprint(b, rules) for b in bookings)


def is_sprint(booking: Booking, rules: RuleSet) -> bool:
    """Whether a seat was taken at once and its form was filled in a moment."""
    if booking.lag is None or booking.fill_s is None:
        return False
    return booking.lag <= rules["C2"]["seconds"] * SECOND and booking.fill_s < rules["C1"]["seconds"]


class Gatherer:
    """Counts the facts of an actor. ``store`` only answers what is common and what is usual."""

    def __init__(self, store: Store, rules: RuleSet) -> None:
        self.store, self.rules = store, rules

    def facts(self, accounts: Sequence[Account], now: int) -> Facts:
        """The facts of one actor at ``now``."""
        since = now - int(self.rules.windows["facts"] * DAY)
        bookings = [booking for account in accounts for booking in account.bookings if booking.booked_at >= since]
        placed = self._placed(accounts, bookings)
        return Facts(
            accounts=len(accounts),
            vouched=any(account.vouched_until > now for account in accounts),
            template=self._template(accounts),
            usual_snipes=up_to_power(self.store.share("snipe")),
            usual_fast=up_to_power(self.store.share("fast")),
            usual_sprints=up_to_power(self.store.share("sprint")),
            usual_transfers=up_to_power(self.store.share("transfer")),
            usual_trades=up_to_power(self.store.share("trade")),
            usual_contradictions=up_to_power(self.store.share("curp")),
            **_people(placed),
            **_circles(placed, now),
            **_contact(accounts, placed),
            **_inventory(accounts, bookings, since, self.rules),
            **_outcome(accounts, bookings, now),
            **self._device(accounts, placed),
            **self._pace(bookings, accounts),
        )

    def is_common(self, surname: bytes) -> bool:
        return self.store.surname_share(surname) > self.rules["E1"]["common"]

    def common_among(self, people: Iterable[Person]) -> Callable[[bytes], bool]:
        """Tells the surnames that very many have: listed ones, and those that this history shows to be."""
        listed = {surname for person in people for surname in person.common}
        return lambda surname: surname in listed or self.is_common(surname)

    def _placed(self, accounts: Sequence[Account], bookings: Sequence[Booking]) -> list[Placed]:
        circle = circles(accounts)
        named = [(booking, booking.person) for booking in bookings if booking.person is not None]
        members = [Member(person, b.account.id, circle[b.account.id]) for b, person in named]
        family = families(members, self.common_among(person for _, person in named))
        return [
            Placed(booking, person, circle[booking.account.id], its)
            for (booking, person), its in zip(named, family, strict=True)
        ]

    def _template(self, accounts: Sequence[Account]) -> int:
        if len(accounts) < 3:
            return 0
        shapes: dict[str, list[int]] = {}
        for account in accounts:
            if account.mailbox and is_rare_shape(self.store, account.mailbox.shape, self.rules.links):
                shapes.setdefault(account.mailbox.shape, []).append(account.created_at)
        return max((largest_burst(moments) for moments in shapes.values()), default=0)

    def _device(self, accounts: Sequence[Account], placed: Sequence[Placed]) -> dict[str, int]:
        hosting = sum(booking.asn_kind == "hosting" for account in accounts for booking in account.bookings)
        if len(accounts) == 1:
            return {"hosting": hosting}
        circle = circles(accounts)
        on: dict[str, set[str]] = {}
        for account in accounts:
            for device in account.devices:
                if not self.store.public_until(device) and not self.store.is_crowd(device):
                    on.setdefault(device, set()).add(account.id)
        largest = max(on.values(), key=len, default=set())
        bursts: dict[str, list[int]] = {}
        for account in accounts:
            if account.prefixes:
                bursts.setdefault(account.prefixes[0], []).append(account.created_at)
        return {
            "hosting": hosting,
            "device_circles": len({circle[account] for account in largest}),
            "device_families": len({one.family for one in placed if one.booking.account.id in largest}),
            "prefix_burst": max((largest_burst(moments) for moments in bursts.values()), default=0),
        }

    def _pace(self, bookings: Sequence[Booking], accounts: Sequence[Account]) -> dict[str, int]:
        quick, prompt = self.rules["C1"]["seconds"], self.rules["C2"]["seconds"] * SECOND
        forms: dict[str, list[bool]] = {}
        visits: dict[tuple[str, int], list[bool]] = {}
        sprints = set()
        for b in bookings:
            if b.fill_s is not None:
                forms.setdefault(b.account.id, []).append(b.fill_s < quick)
            if b.lag is not None and not b.agent and b.origin not in NOT_CHOSEN:
                visits.setdefault((b.account.id, b.booked_at // VISIT), []).append(b.lag <= prompt)
                if b.lag <= prompt and b.fill_s is not None and b.fill_s < quick:
                    sprints.add((b.account.id, b.booked_at // VISIT))
        return {
            "typed": len(forms),
            "fast": sum(map(mostly, forms.values())),
            "lags": len(visits),
            "snipes": sum(map(mostly, visits.values())),
            "sprints": len(sprints),
            "even_polls": sum(map(is_even, (account.polls for account in accounts))),
        }


def circles(accounts: Sequence[Account]) -> dict[str, int]:
    """The circle of each account: joined by a shared mailbox, a proven phone, or a phone that one agent was given."""
    sets = Sets(len(accounts))
    first: dict[Hashable, int] = {}
    for place, account in enumerate(accounts):
        keys: list[Hashable] = list(account.phones)
        if account.mailbox:
            keys.append(account.mailbox.key)
        if account.agent:
            keys += [(account.agent, phone) for phone in account.stated]
        for key in keys:
            sets.join(first.setdefault(key, place), place)
    return {account.id: sets.find(place) for place, account in enumerate(accounts)}


def mostly(trials: Sequence[bool]) -> bool:
    return sum(trials) * 2 >= len(trials)


def is_even(polls: Sequence[int]) -> bool:
    """Whether somebody looked eight times or more, at intervals that vary by less than a tenth: a machine."""
    gaps = [later - earlier for earlier, later in pairwise(polls[-8:])]
    if len(gaps) < 7:
        return False
    mean = sum(gaps) / len(gaps)
    return mean > 0 and sum((gap - mean) ** 2 for gap in gaps) < len(gaps) * (mean / 10) ** 2


def largest_burst(moments: list[int]) -> int:
    """The most moments that fall into one hour."""
    moments.sort()
    best = start = 0
    for end, moment in enumerate(moments):
        while moments[start] < moment - HOUR:
            start += 1
        best = max(best, end - start + 1)
    return best


def _people(placed: Sequence[Placed]) -> dict[str, int]:
    """Who is booked for."""
    bookers: dict[bytes, set[int]] = {}
    births: dict[bytes, set[int]] = {}
    for one in placed:
        bookers.setdefault(one.person.key, set()).add(one.circle)
        if one.person.birth:
            births.setdefault(one.person.birth, set()).add(one.family)
    people = {one.person.key: one.person for one in placed}.values()
    return {
        "families": len({one.family for one in placed}),
        "applicants": len(people),
        "contradictions": sum(person.contradiction for person in people),
        "curps": sum(person.has_curp for person in people),
        "changes": sum(one.booking.changed for one in placed),
        "twins_of_strangers": sum(len(strangers) for strangers in births.values() if len(strangers) > 1),
        "rebooked": sum(len(several) > 1 for several in bookers.values()),
        "minors": sum(person.minor for person in people),
        "guardians": sum(person.guardian for person in people),
    }


def _circles(placed: Sequence[Placed], now: int) -> dict[str, int]:
    """What the circles hold: strangers beyond two families each, and the largest number of appointments and offices."""
    circle: dict[int, list[Placed]] = {}
    for one in placed:
        circle.setdefault(one.circle, []).append(one)
    found = circle.values()
    return {
        "strangers": max(0, sum(len({one.family for one in few}) - 1 for few in found) - 1),
        "active": max((sum(is_active(one.booking, now) for one in few) for few in found), default=0),
        "offices": max((len({one.booking.office for one in few} - {""}) for few in found), default=0),
        "far": sum(map(_far, found)),
        "agent_families": max(
            (
                len({one.family for one in few if is_uncalled(one.booking)})
                for few in found
                if len({one.booking.account.id for one in few}) > 1
            ),
            default=0,
        ),
    }


def _far(circle: Sequence[Placed]) -> int:
    """Offices beyond the first to which the families of one circle of several accounts went, each at first."""
    if len({one.booking.account.id for one in circle}) < 2:
        return 0
    went: dict[int, str] = {}
    for one in circle:
        if one.booking.office:
            went.setdefault(one.family, one.booking.office)
    return max(0, len(set(went.values())) - 1)


def is_uncalled(booking: Booking) -> bool:
    """Booked by an agent for somebody whose telephone was never proven: no caller stands behind it."""
    return bool(booking.agent) and not booking.account.phones


def is_active(booking: Booking, now: int) -> bool:
    return booking.state == BOOKED and (booking.starts_at is None or booking.starts_at > now)


def _contact(accounts: Sequence[Account], placed: Sequence[Placed]) -> dict[str, int]:
    if len(accounts) == 1:
        own = int(bool(accounts[0].phones))
        return {"own_phones": own, "phoned": own, "disposable": _disposable(accounts)}
    users: dict[bytes, set[str]] = {}
    boxes: dict[bytes, set[str]] = {}
    for account in accounts:
        for phone in account.phones:
            users.setdefault(phone, set()).add(account.id)
        if account.mailbox:
            boxes.setdefault(account.mailbox.key, set()).add(account.id)
    booked: dict[str, set[int]] = {}
    for one in placed:
        booked.setdefault(one.booking.account.id, set()).add(one.family)
    return {
        "aliases": sum(map(len, boxes.values())) - len(boxes),
        "alias_strangers": _strangers(boxes.values(), booked),
        "phoned": sum(bool(account.phones) for account in accounts),
        "phones": len(users),
        "phone_strangers": _strangers(users.values(), booked),
        "unproven": sum(bool(account.stated) and not account.phones for account in accounts),
        "own_phones": sum(
            bool(account.phones) and all(len(users[phone]) == 1 for phone in account.phones) for account in accounts
        ),
        "disposable": _disposable(accounts),
    }


def _strangers(sharing: Iterable[set[str]], booked: dict[str, set[int]]) -> int:
    """Accounts that share something with another family: of those on one phone, as many as families, less the first."""
    return sum(
        max(0, min(len(ids), len(set().union(*(booked.get(account, ()) for account in ids)))) - 1)
        for ids in sharing
        if len(ids) > 1
    )


def _disposable(accounts: Sequence[Account]) -> int:
    return sum(bool(account.mailbox and account.mailbox.disposable) for account in accounts)


def _chained(accounts: Sequence[Account], rules: RuleSet) -> int:
    """How many links of a chain would make one group of these accounts, were it not for what strangers share by chance.

    Whoever follows trades from one to the next finds trades: past the first, those that the chain needs tell nothing.
    """
    sets = Sets(len(accounts))
    places = {account.id: place for place, account in enumerate(accounts)}
    for place, account in enumerate(accounts):
        for other, edges in (account.links or {}).items():
            if place < places.get(other, 0) and is_strong(hard(edges), rules):
                sets.join(place, places[other])
    return max(0, len({sets.find(place) for place in range(len(accounts))}) - 2)


def _inventory(accounts: Sequence[Account], bookings: Sequence[Booking], since: int, rules: RuleSet) -> dict[str, int]:
    ids = {account.id for account in accounts}
    transfers = {transfer for account in accounts for transfer in account.transfers if transfer.t >= since}
    inside = [transfer for transfer in transfers if transfer.giver in ids and transfer.taker in ids]
    expired = sum(moment >= since for account in accounts for moment in account.expired)
    soon = sum(transfer.lag <= 2 * MINUTE for transfer in inside)
    chained = _chained(accounts, rules) if len(inside) > 1 else 0
    return {
        "chained": min(chained, len(inside) - 1),
        "spins": sum(spin.t >= since for account in accounts for spin in account.spins),
        "booked": len(bookings),
        "holds": len(bookings) + expired,
        "expired": expired,
        "uncalled": sum(map(is_uncalled, bookings)),
        "uncalled_at_once": sum(is_uncalled(b) and b.lag is not None and b.lag <= AT_ONCE for b in bookings),
        "transfers": soon,
        "late_transfers": len(inside) - soon,
    }


def _outcome(accounts: Sequence[Account], bookings: Sequence[Booking], now: int) -> dict[str, int]:
    states = Counter(booking.state for booking in bookings)
    confirmed = [account.confirmed_at for account in accounts if account.confirmed_at is not None]
    return {
        "ended": states[ATTENDED] + states[NO_SHOW] + states[OTHER_PERSON],
        "attended": states[ATTENDED],
        "no_shows": states[NO_SHOW],
        "others": states[OTHER_PERSON],
        "confirmed_days": (now - max(confirmed)) // DAY if confirmed else -1,
    }
