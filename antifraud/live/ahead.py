"""Pure: what the engine will look up for a batch of events, as far as the events themselves say."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from antifraud.events import MINUTE, Event
from antifraud.identities import Mailbox, mailbox_of, person_of, phone_key
from antifraud.observing import actor_id
from antifraud.records import OpenHold


@dataclass
class Needs:
    """Keys. ``booked``: holds of an earlier batch that become appointments, with the minute in which they do."""

    accounts: list[str] = field(default_factory=list)
    holds: list[str] = field(default_factory=list)
    bookings: list[str] = field(default_factory=list)
    slots: list[str] = field(default_factory=list)
    devices: list[str] = field(default_factory=list)
    identifiers: dict[tuple[str, bytes | str], None] = field(default_factory=dict)
    sights: dict[tuple[str, str], None] = field(default_factory=dict)
    surnames: list[bytes] = field(default_factory=list)
    booked: dict[str, int] = field(default_factory=dict)

    def add_booked(self, hold: OpenHold, minute: int) -> None:
        """What a booking takes over from its hold."""
        if hold.prefix:
            self.sights[("pace", hold.prefix)] = None
        self.sights[("sprint", f"{hold.office} {minute}")] = None
        if hold.person is not None:
            self.surnames += hold.person.surnames
            self.identifiers[("person", hold.person.key)] = None


def needs_of(events: Iterable[Event]) -> Needs:
    """A superset is harmless, a gap costs a statement of its own."""
    needs = Needs()
    held: dict[str, Event] = {}
    for event in events:
        account = actor_id(event)
        for those, one in (
            (needs.accounts, account),
            (needs.holds, event.hold),
            (needs.bookings, event.appointment),
            (needs.slots, event.slot if event.kind == "hold" else ""),
        ):
            if one:
                those.append(one)
        needs.devices += filter(None, (event.device, *event.devices))
        needs.identifiers.update(dict.fromkeys(_identifiers(event)))
        if event.kind == "hold":
            held[event.hold] = event
        elif event.kind == "book" and event.hold and event.hold not in held:
            needs.booked[event.hold] = event.t // MINUTE
        needs.sights.update(dict.fromkeys(_sights(event, held.get(event.hold))))
        if event.applicant is not None:
            person = person_of(event.applicant, event.t)
            needs.surnames += person.surnames
            needs.identifiers[("person", person.key)] = None
    return needs


def mailbox_in(event: Event) -> Mailbox | None:
    return event.mailbox or (mailbox_of(event.email) if event.email else None)


def _identifiers(event: Event) -> Iterator[tuple[str, bytes | str]]:
    yield "proof", ""
    if mailbox := mailbox_in(event):
        yield "email", mailbox.key
        yield "shape", mailbox.shape
    if event.phone_key or event.phone:
        key = event.phone_key or phone_key(event.phone)
        yield "phone", key
        yield "stated", key
        if event.agent:
            yield "agent_contact", f"{event.agent} {key.hex()}"
    if event.agent and event.kind == "hold":
        yield "agent_release", event.agent
        for kind in ("agent_held", "agent_quick"):
            yield kind, event.agent
            yield kind, ""
    for device in filter(None, (event.device, *event.devices)):
        yield "device", device
    if event.prefix:
        yield "prefix", event.prefix


def _sights(event: Event, hold: Event | None) -> Iterator[tuple[str, str]]:
    """``hold``: the booking's, when it is of the same batch."""
    if mailbox := mailbox_in(event):
        yield "shape", mailbox.shape
    if event.kind != "book":
        return
    for one in filter(None, (event, hold)):
        if one.prefix:
            yield "pace", one.prefix
        if one.office:
            yield "sprint", f"{one.office} {event.t // MINUTE}"
