"""How long a session stays open without a sign of life, and what is kept of a form that was sent too late."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.fernet import InvalidToken
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

from mexitel.accounts.models import User
from mexitel.utils.crypto import decrypt, encrypt

IDLE = timedelta(minutes=30)
IDLE_SHARED = timedelta(minutes=10)
IDLE_STAFF = timedelta(minutes=15)
LONGEST = timedelta(hours=12)
LONGEST_STAFF = timedelta(hours=8)
WARN_BEFORE = timedelta(minutes=3)
WRITE_EVERY = timedelta(seconds=60)

OPENED, SEEN, SHARED, KEPT = "opened_at", "seen_at", "shared_computer", "kept_answers"
KEPT_FOR = timedelta(minutes=30)
KEPT_MOST_CHARACTERS = 20_000


def idle_limit(session: SessionBase, user: User) -> timedelta:
    if user.needs_second_factor:
        return IDLE_STAFF
    return IDLE_SHARED if session.get(SHARED) else IDLE


def is_over(session: SessionBase, user: User, now: datetime) -> bool:
    """Idle too long, or open too long altogether. A session without marks (just made) is not over."""
    opened, seen = _moment(session, OPENED), _moment(session, SEEN)
    longest = LONGEST_STAFF if user.needs_second_factor else LONGEST
    return bool((seen and now - seen >= idle_limit(session, user)) or (opened and now - opened >= longest))


def touch(session: SessionBase, now: datetime) -> None:
    """Note a sign of life, written at most once a minute."""
    seen = _moment(session, SEEN)
    if seen is None or now - seen >= WRITE_EVERY:
        session[SEEN] = now.timestamp()
        session.setdefault(OPENED, now.timestamp())


def opened(session: SessionBase, *, shared: bool, now: datetime) -> None:
    """Mark a fresh sign-in; on a shared computer it ends when the browser closes."""
    session[OPENED] = session[SEEN] = now.timestamp()
    session[SHARED] = shared
    session.set_expiry(0 if shared else None)


def _moment(session: SessionBase, key: str) -> datetime | None:
    value = session.get(key)
    return datetime.fromtimestamp(value, UTC) if isinstance(value, (int, float)) else None


@dataclass(frozen=True)
class KeptAnswers:
    """A form that arrived after the session was over: whose it was, where it went, what it said."""

    user_id: int
    path: str
    fields: list[tuple[str, str]]


def keep_answers(request: HttpRequest, user_id: int) -> str:
    """Seal the POST of ``request`` for after the next sign-in; "" when there is nothing worth keeping."""
    fields = [(k, v) for k, vs in request.POST.lists() for v in vs if k != "csrfmiddlewaretoken"]
    text = json.dumps({"user_id": user_id, "path": request.get_full_path(), "fields": fields})
    if not fields or request.FILES or len(text) > KEPT_MOST_CHARACTERS:
        return ""
    return encrypt(text)


def kept_answers(session: SessionBase, user: User, now: datetime) -> KeptAnswers | None:
    """What was kept, if it is this person's, not old, and sealed with a key that is still there."""
    kept = session.get(KEPT)
    if not kept or now.timestamp() - kept["at"] > KEPT_FOR.total_seconds():
        return None
    try:
        data = json.loads(decrypt(kept["sealed"]))
    except InvalidToken:
        return None
    if data["user_id"] != user.pk:
        return None
    return KeptAnswers(data["user_id"], data["path"], [(name, value) for name, value in data["fields"]])
