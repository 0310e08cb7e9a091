"""What an event shows of its booker: mailbox, phones, device, network. Each new identifier may link two accounts."""

import math
from collections.abc import Mapping
from functools import lru_cache

from antifraud.events import DAY, MINUTE, SECOND, Event
from antifraud.evidence.contribution import up_to_power
from antifraud.identities import mailbox_of, phone_key
from antifraud.linking import Linker
from antifraud.records import Account, Booking
from antifraud.rulesets import RuleSet
from antifraud.store import Store

AT_ONCE = 10 * SECOND  # sooner than anybody can say on the telephone what they want
LINKED = 4  # of an identifier's latest accounts, to how many a new one is linked: a chain holds as well as a net
KEPT = 6  # devices and networks remembered for one account


def is_rare_shape(store: Store, shape: str, links: Mapping[str, float]) -> bool:
    """Whether few people's addresses are built like this: only those say something when many appear at once."""
    return store.uses("shape", shape) <= max(links["rare_shape_uses"], links["rare_shape_share"] * store.known("email"))


def stands_out(store: Store, agent: str, links: Mapping[str, float]) -> bool:
    """Whether an agent takes seats at once several times as often as all the other agents, and not by one chance."""
    held, quick = store.uses("agent_held", agent), store.uses("agent_quick", agent)
    if held < links["agent_known"] or quick < links["agent_quick"]:
        return False
    others, as_quick = store.uses("agent_held", "") - held, store.uses("agent_quick", "") - quick
    return quick * max(others, 1) >= links["agent_often"] * (as_quick + 1) * held


def is_odd(account: Account) -> bool:
    """Whether a booker used a throw-away mailbox, a data centre, or a CURP that is not the person's."""
    return bool(account.mailbox and account.mailbox.disposable) or any(
        b.asn_kind == "hosting" or bool(b.person and b.person.contradiction) for b in account.bookings
    )


@lru_cache(maxsize=20_000)
def alone(prefix: str) -> tuple[str]:
    """The prefix by itself: one tuple for all the bookers of a network, most of whom never show another."""
    return (prefix,)


def actor_id(event: Event) -> str:
    """Who books: the account, else the telephone, else the address, else the hold; empty when nobody can be told."""
    if event.account:
        return event.account
    if event.phone:
        return f"phone:{phone_key(event.phone).hex()}"
    if event.email:
        return f"email:{mailbox_of(event.email).key.hex()}"
    return f"hold:{event.hold}" if event.kind == "hold" else ""


class Observer:
    """Notes identifiers at their account, and links those who share one that is not everybody's."""

    def __init__(self, store: Store, linker: Linker, rules: RuleSet) -> None:
        self.store, self.linker, self.rules, self.links = store, linker, rules, rules.links

    def account_of(self, event: Event) -> Account | None:
        """The booker of ``event``, met for the first time or known; None when nobody can be told."""
        account_id = actor_id(event)
        if not account_id:
            return None
        account = self.store.account(account_id)
        if account is None:
            account = Account(account_id, event.t)
            self.store.save_account(account)
        return account

    def observe(self, account: Account, event: Event) -> None:
        if event.agent and event.channel != "counter":
            account.agent = event.agent
        if (event.mailbox or event.email) and account.mailbox is None:
            self._mailbox(account, event)
        if event.phone_key or event.phone:
            self._phone(account, event)
        if event.device and event.device not in account.devices:
            self._device(account, event)
        if event.prefix and event.prefix not in account.prefixes:
            account.prefixes = (*account.prefixes, event.prefix)[-KEPT:] if account.prefixes else alone(event.prefix)
            self.store.use_key("prefix", event.prefix, account)

    def _mailbox(self, account: Account, event: Event) -> None:
        account.mailbox = event.mailbox or mailbox_of(event.email)
        for other in self.store.use_key("email", account.mailbox.key, account)[1]:
            self.linker.link(account, other, "email", self.links["email"], t=event.t)
        shape = account.mailbox.shape
        if is_rare_shape(self.store, shape, self.links):
            for other in self.store.recent("shape", shape, event.t, account)[-LINKED:]:
                self.linker.link(account, other, "template", self.links["template"], t=event.t)
        self.store.use_key("shape", shape, account)

    def _phone(self, account: Account, event: Event) -> None:
        key = event.phone_key or phone_key(event.phone)
        if event.kind == "verify_phone":
            self.store.use_key("proof", "", account)
        if event.kind == "verify_phone" or self._nobody_proves():
            if key not in account.phones:
                account.stated = tuple(stated for stated in account.stated if stated != key)
                account.phones = (*account.phones, key)[-KEPT:]
                self._share(account, key, "phone", event.t)
        elif key not in account.stated and key not in account.phones:
            account.stated = (*account.stated, key)[-KEPT:]
            self._share(account, key, "stated", event.t)
            if event.agent:
                self._share(account, f"{event.agent} {key.hex()}", "agent_contact", event.t)

    def _nobody_proves(self) -> bool:
        """Whether this history does not know proofs at all: then a stated phone is the best there is."""
        return not self.store.uses("proof", "") and self.store.known("stated") >= self.links["unproven_history"]

    def _share(self, account: Account, key: bytes | str, kind: str, t: int) -> None:
        """Link ``account`` with the latest others on one identifier; one that too many share is a trunk, nobody's."""
        count, others = self.store.use_key(kind, key, account)
        limit = self.links[f"{kind}_accounts"]
        if count < limit:
            for other in others[-LINKED:]:
                self.linker.link(account, other, kind, self.links[kind], t=t)
        elif count == limit:
            members = others[0].group.members.values() if others and others[0].group else others
            self.linker.drop_kind(members, kind, t=t, reason=f"{kind} of too many")

    def by_agent(self, account: Account, event: Event, lag: int) -> None:
        """An agent kept a seat. Seconds after it appeared, and for nobody who called: that is one hand's.

        Of an agent who does it several times as often as all the others do, so is a seat at once for a caller, and one
        for nobody a little later.
        """
        if not event.agent or event.channel == "counter":
            return
        self.store.use_key("agent_held", "", account)
        self.store.use_key("agent_held", event.agent, account)
        at_once = lag <= AT_ONCE
        if at_once:
            self.store.use_key("agent_quick", "", account)
            self.store.use_key("agent_quick", event.agent, account)
        elif account.phones or lag > self.links["agent_soon"] * SECOND:
            return
        if (at_once and not account.phones) or stands_out(self.store, event.agent, self.links):
            self._share(account, event.agent, "agent_release", event.t)

    def _device(self, account: Account, event: Event) -> None:
        account.devices = (*account.devices, event.device)[-KEPT:]
        until = self.store.public_until(event.device)
        if until or self.store.is_crowd(event.device):  # what was public once may still be shared: it never links again
            if until >= event.t:
                account.vouched_until = max(account.vouched_until, until)
            self.store.use_key("device", event.device, account)
            return
        self._share(account, event.device, "device", event.t)
        if self.store.uses("device", event.device) >= self.links["crowd"]:
            self._presume_public(event.device, event.t)

    def _presume_public(self, device: str, t: int) -> None:
        """A device of many people who nearly all have a phone of their own is a kiosk that nobody has marked yet."""
        accounts = self.store.latest("device", device)
        own = sum(self._has_own_phone(account) for account in accounts)
        if own >= self.links["crowd_own"] * len(accounts):
            self.store.make_crowd(device)
            self.linker.drop_kind(accounts, "device", t=t, reason="device of a crowd")

    def _has_own_phone(self, account: Account) -> bool:
        if account.phones:
            return all(self.store.uses("phone", phone) == 1 for phone in account.phones)
        return bool(account.stated) and all(self.store.uses("stated", phone) == 1 for phone in account.stated)

    def make_public(self, device: str, until: int, t: int) -> None:
        """A kiosk, a library's or a drive's device: it links nobody, and vouches for those who used it."""
        accounts = self.store.make_public(device, until)
        for account in accounts:
            account.vouched_until = max(account.vouched_until, min(until, t + 180 * DAY))
        self.linker.drop_kind(accounts, "device", t=t, reason="public device")

    def pace(self, account: Account, event: Event, prefix: str) -> None:
        """Two quick forms from one small network within the hour: weak, and only a second reason."""
        if not prefix:
            return
        weight = self.links["pace"] / math.log2(2 + self.store.uses("prefix", prefix))
        if weight < self.links["pace_least"]:  # a network of many says nothing
            return
        for other in self.store.recent("pace", prefix, event.t, account):
            self.linker.link(account, other, "pace", weight, t=event.t)

    def sprint(self, account: Account, booking: Booking, t: int) -> None:
        """Seats of one office taken at once and with quick forms, in one minute: tells as much as few others do it.

        One bit more when one of the two shows what hurry does not explain.
        """
        rule = self.rules["C4"]
        weight = math.log2(rule["suspect"] / max(rule["link"], up_to_power(self.store.share("sprint"))))
        for other in self.store.recent("sprint", f"{booking.office} {t // MINUTE}", t, account):
            odd = self.links["telling"] * (is_odd(account) or is_odd(other))
            self.linker.link(account, other, "sprint", weight + odd, t=t)
