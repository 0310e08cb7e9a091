"""Seats that go from hand to hand: given up and taken again, or held anew as soon as a hold has run out (OAT-021).

That a stranger takes a freed seat is daily life. It links two accounts only at once, or with something else that tells.
"""

import math
from collections.abc import Iterable, Sequence
from itertools import combinations

from antifraud.events import DAY, MINUTE, SECOND, Event
from antifraud.evidence.contribution import custom, up_to_power
from antifraud.families import related
from antifraud.gather import Gatherer, accounts_of, is_even
from antifraud.identities import Person
from antifraud.linking import SOFT, Linker
from antifraud.records import CANCELLED, Account, Booking, Freed, Group, Spin, Transfer
from antifraud.rulesets import RuleSet
from antifraud.store import Store

WITHIN = 30 * MINUTE
PURSUED_WITHIN = 5 * MINUTE
SOON = 2 * MINUTE


class Trades:
    """Notes trades and spins at their accounts, and links whom they join."""

    def __init__(self, store: Store, linker: Linker, gatherer: Gatherer, rules: RuleSet) -> None:
        self.store, self.linker, self.gatherer, self.rules = store, linker, gatherer, rules

    def freed(self, event: Event) -> tuple[Freed | None, int | None]:
        """The seat's last owner, when it was freed shortly before, and the time since it could be seen again."""
        visible = event.visible_at
        since = event.t - (DAY if visible is not None else WITHIN)
        seen = visible if visible is not None else event.t
        freed = self.store.freed_seat(event.slot, event.seat, since=since, visible_at=seen) if event.slot else None
        if visible is None:
            visible = freed.t if freed else None
        return freed, None if visible is None else max(0, event.t - visible)

    def spun(self, account: Account, chain: tuple[str, ...], t: int, slot: str) -> None:
        """A seat's holds ran out one after the other, each taken again at once: two may be chance, three are not."""
        if len(chain) < 3 and len(set(chain)) < 2:
            return
        account.spins = (*account.spins, Spin(t, len(chain), slot))[-40:]
        weight = self.rules.links["spin_again" if len(chain) > 2 else "spin"]
        for other_id in dict.fromkeys(chain[-4:-1]):
            other = self.store.account(other_id)
            if other is not None:
                self.linker.link(account, other, "spin", weight, t=t, evidence=len(chain))

    def transfer_of(self, booking: Booking, person: Person, freed: Freed) -> Transfer | None:
        """The trade that ``booking`` is, if its seat went to a person of another family soon after it was seen."""
        lag, giver = booking.lag, self.store.account(freed.account)
        if freed.person is None or giver is None or lag is None or lag > WITHIN:
            return None
        if related(person, freed.person, self.gatherer.is_common):
            return None
        return Transfer(booking.booked_at, lag, giver.id, booking.account.id)

    def transfer(self, booking: Booking, transfer: Transfer) -> None:
        """Note a trade at both its ends, and link them."""
        lag, giver = transfer.lag, self.store.account(transfer.giver)
        assert giver is not None  # noqa: S101 - the trade was made of its account
        for one in {giver.id: giver, booking.account.id: booking.account}.values():
            one.transfers = (*one.transfers, transfer)[-40:]
        links = self.rules.links
        speed = "at_once" if lag <= MINUTE // 2 else "soon" if lag <= SOON else "later"
        name = "usual" if self.is_usual() else speed
        earlier = self._traded(giver, booking.account)
        self.linker.link(
            giver, booking.account, "transfer", links[f"transfer_{name}"], t=booking.booked_at, evidence=lag
        )
        given = [self.is_telling(b) for b in giver.bookings if b.slot == booking.slot and b.state == CANCELLED]
        kin = self.is_family(giver) or self.is_family(booking.account)
        if earlier or (not kin and self.is_telling(booking)) or (not kin and any(given)):
            self.linker.link(giver, booking.account, "trade", links["telling"] + earlier, t=booking.booked_at)
        for one in (giver, booking.account):
            if one.group is not None and one.group.case:
                self.pursue(one.group, booking.booked_at)

    def is_usual(self) -> bool:
        """Whether people watch so closely that freed seats mostly go within minutes: then a trade says little."""
        return self.store.share("transfer") > self.rules.links["usual_trades"]

    def _traded(self, giver: Account, taker: Account) -> int:
        """How many seats went between these two actors before, in either direction."""
        one = {account.id for account in accounts_of(giver)}
        other = {account.id for account in accounts_of(taker)}
        trades = {transfer for account in accounts_of(giver) for transfer in account.transfers}
        both = sum(
            (trade.giver in one and trade.taker in other) or (trade.giver in other and trade.taker in one)
            for trade in trades
        )
        return both - 1 if one.isdisjoint(other) else both

    def pursue(self, group: Group, now: int) -> None:
        """Follow an open case's seats: who took one that its actor gave back, or lost one to it, is likely its own.

        Parties, families and helpers stay out: they come upon freed seats as everybody does.
        """
        if self.is_usual():
            return
        asked: set[str] = set()
        while fresh := [account for account in group.members.values() if account.id not in asked]:
            asked.update(account.id for account in fresh)
            for account in fresh:
                if not self.is_only_trader(account):
                    self._pursue_seats(account, now)

    def _pursue_seats(self, account: Account, now: int) -> None:
        for trade in account.transfers:
            if trade.lag > (PURSUED_WITHIN if trade.giver == account.id else SOON):
                continue
            other = self.store.account(trade.taker if trade.giver == account.id else trade.giver)
            if other is None or (other.group is not None and other.group is account.group):
                continue
            if self._acts_for_one(accounts_of(other)):
                self.linker.link(account, other, "pursued", self.rules.links["pursued"], t=now)

    def _acts_for_one(self, accounts: Iterable[Account]) -> bool:
        """Whether they booked little, and nothing that a party, a family or a helper books."""
        bookings = [booking for one in accounts for booking in one.bookings]
        return len(bookings) <= 3 and not any(b.party for b in bookings) and not self._has_kin(bookings)

    def is_buyer(self, account: Account, now: int) -> bool:
        """Whether a lone booker came for a seat that the actor had just let go, sooner than hardly anybody else does.

        That is how a seat is handed over to whoever paid for it. Where people watch closely, it says nothing.
        """
        group, bar = account.group, self.rules.links.get("buyer")
        if bar is None or group is None or account.vouched_until > now or not self._acts_for_one([account]):
            return False
        took = any(
            trade.taker == account.id
            and trade.lag <= SOON
            and trade.giver in group.members
            and trade.giver != trade.taker
            for trade in account.transfers
        )
        return took and self.bits([account]) >= bar

    def bits(self, core: Sequence[Account]) -> float:
        """How many bits the trades of these accounts with the rest of their group speak for being one with it."""
        inside = {account.id for account in core}
        group = core[0].group.members if core[0].group else {}
        outward = {
            trade
            for account in core
            for trade in account.transfers
            if (trade.giver in inside) != (trade.taker in inside) and trade.giver in group and trade.taker in group
        }
        rule, share = self.rules["D3"], self.store.share
        soon = math.log2(rule["suspect"] / custom(rule, up_to_power(share("transfer"))))
        late = math.log2(rule["suspect"] / custom(rule, up_to_power(share("trade")), "usual_late"))
        taken = {trade for trade in outward if trade.taker in inside and self.is_at_once(trade.lag)}
        return sum(max(0, soon, late) if trade.lag <= SOON else max(0, late) for trade in outward - taken)

    def is_at_once(self, lag: int) -> bool:
        return lag <= self.rules["C2"]["seconds"] * SECOND

    def is_only_trader(self, account: Account) -> bool:
        """Whether nothing but trades ties the account to others, and nothing of its own tells."""
        kinds = {kind for edges in (account.links or {}).values() for kind in edges}
        return bool(kinds) and not kinds - SOFT and not any(map(self.is_telling, account.bookings))

    def _has_kin(self, bookings: Sequence[Booking]) -> bool:
        people = list({booking.person.key: booking.person for booking in bookings if booking.person}.values())
        return any(related(a, b, self.gatherer.is_common) for a, b in combinations(people, 2))

    def is_family(self, account: Account) -> bool:
        """Whether the booker acts for several people who are visibly one family."""
        people = [booking.person for booking in account.bookings if booking.person]
        return len({person.key for person in people}) > 1 and all(
            related(people[0], person, self.gatherer.is_common) for person in people
        )

    def is_telling(self, booking: Booking) -> bool:
        """Whether a booking shows anything else that people seldom show."""
        contradiction = booking.person is not None and booking.person.contradiction
        return contradiction or self.is_quick(booking) or self.is_prompt(booking) or is_even(booking.account.polls)

    def is_quick(self, booking: Booking) -> bool:
        return booking.fill_s is not None and booking.fill_s < self.rules["C1"]["seconds"]

    def is_prompt(self, booking: Booking) -> bool:
        return booking.lag is not None and booking.lag <= self.rules["C2"]["seconds"] * SECOND
