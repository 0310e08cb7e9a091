"""Being let in: ten minutes to choose a time, proved by a token that the booking path reads without any store.

The token names release, account and end, signed for this purpose alone; another account, another release or a later
moment cannot use it. Whoever comes back after the ten minutes is let in again: the place in the order is theirs.
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.core import signing
from django.db import connection

from appointments.errors import BookingError
from mexitel.accounts.models import User

SALT = "appointments.queueing.admission"
CHOOSES_IN = timedelta(minutes=10)


class NotYourTurn(BookingError):
    """Without a ticket, not called yet, done already, or the queue is over."""

    code = "not_your_turn"


class Turn(NamedTuple):
    token: str
    until: datetime


# Within the ten minutes coming again changes nothing; a later coming begins them anew.
ENTER = """
UPDATE appointments_queueticket t
SET admitted_at = coalesce(t.admitted_at, %(now)s), done = '', done_at = NULL,
    entered_at = CASE WHEN inside THEN t.entered_at ELSE %(now)s END,
    admitted_until = CASE WHEN inside THEN t.admitted_until ELSE %(until)s END
FROM (SELECT own.id, own.done = '' AND own.entered_at IS NOT NULL AND own.admitted_until > %(now)s AS inside
      FROM appointments_queueticket own
      JOIN appointments_queuedesk d ON d.release_id = own.release_id
      JOIN consulates_release r ON r.id = own.release_id
      WHERE own.release_id = %(release)s AND own.account_id = %(account)s AND own.done IN ('', 'lapsed')
        AND (own.admitted_at IS NOT NULL OR own.rank <= d.called_to)
        AND r.opens_to_all_at > %(now)s
      FOR UPDATE OF own) AS found
WHERE t.id = found.id
RETURNING t.admitted_until
"""


def enter(*, account: User, release_id: int, now: datetime) -> Turn:
    """Begin the ten minutes, or go on in them. Raises NotYourTurn."""
    facts: dict[str, Any] = {"release": release_id, "account": account.pk, "now": now, "until": now + CHOOSES_IN}
    with connection.cursor() as cursor:
        cursor.execute(ENTER, facts)
        row = cursor.fetchone()
    if row is None:
        raise NotYourTurn
    return Turn(token_for(release_id, account.pk, row[0]), row[0])


def token_for(release_id: int, account_id: int, until: datetime) -> str:
    return signing.dumps([release_id, account_id, int(until.timestamp())], salt=SALT)


def admitted_by(token: str, *, account: User, now: datetime) -> int | None:
    """The release that ``token`` lets ``account`` into at ``now``. None for none, a forged or another's, or one that
    ended: the claim then says what it says to anybody.
    """
    try:
        release_id, account_id, until = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return release_id if account_id == account.pk and now.timestamp() < until else None
