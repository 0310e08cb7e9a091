"""Who is to be told of which release, put into the outbox once for each: in one statement, whatever dies in between.

The signal of an announcement asks for it at once; a task compares against the releases every minute, so that a signal
that was lost is made good. What is said, and whether it is still true, is judged when it is sent (messages.py).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection, transaction

from appointments.announcing.hours import in_daytime, reminder_at
from appointments.models import AlertKind, ReleaseTold
from consulates.models import Release, ReleaseOffice, ReleaseState

# What was announced or cancelled longer ago than this is old news, whoever was asleep.
NEWS = timedelta(days=2)

# One row an account, however many of its wishes fit: the release's offices that open at that moment, any of its
# procedures. Who asked later than the news has read it.
PUT_IN_OUTBOX = """
INSERT INTO outbox_message (created_at, due_at, kind, payload)
SELECT %(now)s, %(due)s, 'release.told', jsonb_build_object('kind', %(kind)s::text, 'alert', min(alert.id::text))
       || jsonb_build_object('release', %(release)s::bigint, 'opens_at', %(moment)s::text)
FROM appointments_releasealert alert
WHERE alert.stopped_at IS NULL AND alert.made_at < %(before)s AND alert.consulate_id = ANY (%(offices)s)
  AND (alert.hour_before OR %(kind)s <> 'soon')
  AND (alert.procedure_id IS NULL OR EXISTS (
      SELECT FROM consulates_release_procedures own
      WHERE own.release_id = %(release)s AND own.procedure_id = alert.procedure_id))
GROUP BY alert.account_id
"""


def tend(*, now: datetime, release_id: int | None = None) -> int:
    """Put into the outbox what nobody was told yet; returns how many rows. Running twice, or at once, adds none."""
    found = Release.objects.for_public(now=now).filter(opens_at__gt=now - NEWS)
    if release_id is not None:
        found = found.filter(pk=release_id)
    written = 0
    for release in found.prefetch_related("offices__consulate"):
        written += _tell_news(release, now=now)
        if release.state == ReleaseState.ANNOUNCED:
            written += _tell_soon(release, now=now)
    return written


def _tell_news(release: Release, *, now: datetime) -> int:
    """That it was announced, and that it was cancelled, to everybody of all of its offices."""
    offices = list(release.offices.all())
    first = min(offices, key=lambda row: row.opens_at)
    said = [(AlertKind.ANNOUNCED, release.announced_at), (AlertKind.CANCELLED, release.cancelled_at)]
    if release.state == ReleaseState.CANCELLED:  # who was not told of it need not hear that it was to be
        said = said[1:]
    written = 0
    for kind, at in said:
        if at is not None and at > now - NEWS:
            due = in_daytime(now, first.consulate.time_zone)
            written += _put(release, kind, first.opens_at, offices, due=due, before=at, now=now)
    return written


def _tell_soon(release: Release, *, now: datetime) -> int:
    """At each office's own moment; one that was announced within the hour needs no reminder."""
    written = 0
    for opens_at in {row.opens_at for row in release.offices.all() if row.opens_at > now}:
        rows = [row for row in release.offices.all() if row.opens_at == opens_at]
        due = reminder_at(opens_at, rows[0].consulate.time_zone)
        if release.announced_at is not None and release.announced_at < due <= now:
            written += _put(release, AlertKind.SOON, opens_at, rows, due=now, before=due, now=now)
    return written


def _put(
    release: Release, kind: AlertKind, opens_at: datetime, offices: Iterable[ReleaseOffice], *, due: datetime,
    before: datetime, now: datetime,
) -> int:  # fmt: skip
    with transaction.atomic():
        _row, is_new = ReleaseTold.objects.get_or_create(
            release=release, kind=kind, opens_at=opens_at, defaults={"at": now}
        )
        if not is_new:
            return 0
        with connection.cursor() as cursor:
            cursor.execute(
                PUT_IN_OUTBOX,
                {
                    "now": now, "due": due, "before": before, "kind": str(kind), "release": release.pk,
                    "moment": opens_at.isoformat(), "offices": [row.consulate_id for row in offices],
                },
            )  # fmt: skip
            return cursor.rowcount
