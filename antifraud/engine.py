"""The engine: one event in, links, groups, scores and cases kept up to date. Time is what the events say.

Pure but for its store (antifraud/store.py). Each event touches its own account and that account's group, nothing else.
"""

from collections.abc import Callable, Iterable

from antifraud.cases import Cases
from antifraud.events import DAY, MINUTE, SECOND, Event
from antifraud.gather import NOT_CHOSEN, Gatherer
from antifraud.identities import Person, names_of, person_of
from antifraud.linking import Linker
from antifraud.observing import Observer
from antifraud.records import ATTENDED, BOOKED, CANCELLED, NO_SHOW, OTHER_PERSON, Account, Booking, Freed, OpenHold
from antifraud.rulesets import RuleSet
from antifraud.store import Store
from antifraud.trades import SOON, Trades

FOREVER = 1 << 60


class Engine:
    """Feeds on events in the order of time. What it found stands in the store: bookings with flags, and the log."""

    def __init__(self, store: Store, rules: RuleSet) -> None:
        self.store, self.rules = store, rules
        self.linker = Linker(store, rules)
        self.observer = Observer(store, self.linker, rules)
        gatherer = Gatherer(store, rules)
        self.trades = Trades(store, self.linker, gatherer, rules)
        self.cases = Cases(store, gatherer, self.trades, rules)
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
            self.cases.judge(account, self.now)

    def _hold(self, event: Event, account: Account | None) -> None:
        if account is None:
            return
        freed, lag = self.trades.freed(event)
        if lag is not None:
            self.observer.by_agent(account, event, lag)
            self._usual("snipe", account, lag <= self.rules["C2"]["seconds"] * SECOND)
        hold = OpenHold(
            event.t, account.id, event.slot, event.seat, event.office, event.starts_at, lag, event.origin,
            event.channel, event.agent, event.asn_kind, freed,
            person_of(event.applicant, event.t) if event.applicant else None, event.fill_s, event.prefix,
        )  # fmt: skip
        self.store.put_hold(event.hold, hold)

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
            self.trades.spun(account, chain, event.t, hold.slot)
        if hold.slot:
            self.store.free_seat(hold.slot, Freed(event.t, account.id, hold.seat, None, chain))
        self.cases.judge(account, self.now)

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
        if booking.fill_s is not None:
            self._usual("fast", account, self.trades.is_quick(booking))
            self._usual("sprint", account, self.trades.is_quick(booking) and self.trades.is_prompt(booking))
        traded = False
        if booking.person is not None:
            self._applicant(booking, booking.person, event.t)
            traded = self._trade(booking, booking.person, hold.freed if hold else None)
        if self.trades.is_quick(booking):
            self.observer.pace(account, event, event.prefix or (hold.prefix if hold else ""))
            if self.trades.is_prompt(booking) and booking.origin not in NOT_CHOSEN:
                self.observer.sprint(account, booking, event.t)
        self.cases.judge(account, self.now, telling=traded)

    def _usual(self, name: str, account: Account, hit: bool) -> None:
        """Learn how often people do something, from those tied to nobody: no broker's habit becomes the custom."""
        if account.group is None:
            self.store.count(name, hit)

    def _trade(self, booking: Booking, person: Person, freed: Freed | None) -> bool:
        """Whether the booking's seat was somebody else's shortly before."""
        transfer = self.trades.transfer_of(booking, person, freed) if freed else None
        self._usual("transfer", booking.account, transfer is not None and transfer.lag <= SOON)
        self._usual("trade", booking.account, transfer is not None)
        if transfer is not None:
            self.trades.transfer(booking, transfer)
        return transfer is not None

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
            booked_at=event.t,
            lag=hold.lag if hold else None,
            fill_s=event.fill_s if event.fill_s is not None else hold.fill_s if hold else None,
            origin=event.origin or (hold.origin if hold else ""),
            channel=event.channel or (hold.channel if hold else ""),
            agent=event.agent or (hold.agent if hold else ""),
            asn_kind=event.asn_kind or (hold.asn_kind if hold else ""),
        )

    def _applicant(self, booking: Booking, person: Person, t: int) -> None:
        if person.has_curp:
            self._usual("curp", booking.account, person.contradiction)
        for surname in set(person.surnames):
            self.store.meet_surname(surname)
        for other in self.store.use_key("person", person.key, booking.account)[1]:
            if any(
                b.person and b.person.key == person.key and b.booked_at > t - int(self.rules.windows["rebooked"] * DAY)
                for b in other.bookings
            ):
                self.linker.link(booking.account, other, "applicant", self.rules.links["applicant"], t=t)

    def _correct(self, event: Event, _: Account | None) -> None:
        booking = self.store.booking(event.appointment)
        if booking is None:
            return
        person = person_of(event.applicant, event.t) if event.applicant else None
        if event.refused or (person and booking.person and is_somebody_else(booking.person, person)):
            booking.changed += 1
        if person is not None and not event.refused:
            booking.person = person
        self.cases.judge(booking.account, self.now)

    def _move(self, event: Event, _: Account | None) -> None:
        booking = self.store.booking(event.appointment)
        if booking is None:
            return
        self._free(booking, event.t)
        booking.slot, booking.seat = event.slot, event.seat
        booking.office = event.office or booking.office
        booking.starts_at = event.starts_at if event.starts_at is not None else booking.starts_at
        self.cases.judge(booking.account, self.now)

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
            self.cases.judge(booking.account, self.now)

    def _helper(self, event: Event, account: Account | None) -> None:
        """Registered from now on; with ``until``, a registration that ends, as when it was withdrawn."""
        if account is not None:
            account.vouched_until = FOREVER if event.until is None else event.until

    def _drive(self, event: Event, _: Account | None) -> None:
        for device in event.devices:
            self.observer.make_public(device, event.until or event.t + DAY, event.t)

    def _public_device(self, event: Event, _: Account | None) -> None:
        if event.device:
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
            self.cases.dismiss(account)
        self.cases.judge(account, self.now)


def is_somebody_else(old: Person, new: Person) -> bool:
    """Whether a correction went past a typo: fewer than half of the names left, or names and birth date both new."""
    if old.key == new.key:
        return False
    before, after = names_of(old), names_of(new)
    kept = len(before & after)
    names = max(len(before), len(after), 1)
    return kept * 2 < names or (old.birth != new.birth and kept < names)
