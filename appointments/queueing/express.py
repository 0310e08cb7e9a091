"""Joining a queue past the framework: fifty thousand people press one button in the same minute (docs/adr/0033).

The page hands out a pass: what joining needs to know of the account, sealed, for minutes, for one session and queue.
The guards were asked when it was given; blocks, and that nobody has two tickets, are judged in the database as ever, by
the same function. Whatever is not plainly "joined" goes on to the page, which says why. So this path has no rules.
"""

import json
import logging
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from http.cookies import CookieError, SimpleCookie
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import Error, connection

from appointments.enums import Channel
from appointments.guards import BookingAttempt, BookingRefused, run_guards
from appointments.queueing.joining import Ticket, join_all, ticket_for
from mexitel.accounts.models import User
from mexitel.utils.batches import Batches
from mexitel.utils.browsers import Seen
from mexitel.utils.crypto import decrypt, encrypt
from mexitel.utils.time import now as clock

logger = logging.getLogger(__name__)

FIELD = "pass"
VALID_FOR = timedelta(minutes=10)
ADDRESS = re.compile(r"/aperturas/([1-9][0-9]{0,17})/fila/entrar/")
LONGEST_BODY = 4096

App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def pass_for(*, account: User, release_id: int, session: str, client: Seen, now: datetime) -> str:
    """Empty when a guard would ask for something first: then the page's own way does that."""
    try:
        run_guards(BookingAttempt(verb="join", account=account, channel=Channel.WEB, client=client, now=now))
    except BookingRefused:
        return ""
    until = int((now + VALID_FOR).timestamp())
    return encrypt(json.dumps(["join", until, _mark(session), *ticket_for(account, release_id)]))


def read_pass(sealed: str, *, release_id: int, session: str, now: datetime) -> Ticket | None:
    """None for what is forged, old, another's or for another queue."""
    try:
        purpose, until, mark, *ticket = json.loads(decrypt(sealed))
    except (InvalidToken, ValueError, TypeError):
        return None
    if purpose != "join" or until <= now.timestamp() or not session or mark != _mark(session):
        return None
    found = Ticket(*ticket)
    return found if found.release_id == release_id else None


def _mark(session: str) -> str:
    return sha256(session.encode()).hexdigest()[:32]


def join_now(tickets: Sequence[Ticket]) -> list[str]:
    if not connection.in_atomic_block:  # no request of the framework's begins here, which would look after it
        connection.close_if_unusable_or_obsolete()
    return join_all(tickets, channel=Channel.WEB, now=clock())


class ExpressJoin:
    """WSGI around the application: answers a press of the button that carries a good pass, and nothing else."""

    def __init__(self, application: App) -> None:
        self.application = application
        self.batches = Batches[Ticket, str](join_now)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        address = ADDRESS.fullmatch(environ["PATH_INFO"])
        if address and environ["REQUEST_METHOD"] == "POST" and self.joins(environ, int(address[1])):
            room = environ["PATH_INFO"].removesuffix("entrar/")
            start_response("302 Found", [("Location", room), ("Cache-Control", "no-store"), ("Content-Length", "0")])
            return []
        return self.application(environ, start_response)

    def joins(self, environ: dict[str, Any], release_id: int) -> bool:
        """Whether the ticket stands. What was read of the body is put back for the page."""
        length = environ.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > LONGEST_BODY:
            return False
        body = environ["wsgi.input"].read(int(length))
        environ["wsgi.input"] = BytesIO(body)
        form = parse_qs(body.decode("latin-1"))
        ticket = read_pass(form.get(FIELD, [""])[0], release_id=release_id, session=_session(environ), now=clock())
        if ticket is None:
            return False
        try:
            return self.batches.ask(ticket._replace(remind="remind" in form)) in ("joined", "known")
        except Error as error:
            logger.warning("a ticket goes the long way: %s", type(error).__name__)
            return False


def _session(environ: dict[str, Any]) -> str:
    try:
        cookie = SimpleCookie(environ.get("HTTP_COOKIE", "")).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return ""
    return cookie.value if cookie else ""
