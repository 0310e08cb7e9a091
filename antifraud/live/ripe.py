"""Facts that become facts by time: a hold that nobody confirmed, and an outcome at the door that nobody took back.

Neither has a row of its own at its moment, so each is noted as a sighting once it is certain; from then on it is in the
engine's stream, also when the hold is long forgotten.
"""

from datetime import UTC, datetime, timedelta

from django.db import connection, transaction

from antifraud.models import ReadUpTo
from appointments.models.attendance import UNDO_LENGTH

# A clock a little behind may still confirm or extend what has run out here.
CLOCKS_DIFFER = timedelta(seconds=30)

EXPIRED = """
INSERT INTO antifraud_sighting (at, kind, account_id, detail)
SELECT expires_at, 'expire', account_id,
       jsonb_build_object('hold', id || '/' || seat_ids[1])
FROM appointments_hold
WHERE closed_at IS NULL AND replaces = '{}' AND expires_at > %(since)s AND expires_at <= %(until)s
ORDER BY expires_at, id
"""
# Only the last word about an appointment counts, and only once it cannot be taken back any more.
OUTCOMES = """
INSERT INTO antifraud_sighting (at, kind, account_id, appointment_id, detail)
SELECT step.at, CASE step.after WHEN 'attended' THEN 'attend' WHEN 'other' THEN 'other_person' ELSE 'no_show' END,
       a.account_id, a.id, '{"channel": "counter"}'
FROM appointments_attendancestep step
JOIN appointments_attendance door ON door.id = step.attendance_id AND door.state = step.after
JOIN appointments_appointment a ON a.id = door.appointment_id
WHERE step.after IN ('attended', 'no_show', 'other') AND NOT step.undo
  AND step.at > %(since)s AND step.at <= %(until)s
ORDER BY step.at, step.id
"""
RIPE = {"expired": (EXPIRED, CLOCKS_DIFFER), "outcomes": (OUTCOMES, UNDO_LENGTH + CLOCKS_DIFFER)}


def note_ripe(*, now: datetime) -> int:
    """Note what has become certain since the last time; how many facts. Two at once are as good as one."""
    return sum(_note(name, statement, now - rest) for name, (statement, rest) in RIPE.items())


@transaction.atomic
def _note(name: str, statement: str, until: datetime) -> int:
    ReadUpTo.objects.get_or_create(name=name, defaults={"at": datetime(2000, 1, 1, tzinfo=UTC)})
    place = ReadUpTo.objects.select_for_update(skip_locked=True).filter(name=name, at__lt=until).first()
    if place is None:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(statement, {"since": place.at, "until": until})
        noted = cursor.rowcount
    place.at = until
    place.save(update_fields=["at"])
    return noted
