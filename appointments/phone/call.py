"""The call that an agent is in: who the caller is, what they want, what was typed. Sealed in the agent's session, so
that nothing of it stands in an address or a log; over when the agent ends it, signs out, or does nothing for a while.
"""

import json
import secrets
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from cryptography.fernet import InvalidToken
from django.contrib.sessions.backends.base import SessionBase

from appointments.drafts import as_typed, from_typed
from appointments.enums import Channel
from appointments.services import Entry
from mexitel.utils.crypto import decrypt, encrypt

KEY = "call"
IDLE = timedelta(minutes=10)
# No 0, O, 1, I, L: it is said and written down.
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
# How the caller was known: by a code that they said, by facts that the system compared, or registered in this call.
CODE, FACTS, REGISTERED = "code", "facts", "registered"


@dataclass
class Call:
    reference: str
    channel: str
    seen_at: float
    account_id: int | None = None
    proof: str = ""
    found: list[int] = field(default_factory=list)
    wish: dict[str, str] = field(default_factory=dict)
    moving: list[str] = field(default_factory=list)
    hold: str = ""
    people: dict[str, list[dict]] = field(default_factory=dict)
    code: dict[str, str] = field(default_factory=dict)
    right_answers: int = 0
    booked: list[str] = field(default_factory=list)

    @property
    def hold_id(self) -> UUID | None:
        return UUID(self.hold) if self.hold else None

    @property
    def hold_ids(self) -> list[UUID]:
        """The hold of this call, or none, for a filter."""
        return [UUID(self.hold)] if self.hold else []

    @property
    def by(self) -> dict:
        """What a service is told about the door."""
        return {"channel": self.channel, "call_reference": self.reference}

    def typed(self) -> dict[int, list[Entry]]:
        """Who was typed so far, by place in the party."""
        return {int(place): [from_typed(dict(one)) for one in people] for place, people in self.people.items()}

    def keep_typed(self, people: dict[int, list[Entry]]) -> None:
        self.people = {str(place): [as_typed(one) for one in entries] for place, entries in people.items()}

    def take(self, account_id: int, proof: str) -> None:
        """Another caller at hand; nothing of the one before stays, except what they want to hear about."""
        self.account_id, self.proof, self.found = account_id, proof, []
        self.moving, self.hold, self.people, self.code, self.right_answers, self.booked = [], "", {}, {}, 0, []


def new_reference(now: datetime) -> str:
    """``261124-K7QXM``: the day in UTC and five letters."""
    return f"{now.astimezone(UTC):%y%m%d}-{''.join(secrets.choice(LETTERS) for _ in range(5))}"


def begin(session: SessionBase, *, reference: str, channel: str, now: datetime) -> Call:
    known = Channel.COUNTER if channel == Channel.COUNTER else Channel.PHONE
    call = Call(reference=reference or new_reference(now), channel=str(known), seen_at=now.timestamp())
    keep(session, call, now=now)
    return call


def at_hand(session: SessionBase, *, now: datetime) -> Call | None:
    """The call of this session. One that was left alone for IDLE is over: it is forgotten here."""
    try:
        call = Call(**json.loads(decrypt(session.get(KEY, "")) or "null") or {})
    except (InvalidToken, TypeError, ValueError):
        return None
    if now.timestamp() - call.seen_at > IDLE.total_seconds():
        forget(session)
        return None
    return call


def keep(session: SessionBase, call: Call, *, now: datetime) -> None:
    call.seen_at = now.timestamp()
    session[KEY] = encrypt(json.dumps(asdict(call)))


def forget(session: SessionBase) -> None:
    session.pop(KEY, None)
