"""One ticket for each account, mailbox and phone. The hot path: fifty thousand people in a minute come through here."""

import json
from collections.abc import Sequence
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


class Ticket(NamedTuple):
    """What ``join_queue`` is told: ``request`` is the account's scopes and marks as in the claim, in JSON."""

    release_id: int
    account_id: int
    request: str
    email: str  # keys in hex, empty for none
    phone: str
    remind: bool = False

    def as_columns(self) -> tuple[int, str, str, str | None, str | None, bool]:
        """With a new code, in the order of the function."""
        return self.release_id, self.request, new_code(), self.email or None, self.phone or None, self.remind


REFUSED: dict[str, type[BookingError]] = {
    "taken": TicketTaken,
    "closed": QueueClosed,
    "unpromised": QueueClosed,
    "blocked": BookerBlocked,
}
JOIN = """
SELECT join_queue(release, request, code, decode(email, 'hex'), decode(phone, 'hex'), %s, remind, %s)
FROM unnest(%s::bigint[], %s::jsonb[], %s::text[], %s::text[], %s::text[], %s::boolean[])
    AS asked (release, request, code, email, phone, remind)
"""


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
    ticket = ticket_for(account, release_id, remind=remind)
    [code] = join_all([ticket], channel=channel, now=now)
    if code == "unpromised" and _promise(release_id, now=now):
        [code] = join_all([ticket], channel=channel, now=now)
    if code in REFUSED:
        raise REFUSED[code]
    return code == "joined"


def ticket_for(account: User, release_id: int, *, remind: bool = False) -> Ticket:
    scopes = booker_scopes(account)
    keys = _keys(scopes)
    request = {
        "account": account.pk,
        "scopes": [scope.for_claim() for scope in scopes],
        "marks": booker_marks(account),
    }
    email, phone = (key.hex() if key else "" for key in keys)
    return Ticket(release_id, account.pk, json.dumps(request), email, phone, remind)


def join_all(tickets: Sequence[Ticket], *, channel: str, now: datetime) -> list[str]:
    """Each one's word from ``join_queue``, in one transaction. In the order of accounts, so that two processes that
    join many at once never wait for each other.
    """
    order = sorted(range(len(tickets)), key=lambda n: tickets[n].account_id)
    columns = zip(*(tickets[n].as_columns() for n in order), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(JOIN, [channel, now, *map(list, columns)])
        told = dict(zip(order, (word for (word,) in cursor.fetchall()), strict=True))
    return [told[n] for n in range(len(tickets))]


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
