"""From an actor's records to the facts that are scored: counting within the windows of the rule set, nothing else."""

from collections import Counter
from collections.abc import Sequence

from antifraud.events import DAY, HOUR, SECOND
from antifraud.facts import Facts
from antifraud.families import Member, families
from antifraud.observing import is_rare_shape
from antifraud.records import ATTENDED, BOOKED, NO_SHOW, OTHER_PERSON, Account, Booking
from antifraud.rulesets import RuleSet
from antifraud.store import Store


def accounts_of(account: Account) -> list[Account]:
    """The actor that ``account`` belongs to."""
    return list(account.group.members.values()) if account.group else [account]


def is_plain(accounts: Sequence[Account]) -> bool:
    """Whether a lone account shows nothing yet that could score: true of most people, always."""
    [account, *others] = accounts
    return not (
        others
        or len(account.bookings) > 1
        or len(account.expired) > 3
        or account.spins
        or account.transfers
        or account.confirmed_at
        or any(booking.changed or booking.state == OTHER_PERSON for booking in account.bookings)
    )


class Gatherer:
    """Counts the facts of an actor. ``store`` only answers what is common and what is usual."""

    def __init__(self, store: Store, rules: RuleSet) -> None:
        self.store, self.rules = store, rules
        self._common = rules["E1"]["common"]

    def is_common(self, surname: bytes) -> bool:
        return self.store.surname_share(surname) > self._common

    def facts(self, accounts: Sequence[Account], now: int) -> Facts:
        """The facts of one actor at ``now``."""
        since = now - int(self.rules.windows["facts"] * DAY)
        bookings = [booking for account in accounts for booking in account.bookings if booking.booked_at >= since]
        named = [booking for booking in bookings if booking.person is not None]
        family = families([self._member(booking) for booking in named], self.is_common_name(named))
        family_of = {booking.id: place for booking, place in zip(named, family, strict=True)}
        return Facts(
            accounts=len(accounts),
            families=len(set(family)),
            vouched=any(account.vouched_until > now for account in accounts),
            **_contact(accounts, family_of),
            template=self._template(accounts),
            **self._device(accounts, family_of, now),
            **self._pace(bookings, accounts),
            **_inventory(accounts, bookings, now, since),
            **_applicants(named, family_of),
            **_outcome(accounts, bookings, now),
            **_staff(bookings, family_of, self.rules["C2"]["seconds"] * SECOND),
        )

    def is_common_name(self, named: Sequence[Booking]):
        listed = {surname for booking in named for surname in booking.person.common}
        return lambda surname: surname in listed or self.is_common(surname)

    def _member(self, booking: Booking) -> Member:
        return Member(booking.person, booking.account.id)

    def _device(self, accounts: Sequence[Account], family_of: dict[str, int], now: int) -> dict[str, int]:
        if len(accounts) == 1:
            hosting = sum(booking.asn_kind == "hosting" for booking in accounts[0].bookings)
            return {"device_accounts": 1, "device_families": 0, "prefix_burst": 0, "hosting": hosting}
        on: dict[str, list[Account]] = {}
        for account in accounts:
            for device in account.devices:
                if self.store.public_until(device) < now:
                    on.setdefault(device, []).append(account)
        largest = max(on.values(), key=len, default=[])
        booked = {family_of[b.id] for account in largest for b in account.bookings if b.id in family_of}
        return {
            "device_accounts": len(largest),
            "device_families": len(booked),
            "prefix_burst": _prefix_burst(accounts),
            "hosting": sum(b.asn_kind == "hosting" for account in accounts for b in account.bookings),
        }

    def _template(self, accounts: Sequence[Account]) -> int:
        if len(accounts) < 3:
            return 0
        shapes: dict[str, list[int]] = {}
        for account in accounts:
            if account.mailbox and is_rare_shape(self.store, account.mailbox.shape, self.rules.links):
                shapes.setdefault(account.mailbox.shape, []).append(account.created_at)
        return max((_largest_burst(moments) for moments in shapes.values()), default=0)

    def _pace(self, bookings: Sequence[Booking], accounts: Sequence[Account]) -> dict[str, float]:
        quick = self.rules["C1"]["seconds"]
        prompt = self.rules["C2"]["seconds"] * SECOND
        forms = [booking.fill_s for booking in bookings if booking.fill_s is not None]
        lags = [b.lag for b in bookings if b.lag is not None and b.origin not in ("draw", "offer", "replacement")]
        return {
            "typed": len(forms),
            "fast": sum(form < quick for form in forms),
            "lags": len(lags),
            "snipes": sum(lag <= prompt for lag in lags),
            "usual_snipes": up_to_power(self.store.share("snipe")),
            "even_polls": max((_even(account.polls) for account in accounts), default=0),
        }


def up_to_power(share: float) -> float:
    """``share`` rounded up to a power of two, so that a single booking more or less changes no score."""
    power = 1.0
    while power / 2 >= share and power > 1 / 1024:
        power /= 2
    return power if share else 0.0


def _even(polls: Sequence[int]) -> int:
    """How many polls came at machine-even intervals: their number, when the intervals vary by less than a tenth."""
    gaps = [later - earlier for earlier, later in zip(polls, polls[1:], strict=False)]
    if len(gaps) < 7:
        return 0
    mean = sum(gaps) / len(gaps)
    spread = (sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) ** 0.5
    return len(polls) if mean and spread / mean < 0.1 else 0


def _largest_burst(moments: list[int]) -> int:
    """The most moments that fall into one hour."""
    moments.sort()
    best = start = 0
    for end, moment in enumerate(moments):
        while moments[start] < moment - HOUR:
            start += 1
        best = max(best, end - start + 1)
    return best


def _prefix_burst(accounts: Sequence[Account]) -> int:
    on: dict[str, list[int]] = {}
    for account in accounts:
        if account.prefixes:
            on.setdefault(account.prefixes[0], []).append(account.created_at)
    return max((_largest_burst(moments) for moments in on.values()), default=0)


def _contact(accounts: Sequence[Account], family_of: dict[str, int]) -> dict[str, int]:
    mailboxes = Counter(account.mailbox.key for account in accounts if account.mailbox)
    users: dict[bytes, list[Account]] = {}
    for account in accounts:
        for phone in account.phones:
            users.setdefault(phone, []).append(account)
    shared = {account.id: account for sharing in users.values() if len(sharing) > 1 for account in sharing}
    phoned = sum(bool(account.phones) for account in accounts)
    stated = Counter(phone for account in accounts for phone in account.stated)
    return {
        "aliases": sum(mailboxes.values()) - len(mailboxes),
        "phone_accounts": max(map(len, users.values()), default=0),
        "phone_surplus": max(0, phoned - len(users)),
        "phone_families": len(
            {family_of[b.id] for account in shared.values() for b in account.bookings if b.id in family_of}
        ),
        "stated_accounts": max(stated.values(), default=0),
        "disposable": sum(bool(account.mailbox and account.mailbox.disposable) for account in accounts),
        "own_phones": min(phoned, len(users)),
    }


def _inventory(accounts: Sequence[Account], bookings: Sequence[Booking], now: int, since: int) -> dict[str, int]:
    ids = {account.id for account in accounts}
    transfers = {transfer for account in accounts for transfer in account.transfers if transfer.t >= since}
    inside = sum(transfer.giver in ids and transfer.taker in ids for transfer in transfers)
    outside = sum(transfer.taker not in ids for transfer in transfers)
    expired = sum(moment >= since for account in accounts for moment in account.expired)
    return {
        "spins": sum(spin.t >= since for account in accounts for spin in account.spins),
        "holds": len(bookings) + expired,
        "expired": expired,
        "transfers": inside + max(0, outside - 1),
        "active": sum(b.state == BOOKED and (b.starts_at is None or b.starts_at > now) for b in bookings),
        "offices": len({booking.office for booking in bookings if booking.office}),
    }


def _applicants(named: Sequence[Booking], family_of: dict[str, int]) -> dict[str, int]:
    bookers: dict[bytes, set[str]] = {}
    births: dict[bytes, set[int]] = {}
    for booking in named:
        bookers.setdefault(booking.person.key, set()).add(booking.account.id)
        if booking.person.birth:
            births.setdefault(booking.person.birth, set()).add(family_of[booking.id])
    people = {booking.person.key: booking.person for booking in named}.values()
    return {
        "applicants": len(people),
        "contradictions": sum(person.contradiction for person in people),
        "curps": sum(bool(person.contradiction or person.curp) for person in people),
        "changes": sum(booking.changed for booking in named),
        "twins_of_strangers": sum(len(strangers) for strangers in births.values() if len(strangers) > 1),
        "rebooked": sum(len(accounts) > 1 for accounts in bookers.values()),
        "minors": sum(person.minor for person in people),
        "guardians": sum(person.guardian for person in people),
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


def _staff(bookings: Sequence[Booking], family_of: dict[str, int], prompt: float) -> dict[str, int]:
    by_agent = [booking for booking in bookings if booking.agent]
    return {
        "agent_bookings": len(by_agent),
        "agent_families": len({family_of[b.id] for b in by_agent if b.id in family_of}),
        "agent_snipes": sum(b.lag is not None and b.lag <= prompt for b in by_agent),
    }
