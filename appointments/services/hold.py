from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from appointments.claim import Answer, claim_one
from appointments.enums import Channel
from appointments.errors import raise_for
from appointments.guards import BookingAttempt, Verb, run_guards
from appointments.scopes import booker_marks, booker_scopes
from mexitel.accounts.models import User
from mexitel.utils.browsers import NOTHING
from mexitel.utils.networks import kind_of

# From the moment a signed-in person chooses a time; extended once by the same length.
HOLD_LENGTH = timedelta(minutes=10)


@dataclass
class IdempotencyKey:
    """The client's key and the SHA-256 of the body that came with it; kept 24 hours (DESIGN 4.10).

    The service that takes it notes in ``replayed`` whether its answer is the one of an earlier request.
    """

    key: str
    body_hash: bytes
    replayed: bool = field(default=False, init=False)


class HeldParty(NamedTuple):
    hold_id: UUID
    expires_at: datetime
    extended: bool = False


@dataclass(frozen=True)
class Wish:
    """Seats in one slot. A party in consecutive times is several of these, all in one session."""

    slot_id: int
    seats: int


def request_for(account: User, op: str, *, channel: str, key: IdempotencyKey | None = None, **facts: object) -> dict:
    """One request of the claim: who, through which door, in which scopes, under which idempotency key."""
    request = {
        "op": op,
        "account": account.pk,
        "channel": channel,
        "scopes": [scope.for_claim() for scope in booker_scopes(account)],
        "marks": booker_marks(account),
        **facts,
    }
    if key is not None:
        request |= {"key": key.key, "body": key.body_hash.hex()}
    return request


def seen_facts(client: tuple[str, str], fill: Sequence[float | None] = ()) -> dict:
    """What the claim notes of a booker's browser and network; nothing when the edge saw nothing."""
    prefix, device = client
    if not prefix and not device and not any(seconds is not None for seconds in fill):
        return {}
    return {"seen": {"device": device, "prefix": prefix, "asn_kind": kind_of(prefix), "fill": list(fill)}}


def ask(request: dict, *, key: IdempotencyKey | None, now: datetime) -> Answer:
    """One request to the claim; notes on ``key`` whether its answer is an earlier one."""
    answer = claim_one(request, now=now)
    if key is not None:
        key.replayed = bool(answer.facts.get("replayed"))
    return answer


def hold_seats(
    *,
    account: User,
    wishes: Sequence[Wish],
    procedure_id: int,
    now: datetime,
    channel: str = Channel.WEB,
    supersedes: UUID | None = None,
    replaces: Sequence[UUID] = (),
    key: IdempotencyKey | None = None,
    client: tuple[str, str] = NOTHING,
    agent_id: int | None = None,
    call_reference: str = "",
    pools: Sequence[str] = ("public",),
    origin: str = "",
    admitted: int | None = None,
) -> HeldParty:
    """Keep seats for the account's party until ``now + HOLD_LENGTH``: all of them or none.

    ``replaces`` lists appointments that the party would move; such a hold takes seats but no permits.
    ``pools`` other than the public one are for acts of staff; ``origin`` says in the hold which act it was. A party of
    six to eight whose ``origin`` is FAMILY fits under a cap of eight, and the confirmation looks at who it is.
    ``admitted`` is the release whose queue has let the account in, as the page's token says.
    ``client`` is what the edge saw (mexitel.utils.browsers.Seen).
    ``supersedes`` is a hold of the same account that this one ends. A second call for the same times returns
    the hold that stands. ``now`` is timezone-aware and taken once, at the edge. Raises BookingRefused (a
    guard said no) or a BookingError (SlotFull, LockFull, NotMovable ...); each leaves every seat and permit
    as it was. Rule: docs/adr/0003.
    """
    party = sum(wish.seats for wish in wishes)
    verb: Verb = "move" if replaces else "hold"
    # Outside the transaction: a refusal must keep its evidence.
    run_guards(
        BookingAttempt(
            verb=verb,
            account=account,
            channel=channel,
            party=party,
            client=client,
            now=now,
            slots=tuple(wish.slot_id for wish in wishes),
        )
    )
    answer = ask(
        request_for(
            account,
            "hold",
            channel=channel,
            key=key,
            slots=[{"slot": wish.slot_id, "seats": wish.seats} for wish in wishes],
            procedure=procedure_id,
            expires_at=now + HOLD_LENGTH,
            pools=list(pools),
            origin=origin or ("replacement" if replaces else "public"),
            supersedes=supersedes,
            replaces=list(replaces),
            admitted=admitted,
            agent=agent_id,
            call_reference=call_reference,
            **seen_facts(client),
        ),
        key=key,
        now=now,
    )
    return _held(answer)


def extend_hold(*, account: User, hold_id: UUID, now: datetime, channel: str = Channel.WEB) -> HeldParty:
    """Ten more minutes from ``now``, once. Raises HoldExpired, AlreadyExtended or UnknownHold."""
    request = request_for(account, "extend", channel=channel, hold=hold_id, expires_at=now + HOLD_LENGTH)
    return _held(claim_one(request, now=now))


def release_hold(*, account: User, hold_id: UUID, now: datetime, channel: str = Channel.WEB) -> None:
    """Give the seats back early; nothing happens to a hold that is over. Raises UnknownHold."""
    raise_for(claim_one(request_for(account, "release", channel=channel, hold=hold_id), now=now))


def _held(answer: Answer) -> HeldParty:
    raise_for(answer)
    facts = answer.facts
    expires_at = datetime.fromisoformat(facts["expires_at"])
    return HeldParty(UUID(facts["hold"]), expires_at, extended=facts.get("extended", True))
