"""Changes to a history that should not change who is flagged, and how far the flags move.

Each takes ``events`` and whatever it needs and returns new events; ids of appointments stay unless a mapping is given.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from .measuring import Flags
from .names import Person, person, with_curp
from .supply import procedure

MOMENTS = ("t", "starts_at", "visible_at", "until")
IDS = ("account", "device", "hold", "appointment", "slot", "seat", "group", "agent")
Events = list[dict]


def permuted_within_seconds(events: Events, rng: Random) -> Events:
    """Events of one second in another order, each account's and each appointment's own order kept."""
    made: Events = []
    for second in by_second(events):
        apart = chains(second)
        turns = [chain for chain, few in apart.items() for _ in few]
        rng.shuffle(turns)
        left = {chain: iter(few) for chain, few in apart.items()}
        moments = sorted(event["t"] for event in second)
        made += [{**next(left[chain]), "t": at} for chain, at in zip(turns, moments, strict=True)]
    return made


def by_second(events: Events) -> Iterable[Events]:
    few: Events = []
    for event in events:
        if few and event["t"][:19] != few[0]["t"][:19]:
            yield few
            few = []
        few.append(event)
    if few:
        yield few


def chains(second: Events) -> dict[str, Events]:
    """What must keep its order: events joined by any id but the agent's and the group's."""
    chain: dict[str, str] = {}
    found: dict[str, Events] = {}
    for place, event in enumerate(second):
        ids = [f"{key} {event[key]}" for key in IDS[:6] if event.get(key)]
        met = sorted({chain[one] for one in ids if one in chain})
        name = met[0] if met else str(place)
        for other in met[1:]:
            found[name] = sorted(found[name] + found.pop(other), key=second.index)
            chain.update({one: name for one, its in chain.items() if its == other})
        chain.update(dict.fromkeys(ids, name))
        found.setdefault(name, []).append(event)
    return found


def relabelled(events: Events, rng: Random) -> tuple[Events, dict[str, str]]:
    """Every opaque id another; also the new name of each appointment."""
    names: dict[tuple[str, str], str] = {}

    def new(key: str, old: str) -> str:
        return names.setdefault((key, old), f"{rng.getrandbits(64):016x}")

    made = []
    for event in events:
        told = {key: new(key, event[key]) if key in IDS and event[key] else event[key] for key in event}
        if "devices" in event:
            told["devices"] = [new("device", one) for one in event["devices"]]
        made.append(told)
    return made, {old: name for (key, old), name in names.items() if key == "appointment"}


def shifted(events: Events, by: timedelta = timedelta(weeks=1)) -> Events:
    """Every moment later by the same length; birth dates stay."""
    return [{key: later(event[key], by) if key in MOMENTS else event[key] for key in event} for event in events]


def later(text: str | None, by: timedelta) -> str | None:
    if text is None:
        return None
    return (datetime.fromisoformat(text) + by).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def with_strangers(events: Events, honest: Events) -> Events:
    """Twice the honest traffic: another crowd beside this one, on the same networks and offices, sharing no contact."""
    crowd = []
    for event in honest:
        told = {key: f"x{event[key]}" if key in IDS and event[key] else event[key] for key in event}
        if event.get("email"):
            told["email"] = f"x{event['email']}"
        if event.get("phone"):
            # The invented numbers all have 555 as exchange.
            told["phone"] = event["phone"].replace("555", "556", 1)
        if "devices" in event:
            told["devices"] = [f"x{one}" for one in event["devices"]]
        crowd.append(told)
    return sorted([*events, *crowd], key=lambda event: event["t"])


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Where a family is put: a broker's line, and the moment of one of the broker's bookings there."""

    prefix: str
    asn_kind: str
    t: str


def broker_line(events: Events, entries: list[dict], rng: Random) -> Neighbour:
    """One of the lines from which brokers booked, drawn evenly from their bookings on the web."""
    broker = {entry["appointment"] for entry in entries if entry["broker"]}
    web = (event for event in events if event["kind"] == "book" and "prefix" in event)
    event = rng.choice([event for event in web if event["appointment"] in broker])
    return Neighbour(event["prefix"], event["asn_kind"], event["t"])


def with_family(events: Events, line: Neighbour, rng: Random) -> tuple[Events, list[str]]:
    """A mother books for herself and five children from ``line``, minutes after the broker; also her appointments."""
    mother = person(rng, (27, 45), sex="F")
    father = person(rng, (28, 50), sex="M")
    children = [person(rng, (0, 17), first=father.first, second=mother.first, abroad=0.75) for _ in range(5)]
    begins = datetime.fromisoformat(line.t) + timedelta(minutes=2)
    who = {"channel": "web", "account": "acc-mother", "device": "mother-phone"}
    who |= {"prefix": line.prefix, "asn_kind": line.asn_kind}
    contact = {"email": "mother.of.five@prodigy.net.mx", "phone": "+13125560505"}
    made = [{"t": stamp(begins), "kind": "register", **contact, **who}]
    made.append({"t": stamp(begins, 30), "kind": "verify_phone", "phone": contact["phone"], **who})
    made += sitting(begins, [mother, *children], who, rng)
    names = [event["appointment"] for event in made if event["kind"] == "book"]
    return sorted([*events, *made], key=lambda event: event["t"]), names


def sitting(begins: datetime, people: list[Person], who: dict, rng: Random) -> Events:
    """Everybody's seat is kept one by one, quickly enough for one hold, and all are booked together."""
    holds: Events = []
    seconds = 90.0
    for place, one in enumerate(people):
        fill = round(rng.uniform(30, 42), 1)
        seconds += fill + 3
        hold = {"hold": f"mother-h{place}", "slot": f"mother-s{place}", "seat": f"mother-s{place}-1"}
        seat = {"office": "chicago", "procedure": procedure(rng, one.minor), "fill_s": fill}
        seat |= {"starts_at": stamp(begins, (15 * 24 + place) * 3600), "visible_at": stamp(begins, -90_000)}
        told = with_curp(rng, one, 0.4).as_applicant(guardian=True)
        holds.append({"t": stamp(begins, seconds), "kind": "hold", **hold, **seat, "applicant": told, **who})
    together = {"t": stamp(begins, seconds + 8), "kind": "book", "group": "mother-g", **who}
    return holds + [{**together, "appointment": f"mother-a{n}", "hold": hold["hold"]} for n, hold in enumerate(holds)]


def stamp(begins: datetime, seconds: float = 0.0) -> str:
    return (begins + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class Difference:
    """Of ``compared`` appointments, those flagged before and not after, those flagged after and not before."""

    compared: int
    lost: int
    gained: int


def difference(before: Flags, after: Flags, names: dict[str, str] | None = None) -> Difference:
    """Only appointments of ``before`` count; ``names`` are their names in ``after`` where those are others."""
    pairs = [(one, after[(names or {}).get(name, name)]) for name, one in before.items()]
    lost = sum(one.at is not None and other.at is None for one, other in pairs)
    gained = sum(one.at is None and other.at is not None for one, other in pairs)
    return Difference(len(pairs), lost, gained)
