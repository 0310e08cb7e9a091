"""What became of wins, and the person's two answers. Nothing waits for ``settle``: the clock gives seats back."""

from datetime import datetime
from uuid import UUID

from django.db import connection

from appointments.drafts import entry_of
from appointments.drawing.errors import TooLate
from appointments.enums import Channel
from appointments.guards import BookingAttempt, run_guards
from appointments.models import DrawApplication, DrawWin, Hold
from appointments.services import Entry, confirm_hold, release_hold
from appointments.services.hold import IdempotencyKey
from consulates.models import Procedure
from mexitel.accounts.models import User
from mexitel.audit.services import record
from mexitel.utils.browsers import NOTHING

SETTLE = """
UPDATE appointments_drawwin AS w SET outcome = found.outcome, settled_at = %(now)s
FROM (
    SELECT w.application_id, CASE
        WHEN EXISTS (SELECT FROM appointments_appointment a WHERE a.party_id = w.hold_id) THEN 'accepted'
        WHEN EXISTS (SELECT FROM appointments_hold h WHERE h.id = w.hold_id AND h.outcome = 'released') THEN 'declined'
        WHEN w.expires_at <= %(now)s THEN 'lapsed'
    END AS outcome
    FROM appointments_drawwin w WHERE w.outcome = ''
) AS found
WHERE w.application_id = found.application_id AND w.outcome = '' AND found.outcome IS NOT NULL
"""


def settle(*, now: datetime) -> int:
    """Note what is known of each win; how many."""
    with connection.cursor() as cursor:
        cursor.execute(SETTLE, {"now": now})
        return cursor.rowcount


def accept(
    *,
    application: DrawApplication,
    now: datetime,
    channel: str = Channel.WEB,
    client: tuple[str, str] = NOTHING,
    key: IdempotencyKey | None = None,
    agent_id: int | None = None,
    call_reference: str = "",
) -> list[UUID]:
    """The seats that were won become appointments of the people who applied; nothing is typed again.

    A second tap is answered as the first. Raises TooLate, BookingRefused or a BookingError, as a confirmation does.
    """
    win = win_of(application)
    if win is None:
        raise TooLate
    account = application.account
    run_guards(
        BookingAttempt(
            verb="accept", account=account, channel=channel, party=application.party, client=client, now=now,
            hold=win.hold_id,
        )
    )  # fmt: skip
    return confirm_hold(
        account=account,
        hold_id=win.hold_id,
        people=[[entry] for entry in people_of(application)],
        today=win.session.date,
        now=now,
        channel=channel,
        key=key,
        client=client,
        agent_id=agent_id,
        call_reference=call_reference,
    )


def decline(
    *, application: DrawApplication, now: datetime, channel: str = Channel.WEB, agent: User | None = None
) -> None:
    """The seats go to the next in order. Nothing happens to what was accepted, or is over. Raises TooLate."""
    win = win_of(application)
    if win is None:
        raise TooLate
    if Hold.objects.filter(pk=win.hold_id).exists():
        release_hold(account=application.account, hold_id=win.hold_id, now=now, channel=channel)
    if agent is not None:
        detail = {"release": application.release_id}
        record(actor=agent, action="draw.decline", target=application.account, now=now, detail=detail)
    settle(now=now)


def win_of(application: DrawApplication) -> DrawWin | None:
    found = DrawWin.objects.select_related("session__consulate", "release")
    return found.filter(application=application.pk).first()


def needs_company(procedure: Procedure) -> bool:
    """Whether more than one person attends in a seat: the others are named when the win is accepted."""
    return procedure.min_applicants > 1


def people_of(application: DrawApplication) -> list[Entry]:
    """Who applied, in the order of the seats. Somebody taken off the list since then is saved again when they book."""
    people = application.people.select_related("applicant").order_by("seat")
    return [_entry(one.applicant) for one in people if one.applicant]


def _entry(applicant) -> Entry:
    entry = entry_of(applicant)
    if applicant.removed_at is None:
        return entry
    return Entry(**vars(entry) | {"applicant_id": None})
