"""The engine's records as rows and back: for each table its columns, and beside them how a record is written and read.

A new field of a record is one column, one value in its ``..._row`` and one in its reader. The last column of a table
with an age is ``seen_at``: the writer adds it, so that a row that says nothing new is never written.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from antifraud.facts import Facts
from antifraud.identities import KEY_BYTES, Mailbox, Person
from antifraud.live.tables import Row, Table
from antifraud.models import (
    ActorGroup,
    BookedSeat,
    Booker,
    FreeSeat,
    GroupChange,
    HeldSeat,
    Identifier,
    Link,
    RecentSight,
    Score,
    SharedDevice,
    SurnameCount,
    Tally,
)
from antifraud.records import Account, Booking, Edge, Flag, Freed, Group, GroupLog, OpenHold, Spin, Transfer
from antifraud.scoring import Assessment, Reason

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
PERSON = ("person", "surnames", "common", "tokens", "birth", "traits")
NOBODY: Row = (None, b"", b"", b"", b"", 0)
FACTS = frozenset(Facts.__dataclass_fields__)


def at(t: int) -> datetime:
    """The moment of the engine's ``t``."""
    return EPOCH + timedelta(milliseconds=t)


def ms(moment: datetime) -> int:
    return (moment - EPOCH) // MILLISECOND


def as_bytes(key: bytes | str) -> bytes:
    return key.encode() if isinstance(key, str) else key


# Applicants ------------------------------------------------------------------------------------------------------


def person_row(person: Person | None) -> Row:
    if person is None:
        return NOBODY
    return person.key, b"".join(person.surnames), b"".join(person.common), person.tokens, person.birth, person.traits


def person_of_row(row: Row) -> Person | None:
    key, surnames, common, tokens, birth, traits = row
    if key is None:
        return None
    return Person(key, keys_in(surnames), keys_in(common), tokens, birth, traits)


def keys_in(joined: bytes) -> tuple[bytes, ...]:
    return tuple(joined[place : place + KEY_BYTES] for place in range(0, len(joined), KEY_BYTES))


# Bookers ---------------------------------------------------------------------------------------------------------

BOOKERS = Table(
    Booker,
    (
        "id", "created_at", "mailbox", "mail_domain", "mail_shape", "disposable", "phones", "stated", "agent",
        "devices", "prefixes", "vouched_until", "confirmed_at", "expired", "polls", "transfers", "spins", "unlinked",
        "group", "place", "seen_at",
    ),
    json=frozenset({"transfers", "spins"}),
)  # fmt: skip


def booker_row(one: Account, place: int) -> Row:
    """``place``: of the account in its group."""
    box = one.mailbox or Mailbox(b"", "", "", False)
    return (
        one.id, one.created_at, box.key or None, box.domain, box.shape, box.disposable,
        list(one.phones), list(one.stated), one.agent, list(one.devices), list(one.prefixes),
        one.vouched_until, one.confirmed_at, list(one.expired), list(one.polls),
        [list(transfer) for transfer in one.transfers], [list(spin) for spin in one.spins], sorted(one.unlinked),
        one.group.number if one.group else None, place if one.group else 0,
    )  # fmt: skip


def account_of_row(row: Row) -> tuple[Account, int | None, int]:
    """The account without bookings and links, its group's number and its place there."""
    (
        id, created_at, key, domain, shape, disposable, phones, stated, agent, devices, prefixes, vouched_until,
        confirmed_at, expired, polls, transfers, spins, unlinked, group, place, _,
    ) = row  # fmt: skip
    account = Account(
        id=id,
        created_at=created_at,
        mailbox=Mailbox(key, domain, shape, disposable) if key else None,
        phones=tuple(phones),
        stated=tuple(stated),
        agent=agent,
        devices=tuple(devices),
        prefixes=tuple(prefixes),
        vouched_until=vouched_until,
        confirmed_at=confirmed_at,
        expired=tuple(expired),
        polls=tuple(polls),
        transfers=tuple(Transfer(*transfer) for transfer in transfers),
        spins=tuple(Spin(*spin) for spin in spins),
        unlinked=frozenset(unlinked),
    )
    return account, group, place


def last_seen(one: Account) -> int:
    """The engine's latest moment of this booker."""
    last = [one.created_at, *one.expired[-1:], *one.polls[-1:]]
    last += [booking.booked_at for booking in one.bookings[-1:]]
    return max(last)


# Appointments, holds, freed seats --------------------------------------------------------------------------------

BOOKED = Table(
    BookedSeat,
    (
        "id", "number", "account", *PERSON, "party", "slot", "seat", "office", "starts_at", "booked_at", "lag",
        "fill_s", "origin", "channel", "agent", "asn_kind", "state", "changed", "flagged_at", "flag_case",
        "flag_score", "seen_at",
    ),
)  # fmt: skip


def booked_row(one: Booking, number: int, score: int | None) -> Row:
    """``score``: the number of the flag's assessment."""
    flag = (one.flag.at, one.flag.case, score) if one.flag else (None, "", None)
    return (
        one.id, number, one.account.id, *person_row(one.person), one.party, one.slot, one.seat, one.office,
        one.starts_at, one.booked_at, one.lag, one.fill_s, one.origin, one.channel, one.agent, one.asn_kind,
        one.state, one.changed, *flag,
    )  # fmt: skip


def booking_of_row(row: Row, account: Account, scores: Mapping[int, Assessment]) -> Booking:
    id, _, _, *rest = row
    (
        party, slot, seat, office, starts_at, booked_at, lag, fill_s, origin, channel, agent, asn_kind, state, changed,
        flagged_at, case, score, _,
    ) = rest[len(PERSON) :]  # fmt: skip
    return Booking(
        id=id,
        account=account,
        person=person_of_row(tuple(rest[: len(PERSON)])),
        party=party,
        slot=slot,
        seat=seat,
        office=office,
        starts_at=starts_at,
        booked_at=booked_at,
        lag=lag,
        fill_s=fill_s,
        origin=origin,
        channel=channel,
        agent=agent,
        asn_kind=asn_kind,
        state=state,
        changed=changed,
        flag=None if flagged_at is None else Flag(flagged_at, case, scores[score]),
    )


HELD = Table(
    HeldSeat,
    (
        "id", "t", "account", "slot", "seat", "office", "starts_at", "lag", "origin", "channel", "agent", "asn_kind",
        "freed", "fill_s", "prefix", *PERSON, "seen_at",
    ),
)  # fmt: skip


def held_row(hold_id: str, one: OpenHold, freed: int | None) -> Row:
    return (
        hold_id, one.t, one.account, one.slot, one.seat, one.office, one.starts_at, one.lag, one.origin, one.channel,
        one.agent, one.asn_kind, freed, one.fill_s, one.prefix, *person_row(one.person),
    )  # fmt: skip


def hold_of_row(row: Row, freed: Mapping[int, Freed]) -> OpenHold:
    """``freed``: by number; a seat that is no longer remembered is None."""
    _, t, account, slot, seat, office, starts_at, lag, origin, channel, agent, asn_kind, *rest = row
    number, fill_s, prefix, *person = rest[:-1]
    return OpenHold(
        t, account, slot, seat, office, starts_at, lag, origin, channel, agent, asn_kind, freed.get(number),
        person_of_row(tuple(person)), fill_s, prefix,
    )  # fmt: skip


FREE = Table(FreeSeat, ("id", "slot", "seat", "t", "account", "chain", "taken", *PERSON, "seen_at"))


def free_row(number: int, slot: str, one: Freed, taken: bool) -> Row:
    return number, slot, one.seat, one.t, one.account, list(one.chain), taken, *person_row(one.person)


def freed_of_row(row: Row) -> Freed:
    _, _, seat, t, account, chain, _, *person, _ = row
    return Freed(t, account, seat, person_of_row(tuple(person)), tuple(chain))


# Edges and groups ------------------------------------------------------------------------------------------------

LINKS = Table(
    Link, ("a", "b", "kind", "weight", "evidence", "first_seen", "last_seen", "expires_at", "place"), key=3
)  # fmt: skip


def link_row(pair: tuple[str, str], edge: Edge, place: int) -> Row:
    return (
        *pair, edge.kind, edge.weight, edge.evidence, at(edge.first_seen), at(edge.last_seen), at(edge.expires), place
    )  # fmt: skip


def edge_of_row(row: Row) -> Edge:
    a, b, kind, weight, evidence, first_seen, last_seen, expires, _ = row
    return Edge(a, b, kind, weight, evidence, ms(first_seen), ms(last_seen), ms(expires))


GROUPS = Table(ActorGroup, ("number", "case", "best", "judged", "seen_at"))


def group_row(one: Group, best: int | None) -> Row:
    return one.number, one.case, best, one.judged


def group_of_row(row: Row, scores: Mapping[int, Assessment]) -> Group:
    number, case, best, judged, _ = row
    return Group(number, case=case, best=scores.get(best), judged=judged)


CHANGES = Table(GroupChange, ("t", "act", "kept", "other", "reason", "seen_at"), key=0)


def change_row(one: GroupLog) -> Row:
    return *one, at(one.t)


SCORES = Table(
    Score, ("id", "ruleset", "score", "reasons", "facts", "seen_at"), json=frozenset({"reasons", "facts"})
)  # fmt: skip


def score_row(number: int, found: Assessment) -> Row:
    reasons = [[one.code, one.group, one.points, [list(pair) for pair in one.evidence]] for one in found.reasons]
    return number, found.ruleset, found.score, reasons, found.facts.as_data()


def assessment_of_row(row: Row) -> Assessment:
    """Facts that are no longer counted are passed over."""
    _, ruleset, score, reasons, facts, _ = row
    return Assessment(
        ruleset,
        score,
        tuple(
            Reason(code, group, points, tuple((name, value) for name, value in evidence))
            for code, group, points, evidence in reasons
        ),
        Facts(**{name: value for name, value in facts.items() if name in FACTS}),
    )


# Counts ----------------------------------------------------------------------------------------------------------

USES = Table(Identifier, ("kind", "key", "uses", "latest", "seen_at"), key=2)
DEVICES = Table(SharedDevice, ("device", "public_until", "crowd", "seen_at"))
RECENT_SIGHTS = Table(RecentSight, ("name", "key", "moments", "accounts", "t", "seen_at"), key=2)
SURNAMES = Table(SurnameCount, ("surname", "people"))
TALLIES = Table(Tally, ("name", "hits", "trials"))

# In the order in which a rebuild writes them; edges and the log of groups have their own ways.
MEMORY = (BOOKERS, BOOKED, HELD, FREE, GROUPS, SCORES, USES, DEVICES, RECENT_SIGHTS, SURNAMES, TALLIES)


def evidence_of(found: Assessment) -> list[dict[str, Any]]:
    """The reasons as a case shows them."""
    return [
        {"code": one.code, "group": one.group, "points": one.points, "evidence": dict(one.evidence)}
        for one in found.reasons
    ]
