"""Proof of work in the manner of ALTCHA: the device looks for a number, which costs it about a second. A toll on
machines that ask for hundreds of places; for a person without JavaScript, half a minute of waiting counts as much.
"""

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from altcha.v1 import ChallengeOptions, Payload, create_challenge, verify_solution
from django.conf import settings
from django.core import signing

from antifraud.lanes import steps
from antifraud.models import StepKind
from mexitel.accounts.models import User
from mexitel.utils.crypto import keyed_hash

SALT = "antifraud.work"
LASTS = timedelta(minutes=10)
WAIT = timedelta(seconds=30)
# On average half of it is searched: about a second on a cheap phone.
MAX_NUMBER = 60_000


class WorkWrong(Exception):
    """No solution of a challenge of ours for this account, or one that came too late."""


@dataclass(frozen=True)
class TooSoon(Exception):
    """Sent without a solution before the wait was over: ``seconds`` to go."""

    seconds: int


@dataclass(frozen=True)
class Work:
    """A challenge for one account. ``ticket`` says whose it is and since when: signed, it comes back as it was."""

    challenge: dict[str, Any]
    ticket: str

    @property
    def wait_seconds(self) -> int:
        return int(WAIT.total_seconds())


def ask(account: User, *, now: datetime) -> Work:
    options = ChallengeOptions(max_number=MAX_NUMBER, hmac_key=_key())
    challenge = create_challenge(options).to_dict()
    told = {"who": account.pk, "at": now.timestamp(), "of": challenge["challenge"]}
    return Work(challenge, signing.dumps(told, salt=SALT))


def accept(account: User, *, ticket: str, solution: str, now: datetime) -> None:
    """The step is taken. Without a ``solution`` the wait must be over.

    Raises WorkWrong, TooSoon or steps.SolvedBefore.
    """
    try:
        told = signing.loads(ticket, salt=SALT)
    except signing.BadSignature as error:
        raise WorkWrong from error
    age = timedelta(seconds=now.timestamp() - told["at"])
    if told["who"] != account.pk or age > LASTS:
        raise WorkWrong
    if solution:
        _check(solution, told["of"])
    elif age < WAIT:
        raise TooSoon(int((WAIT - age).total_seconds()) + 1)
    steps.take(account, StepKind.WORK, now=now, mark=hashlib.sha256(told["of"].encode()).digest())


def _check(solution: str, challenge: str) -> None:
    """``solution`` is ALTCHA's: JSON in base64, with the number that was found. How old it may be says the ticket."""
    payload = _read(solution)
    if payload is None or payload.challenge != challenge or not verify_solution(payload, _key())[0]:
        raise WorkWrong


def _read(solution: str) -> Payload | None:
    try:
        told = json.loads(base64.b64decode(solution, validate=True))
    except ValueError:
        return None
    texts = ("algorithm", "challenge", "salt", "signature")
    if not isinstance(told, dict) or not all(isinstance(told.get(name), str) for name in texts):
        return None
    return Payload.from_dict(told) if isinstance(told.get("number"), int) else None  # type: ignore[arg-type]


def _key() -> str:
    return keyed_hash(SALT, settings.SECRET_KEY).hex()
