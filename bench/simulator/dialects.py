"""The same world told otherwise: what the format leaves open, left out or put elsewhere.

Each dialect takes events and gives new ones; it changes neither what happened nor the ids that the truth names.
"""

from collections.abc import Callable, Iterable, Iterator

from .curp import plain

Events = Iterable[dict]


def without(*keys: str) -> Callable[[Events], Iterator[dict]]:
    return lambda events: ({key: value for key, value in event.items() if key not in keys} for event in events)


def without_kinds(*kinds: str) -> Callable[[Events], Iterator[dict]]:
    return lambda events: (event for event in events if event["kind"] not in kinds)


def names_in_book(events: Events) -> Iterator[dict]:
    """Seats are kept without a name; the person is told when the hold becomes an appointment."""
    told: dict[str, dict] = {}
    for event in events:
        if event["kind"] == "hold" and "applicant" in event:
            told[event["hold"]] = {key: event[key] for key in ("applicant", "fill_s") if key in event}
            event = {key: value for key, value in event.items() if key not in ("applicant", "fill_s")}
        elif event["kind"] == "book":
            event = {**event, **told.get(event["hold"], {})}
        yield event


def contacts_in_hold(events: Events) -> Iterator[dict]:
    """No sign-ups in the history: mailbox and telephone stand on every hold."""
    known: dict[str, dict] = {}
    for event in events:
        if event["kind"] == "register":
            known[event["account"]] = {key: event[key] for key in ("email", "phone") if event.get(key)}
            continue
        yield {**event, **known.get(event["account"], {})} if event["kind"] == "hold" else event


def contacts_everywhere(events: Events) -> Iterator[dict]:
    known: dict[str, dict] = {}
    for event in events:
        if event["kind"] == "register":
            known[event["account"]] = {key: event[key] for key in ("email", "phone") if event.get(key)}
        yield {**known.get(event.get("account", ""), {}), **event}


def unknown(events: Events) -> Iterator[dict]:
    """Kinds and keys that the format does not know: calls on record, confirmations, a version on every line."""
    for place, event in enumerate(events):
        if event["kind"] == "register" and event.get("channel") == "phone":
            yield {"t": event["t"], "kind": "call", "agent": event["agent"], "seconds": place % 600}
        yield {**event, "version": 2, "note": None}
        if event["kind"] == "book" and place % 3 == 0:
            yield {"t": event["t"], "kind": "confirm", "appointment": event["appointment"]}


def capitals(events: Events) -> Iterator[dict]:
    """Names as old systems print them: capitals, no accents."""
    for event in events:
        if "applicant" in event:
            told = event["applicant"]
            names = {key: plain(told[key]) for key in ("given_names", "surname_1", "surname_2")}
            event = {**event, "applicant": {**told, **names}}
        yield event


def undeclared(events: Events) -> Iterator[dict]:
    """Nobody was asked about minors and guardians, nor for a CURP."""
    for event in events:
        if "applicant" in event:
            told = {key: value for key, value in event["applicant"].items() if key not in ("minor", "guardian", "curp")}
            event = {**event, "applicant": told}
        yield event


def nulls(events: Events) -> Iterator[dict]:
    """What is not known stands there as null."""
    keys = ("email", "phone", "device", "prefix", "asn_kind", "agent", "group", "visible_at", "seat", "origin")
    for event in events:
        yield {**{key: None for key in keys if event["kind"] in ("hold", "book", "register")}, **event}


DIALECTS: dict[str, Callable[[Events], Iterable[dict]]] = {
    "names-in-hold": lambda events: events,
    "names-in-book": names_in_book,
    "contacts-in-hold": contacts_in_hold,
    "contacts-everywhere": contacts_everywhere,
    "unknown": unknown,
    "capitals": capitals,
    "undeclared": undeclared,
    "nulls": nulls,
    "no-device": without("device"),
    "no-network": without("prefix", "asn_kind"),
    "no-visible": without("visible_at"),
    "no-fill": without("fill_s"),
    "no-seat": without("seat"),
    "no-agent": without("agent"),
    "no-group": without("group"),
    "no-channel": without("channel"),
    "no-polls": without_kinds("poll"),
    "no-expiries": without_kinds("expire"),
    "no-outcomes": without_kinds("attend", "no_show", "other_person", "review"),
    "no-verifications": without_kinds("verify_phone"),
    "no-lanes": without_kinds("helper", "drive", "public_device"),
}


def told(events: Events, names: Iterable[str]) -> list[dict]:
    """``events`` in the dialects of ``names``, one after another. Raises KeyError for a name that is none."""
    for name in names:
        events = DIALECTS[name](events)
    return list(events)
