"""What a booker must do before a hold, and before it becomes a booking: nothing for most people.

One statement at most where somebody waits in a release. It asks PostgreSQL alone; only the heat of a release is counted
in Redis, and without it no release is hot.
"""

from datetime import datetime, timedelta
from itertools import chain
from typing import NamedTuple

from django.db import connection

from antifraud.lanes import circles, steps
from antifraud.lanes.heat import Heat, heat_at
from antifraud.models import BlockKind, StepKind
from antifraud.models.block import UNDECIDED
from antifraud.names import account_names
from appointments.enums import Channel
from appointments.guards import BookingAttempt, Need
from mexitel.accounts.models import User

# More active appointments and holds than this on one device ask for a code by phone.
MOST_ON_A_DEVICE = 8
# So many appointments of more than one family ask for a verified phone.
MANY = 3
# Bits; a case opens at eight.
WATCH = 4
# A device seen less than a day ago for the first time is new.
NEW_FOR = timedelta(days=1)
SELF_SERVICE = frozenset({Channel.WEB, Channel.API})


class Standing(NamedTuple):
    """How a booker stands at the moment of a booking."""

    blocked_soon: bool
    watched: bool
    proven: bool
    on_device: int
    own: int


def before_hold(attempt: BookingAttempt, *, now: datetime) -> Need | None:
    """A little work, when very many holds are asked for at this office, or many and the device is new."""
    heat = heat_at(attempt.slots[0]) if attempt.slots else Heat.COOL
    if heat == Heat.COOL or (heat == Heat.WARM and not _is_new(attempt.client[1], now=now)):
        return None
    return None if steps.has_taken(attempt.account, StepKind.WORK, now=now) else "work"


def before_booking(attempt: BookingAttempt, *, now: datetime) -> Need | None:
    """A call while a proposed block waits; a code on the watch list, on a crowded device, or for many strangers."""
    account = attempt.account
    standing = standing_of(account, device=attempt.client[1], now=now)
    if standing.blocked_soon:
        return "call"
    if standing.proven:
        return None
    if standing.watched or standing.on_device > MOST_ON_A_DEVICE:
        return "code"
    # A phone that was proven says for itself; the people are read only where somebody has three or more.
    if account.has_verified_phone or standing.own + len(attempt.people) < MANY:
        return None
    people = list(chain.from_iterable(attempt.people))
    if standing.own:
        people = circles.with_those_booked(account, people, now=now)
    return "code" if circles.count_families(people, now=now) > 1 else None


def standing_of(account: User, *, device: str, now: datetime) -> Standing:
    names = account_names(account)
    with connection.cursor() as cursor:
        cursor.execute(
            STANDING.format(on_device=ON_DEVICE if device else "0"),
            {
                "account": account.pk,
                "now": now,
                "since": now - UNDECIDED,
                "domain": BlockKind.DOMAIN,
                "kinds": [str(kind) for kind, _key in names],
                "keys": [key for _kind, key in names],
                "device": device,
                "most": MOST_ON_A_DEVICE + 1,
                "watch": WATCH,
            },
        )
        return Standing(*cursor.fetchone())


# Whoever stands in a case is asked; from WATCH bits on a group is only watched, and not once a person cleared it.
STANDING = """
SELECT
    EXISTS (SELECT FROM antifraud_block b
            JOIN unnest(%(kinds)s::text[], %(keys)s::bytea[]) AS named (kind, key) USING (kind, key)
            WHERE b.state = 'proposed' AND b.kind <> %(domain)s AND b.proposed_at > %(since)s),
    EXISTS (SELECT FROM antifraud_caseaccount member JOIN antifraud_case c ON c.id = member.case_id
            WHERE member.account_id = %(account)s AND c.state NOT IN ('closed', 'merged')
              AND c.kind = 'broker')
        OR EXISTS (SELECT FROM antifraud_booker b JOIN antifraud_actorgroup g ON g.number = b."group"
            JOIN antifraud_score s ON s.id = g.best
            WHERE b.id = %(account)s::text AND s.score >= %(watch)s AND NOT EXISTS (
                SELECT FROM antifraud_caseaccount cleared JOIN antifraud_case c ON c.id = cleared.case_id
                WHERE cleared.account_id = %(account)s AND c.verdict IN ('legitimate', 'validated'))),
    EXISTS (SELECT FROM antifraud_step WHERE account_id = %(account)s AND kind = 'code' AND until > %(now)s),
    {on_device},
    (SELECT count(*) FROM appointments_appointment
     WHERE account_id = %(account)s AND status = 'booked' AND until > %(now)s)
"""

# A hold that became appointments is their party. A help day's devices, and public ones, are everybody's.
ON_DEVICE = """
    (SELECT CASE WHEN EXISTS (
                SELECT FROM antifraud_lanedevice d JOIN antifraud_lane l ON l.id = d.lane_id
                WHERE d.device = %(device)s AND l.ended_at IS NULL AND l.starts_at <= %(now)s AND l.ends_at > %(now)s)
            THEN 0 ELSE (
                SELECT count(*) FROM (
                    SELECT FROM (SELECT DISTINCT subject FROM appointments_trace WHERE device = %(device)s) AS seen
                    JOIN appointments_appointment a ON a.party_id = seen.subject
                    WHERE a.status = 'booked' AND a.until > %(now)s
                    LIMIT %(most)s) AS active) END)
"""


def _is_new(device: str, *, now: datetime) -> bool:
    """Whether nobody has booked on this device before today, and no lane vouches for it."""
    if not device:
        return True
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT NOT EXISTS (SELECT FROM appointments_trace WHERE device = %(device)s AND at < %(before)s)"
            " AND NOT EXISTS (SELECT FROM antifraud_lanedevice d JOIN antifraud_lane l ON l.id = d.lane_id"
            " WHERE d.device = %(device)s AND l.ended_at IS NULL AND l.starts_at <= %(now)s AND l.ends_at > %(now)s)",
            {"device": device, "before": now - NEW_FOR, "now": now},
        )
        return cursor.fetchone()[0]
