"""The engine: one event in, links, groups, scores and cases kept up to date. Time is what the events say.

Pure but for its store (antifraud/store.py). Each event touches its own account and that account's group, nothing else.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import combinations

from antifraud.events import DAY, MINUTE, SECOND, Event
from antifraud.families import related
from antifraud.gather import AT_ONCE, NOT_CHOSEN, Gatherer, accounts_of, is_even, is_plain
from antifraud.identities import Person, person_of
from antifraud.linking import Linker
from antifraud.observing import Observer
from antifraud.records import (
    ATTENDED,
    BOOKED,
    CANCELLED,
    NO_SHOW,
    OTHER_PERSON,
    Account,
    Booking,
    Flag,
    Freed,
    Group,
    OpenHold,
    Spin,
    Transfer,
)
from antifraud.rulesets import RuleSet
from antifraud.scoring import Assessment, assess
from antifraud.store import Store

TRANSFER_WITHIN = 30 * MINUTE
PURSUED_WITHIN = 5 * MINUTE
FOREVER = 1 << 60
TRADES = frozenset({"transfer", "trade", "pursued"})


class Engine:
    """Feeds on events in the order of time. What it found stands in the store: bookings with their flags, and the log."""

    def __init__(self, store: Store, rules: RuleSet) -> None:
        self.store, self.rules = store, rules
        self.linker = Linker(store, rules)
        self.observer = Observer(store, self.linker, rules)
        self.gatherer = Gatherer(store, rules)
        self.now = 0
        self._handlers: dict[str, Callable[[Event, Account | None], None]] = {
            "hold": self._hold,
            "poll": self._poll,
            "expire": self._expire,
            "book": self._book,
            "correct": self._correct,
            "move": self._move,
            "cancel": self._cancel,
            "attend": self._outcome,
            "no_show": self._outcome,
            "other_person": self._outcome,
            "helper": self._helper,
            "drive": self._drive,
            "public_device": self._public_device,
            "review": self._review,
        }

    def run(self, events: Iterable[Event]) -> None:
        for event in events:
            self.take(event)

    def take(self, event: Event) -> None:
        """Learn one event, and judge again whom it touches."""
        self.now = max(self.now, event.t)
        self.linker.expire(self.now)
        account = self.observer.account_of(event)
        before = account.group if account else None
        if account is not None and event.channel != "counter":
            self.observer.observe(account, event)
        handler = self._handlers.get(event.kind)
        if handler is not None:
            handler(event, account)
        elif account is not None and account.group is not before:
            self._judge(account)

    def _hold(self, event: Event, account: Account | None) -> None:
        if account is None:
            return
        freed, lag = self._freed(event, account)
        if lag is not None:
            if lag <= AT_ONCE:
                self.observer.at_once(account, event)
            self.store.count("snipe", lag <= self.rules["C2"]["seconds"] * SECOND)
        hold = OpenHold(
            event.t, account.id, event.slot, event.seat, event.office, event.starts_at, lag, event.origin,
            event.channel, event.agent, event.asn_kind, freed,
            person_of(event.applicant, event.t) if event.applicant else None, event.fill_s, event.prefix,
        )  # fmt: skip
        self.store.put_hold(event.hold, hold)

    def _freed(self, event: Event, account: Account) -> tuple[Freed | None, int | None]:
        """The seat's last owner, when it was freed shortly before, and the time since it could be seen again."""
        visible = event.visible_at
        since = event.t - (DAY if visible is not None else TRANSFER_WITHIN)
        seen = visible if visible is not None else event.t
        freed = self.store.freed_seat(event.slot, event.seat, since=since, visible_at=seen) if event.slot else None
        if visible is None:
            visible = freed.t if freed else None
        return freed, None if visible is None else max(0, event.t - visible)

    def _poll(self, event: Event, account: Account | None) -> None:
        if account is not None:
            account.polls = (*account.polls, event.t)[-12:]

    def _expire(self, event: Event, _: Account | None) -> None:
        hold = self.store.hold(event.hold)
        if hold is None:
            return
        self.store.end_hold(event.hold)
        account = self.store.account(hold.account)
        assert account is not None  # noqa: S101 - a hold is only kept with its account
        account.expired = (*account.expired, event.t)[-40:]
        chain: tuple[str, ...] = (account.id,)
        if hold.freed and hold.freed.chain and hold.lag is not None and hold.lag <= MINUTE:
            chain = (*hold.freed.chain, account.id)[-12:]
            self._spun(account, chain, event.t, hold.slot)
        if hold.slot:
            self.store.free_seat(hold.slot, Freed(event.t, account.id, hold.seat, None, chain))
        self._judge(account)

    def _spun(self, account: Account, chain: tuple[str, ...], t: int, slot: str) -> None:
        """A seat's holds ran out one after the other, each taken again at once: two may be chance, three are not."""
        if len(chain) < 3 and len(set(chain)) < 2:
            return
        account.spins = (*account.spins, Spin(t, len(chain), slot))[-40:]
        weight = self.rules.links["spin_again" if len(chain) > 2 else "spin"]
        for other_id in dict.fromkeys(chain[-4:-1]):
            other = self.store.account(other_id)
            if other is not None:
                self.linker.link(account, other, "spin", weight, t=t, evidence=len(chain))

    def _book(self, event: Event, account: Account | None) -> None:
        hold = self.store.hold(event.hold)
        self.store.end_hold(event.hold)
        if account is None and hold is not None:
            account = self.store.account(hold.account)
        if account is None:
            account = Account(f"booking:{event.appointment}", event.t)
            self.store.save_account(account)
        booking = self._booking(event, hold, account)
        account.bookings = (*account.bookings, booking)
        self.store.put_booking(booking)
        if booking.person is not None:
            self._applicant(booking, booking.person, event.t)
            traded = hold is not None and hold.freed is not None and self._transfer(booking, booking.person, hold.freed)
            self.store.count("transfer", bool(traded))
        if booking.fill_s is not None:
            self.store.count("fast", self._is_quick(booking))
            self.store.count("sprint", self._is_quick(booking) and self._is_prompt(booking))
        if self._is_quick(booking):
            self.observer.pace(account, event, event.prefix or (hold.prefix if hold else ""))
            if self._is_prompt(booking) and booking.origin not in NOT_CHOSEN:
                self.observer.sprint(account, booking.office, event.t)
        self._judge(account)

    def _booking(self, event: Event, hold: OpenHold | None, account: Account) -> Booking:
        person = person_of(event.applicant, event.t) if event.applicant else hold.person if hold else None
        return Booking(
            id=event.appointment,
            account=account,
            person=person,
            party=event.group,
            slot=event.slot or (hold.slot if hold else ""),
            seat=event.seat or (hold.seat if hold else ""),
            office=event.office or (hold.office if hold else ""),
            starts_at=event.starts_at if event.starts_at is not None else hold.starts_at if hold else None,
            held_at=hold.t if hold else event.t,
            booked_at=event.t,
            lag=hold.lag if hold else None,
            fill_s=event.fill_s if event.fill_s is not None else hold.fill_s if hold else None,
            origin=event.origin or (hold.origin if hold else ""),
            channel=event.channel or (hold.channel if hold else ""),
            agent=event.agent or (hold.agent if hold else ""),
            asn_kind=event.asn_kind or (hold.asn_kind if hold else ""),
        )

    def _applicant(self, booking: Booking, person: Person, t: int) -> None:
        if person.curp or person.contradiction:
            self.store.count("curp", person.contradiction)
        for surname in set(person.surnames):
            self.store.meet_surname(surname)
        for key in filter(None, (person.key, person.curp)):
            for other in self.store.use_key("person", key, booking.account)[1]:
                if any(
                    b.person and key in (b.person.key, b.person.curp) and b.booked_at > t - 30 * DAY
                    for b in other.bookings
                ):
                    self.linker.link(booking.account, other, "applicant", self.rules.links["applicant"], t=t)

    def _transfer(self, booking: Booking, person: Person, freed: Freed) -> bool:
        """Note a seat that went to a person of another family soon after it was seen; whether it was within minutes."""
        lag, giver = booking.lag, self.store.account(freed.account)
        if freed.person is None or giver is None or lag is None or lag > TRANSFER_WITHIN:
            return False
        if related(person, freed.person, self.gatherer.is_common):
            return False
        transfer = Transfer(booking.booked_at, lag, giver.id, booking.account.id)
        for one in {giver.id: giver, booking.account.id: booking.account}.values():
            one.transfers = (*one.transfers, transfer)[-40:]
        links = self.rules.links
        name = "at_once" if lag <= MINUTE // 2 else "soon" if lag <= 2 * MINUTE else "later"
        earlier = self._traded(giver, booking.account)
        self.linker.link(
            giver, booking.account, "transfer", links[f"transfer_{name}"], t=booking.booked_at, evidence=lag
        )
        given = [self._is_telling(b) for b in giver.bookings if b.slot == booking.slot and b.state == CANCELLED]
        kin = self._is_family(giver) or self._is_family(booking.account)
        if earlier or (not kin and self._is_telling(booking)) or (not kin and any(given)):
            self.linker.link(giver, booking.account, "trade", links["telling"] + earlier, t=booking.booked_at)
        for one in (giver, booking.account):
            if one.group is not None and one.group.case:
                self._pursue(one.group)
        return lag <= 2 * MINUTE

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

    def _pursue(self, group: Group) -> None:
        """Follow an open case's seats: who took one that its actor gave back, or lost one to it at once, is likely its own.

        Parties, families and helpers stay out: they come upon freed seats as everybody does.
        """
        asked: set[str] = set()
        while fresh := [account for account in group.members.values() if account.id not in asked]:
            asked.update(account.id for account in fresh)
            for account in fresh:
                if not self._is_only_trader(account):
                    self._pursue_seats(account)

    def _pursue_seats(self, account: Account) -> None:
        for trade in account.transfers:
            if trade.lag > (PURSUED_WITHIN if trade.giver == account.id else 2 * MINUTE):
                continue
            other = self.store.account(trade.taker if trade.giver == account.id else trade.giver)
            if other is None or (other.group is not None and other.group is account.group):
                continue
            bookings = [booking for one in accounts_of(other) for booking in one.bookings]
            if len(bookings) <= 3 and not any(b.party for b in bookings) and not self._has_kin(bookings):
                self.linker.link(account, other, "pursued", self.rules.links["pursued"], t=self.now)

    def _is_only_trader(self, account: Account) -> bool:
        """Whether nothing but trades ties the account to others, and nothing of its own tells."""
        kinds = {kind for edges in (account.links or {}).values() for kind in edges}
        return bool(kinds) and not kinds - TRADES and not any(map(self._is_telling, account.bookings))

    def _has_kin(self, bookings: Sequence[Booking]) -> bool:
        people = list({booking.person.key: booking.person for booking in bookings if booking.person}.values())
        return any(related(a, b, self.gatherer.is_common) for a, b in combinations(people, 2))

    def _is_family(self, account: Account) -> bool:
        """Whether the booker acts for several people who are visibly one family."""
        people = [booking.person for booking in account.bookings if booking.person]
        return len({person.key for person in people}) > 1 and all(
            related(people[0], person, self.gatherer.is_common) for person in people
        )

    def _is_telling(self, booking: Booking) -> bool:
        """Whether a booking shows anything else that people seldom show."""
        contradiction = booking.person is not None and booking.person.contradiction
        return contradiction or self._is_quick(booking) or self._is_prompt(booking) or is_even(booking.account.polls)

    def _is_quick(self, booking: Booking) -> bool:
        return booking.fill_s is not None and booking.fill_s < self.rules["C1"]["seconds"]

    def _is_prompt(self, booking: Booking) -> bool:
        return booking.lag is not None and booking.lag <= self.rules["C2"]["seconds"] * SECOND

    def _correct(self, event: Event, _: Account | None) -> None:
        booking = self.store.booking(event.appointment)
        if booking is None:
            return
        person = person_of(event.applicant, event.t) if event.applicant else None
        if event.refused or (person and booking.person and is_somebody_else(booking.person, person)):
            booking.changed += 1
        if person is not None and not event.refused:
            booking.person = person
        self._judge(booking.account)

    def _move(self, event: Event, _: Account | None) -> None:
        booking = self.store.booking(event.appointment)
        if booking is None:
            return
        self._free(booking, event.t)
        booking.slot, booking.seat = event.slot, event.seat
        booking.office = event.office or booking.office
        booking.starts_at = event.starts_at if event.starts_at is not None else booking.starts_at
        self._judge(booking.account)

    def _free(self, booking: Booking, t: int) -> None:
        if booking.slot:
            self.store.free_seat(booking.slot, Freed(t, booking.account.id, booking.seat, booking.person, ()))

    def _cancel(self, event: Event, _: Account | None) -> None:
        booking = self.store.booking(event.appointment)
        if booking is None or booking.state != BOOKED:
            return
        booking.state = CANCELLED
        if event.by != "staff":
            self._free(booking, event.t)

    def _outcome(self, event: Event, _: Account | None) -> None:
        booking = self.store.booking(event.appointment)
        if booking is None:
            return
        booking.state = {"attend": ATTENDED, "no_show": NO_SHOW, "other_person": OTHER_PERSON}[event.kind]
        if booking.state != ATTENDED:
            self._judge(booking.account)

    def _helper(self, _: Event, account: Account | None) -> None:
        if account is not None:
            account.vouched_until = FOREVER

    def _drive(self, event: Event, _: Account | None) -> None:
        for device in event.devices:
            self.observer.make_public(device, event.until or event.t + DAY, event.t)

    def _public_device(self, event: Event, _: Account | None) -> None:
        self.observer.make_public(event.device, FOREVER, event.t)

    def _review(self, event: Event, account: Account | None) -> None:
        booking = self.store.booking(event.appointment) if event.appointment else None
        account = booking.account if booking else account
        if account is None:
            return
        if event.verdict == "broker":
            account.confirmed_at = event.t
        elif event.verdict == "legitimate":
            account.confirmed_at = None
            account.vouched_until = max(account.vouched_until, event.t + 180 * DAY)
            for other_id in list(account.links or ()):
                other = self.store.account(other_id)
                if other is not None:
                    self.linker.unlink(account, other, t=event.t)
        self._judge(account)

    def assessment(self, account: Account) -> Assessment:
        """The actor's assessment at the present moment."""
        return assess(self.gatherer.facts(accounts_of(account), self.now), self.rules)

    def _judge(self, account: Account) -> None:
        """Score the actor again; open its case when it is due; flag what it holds."""
        group = account.group
        if is_plain(account):
            return
        if group is not None and group.case:
            self._follow(group, account)
            return
        found = self.assessment(account)
        if found.score <= 0:
            return
        if group is None:
            if not found.opens_case(self.rules):
                self._remember(account, found)
                return
            group = account.group = self._alone(account)
        if group.best is None or found.score > group.best.score:
            group.best = found
        if found.opens_case(self.rules):
            group.case = self.store.new_case(group)
            self._pursue(group)
            self._flag(group)

    def _alone(self, account: Account) -> Group:
        group = self.store.new_group()
        group.members[account.id] = account
        return group

    def _remember(self, account: Account, found: Assessment) -> None:
        """What a booker alone has scored, for those who ask why nothing happened."""
        self.store.save_account(account)

    def _follow(self, group: Group, account: Account) -> None:
        """An open case takes in what its actor books; it is weighed again whenever it has grown by a quarter."""
        size = sum(len(account.bookings) for account in group.members.values())
        if size >= group.judged * 1.25:
            group.judged = size
            found = assess(self.gatherer.facts(list(group.members.values()), self.now), self.rules)
            if group.best is None or found.score > group.best.score:
                group.best = found
        if account.transfers:
            self._pursue(group)
        self._flag(group)

    def _flag(self, group: Group) -> None:
        assert group.best is not None  # noqa: S101 - a case opens on an assessment
        for account in group.members.values():
            if all(booking.flag for booking in account.bookings) or self._is_bystander(account):
                continue
            for booking in account.bookings:
                if booking.flag is None:
                    booking.flag = Flag(self.now, group.case, group.best)

    def _is_bystander(self, account: Account) -> bool:
        """Who touches the actor by trades alone, and else does what families and helpers do, stays out of its case."""
        if not self._is_only_trader(account):
            return False
        return len(account.bookings) > 2 or account.vouched_until > self.now or self._is_family(account)


def is_somebody_else(old: Person, new: Person) -> bool:
    """Whether a correction went past a typo: fewer than half of the names left, or names and birth date both new."""
    if old.key == new.key:
        return False
    kept = len(set(old.tokens) & set(new.tokens))
    names = max(len(old.tokens), len(new.tokens), 1)
    return kept * 2 < names or (old.birth != new.birth and kept < names)
