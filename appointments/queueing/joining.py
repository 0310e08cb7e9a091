"""One ticket for each account, mailbox and phone. The hot path: fifty thousand people in a minute come through here."""

import json
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from appointments.allocation import drawing
from appointments.enums import Channel, ScopeKind
from appointments.errors import BookerBlocked, BookingError
from appointments.guards import BookingAttempt, run_guards
from appointments.models import QueueTicket, TicketEnd
from appointments.models.queue import new_code
from appointments.scopes import booker_marks, booker_scopes
from consulates.models import Gate, Release
from mexitel.accounts.models import User
from mexitel.utils.browsers import NOTHING
from mexitel.utils.crypto import keyed_hash


class TicketTaken(BookingError):
    """Another account with the same mailbox or phone has a ticket already. Which one is nobody's business."""

    code = "ticket_taken"


class QueueClosed(BookingError):
    """No queue, not yet, or no longer."""

    code = "queue_closed"


class Keys(NamedTuple):
    email: bytes | None
    phone: bytes | None


REFUSED: dict[str, type[BookingError]] = {
    "taken": TicketTaken,
    "closed": QueueClosed,
    "unpromised": QueueClosed,
    "blocked": BookerBlocked,
}
JOIN = "SELECT join_queue(%s, %s, %s, %s, %s, %s, %s, %s)"


def join(
    *,
    account: User,
    release_id: int,
    now: datetime,
    channel: str = Channel.WEB,
    client: tuple[str, str] = NOTHING,
    remind: bool = False,
) -> bool:
    """A ticket for ``account``; False when it has one already, which stays as it is.

    From the release's ``joins_from`` until it opens to all; whoever comes after the opening stands behind. One
    statement. Raises BookingRefused (a guard said no), TicketTaken, QueueClosed or BookerBlocked.
    """
    run_guards(BookingAttempt(verb="join", account=account, channel=channel, client=client, now=now))
    scopes = booker_scopes(account)
    keys = _keys(scopes)
    request = {
        "account": account.pk,
        "scopes": [scope.for_claim() for scope in scopes],
        "marks": booker_marks(account),
    }
    asked = [release_id, json.dumps(request), new_code(), keys.email, keys.phone, channel, remind, now]
    code = _asked(asked)
    if code == "unpromised" and _promise(release_id, now=now):
        code = _asked(asked)
    if code in REFUSED:
        raise REFUSED[code]
    return code == "joined"


def _asked(asked: list) -> str:
    with connection.cursor() as cursor:
        cursor.execute(JOIN, asked)
        return cursor.fetchone()[0]


def _promise(release_id: int, *, now: datetime) -> bool:
    """No worker has made the office's promise yet: whoever comes first sees to it."""
    release = Release.objects.announced(now=now).filter(pk=release_id, mode=Gate.QUEUE).first()
    return release is not None and drawing.commit(release, now) is not None


def _keys(scopes: list) -> Keys:
    """Of the mailbox and of the verified phone. What a caller only states, or who they are, stands in the phone's place
    under another hash: stating a stranger's number does not take their ticket.
    """
    by_kind = {scope.kind: scope.key for scope in scopes}
    phone = by_kind.get(ScopeKind.PHONE)
    for kind in (ScopeKind.STATED_PHONE, ScopeKind.PERSON):
        if kind in by_kind:
            phone = keyed_hash("queue", f"{int(kind)} {by_kind[kind].hex()}")
    return Keys(by_kind.get(ScopeKind.EMAIL), phone)


def leave(*, account: User, release: Release, now: datetime) -> None:
    """Give the place up. Before the opening nothing of it stays; afterwards the sealed list keeps its number."""
    own = QueueTicket.objects.filter(release=release, account=account)
    if now < release.opens_at:
        own.delete()
    else:
        own.filter(done="").update(done=TicketEnd.LEFT, done_at=now)


def ticket_of(account: User, release_id: int) -> QueueTicket | None:
    return QueueTicket.objects.filter(release_id=release_id, account=account).first()
