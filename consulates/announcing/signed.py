"""The signed announcement of a release: what was promised, in bytes that anybody checks (docs/adr/0034)."""

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from consulates.models import Announcement, AnnouncementKind, Release, ReleaseOffice
from mexitel.utils.signing import canonical, is_signed, own_key, to_base64

VERSION = 1


def sign_announcement(release: Release, *, kind: AnnouncementKind, now: datetime) -> Announcement:
    """Keep what the release's rows say now; in the transaction that makes it public."""
    key = own_key()
    said = canonical(said_of(release, kind))
    return Announcement.objects.create(
        release=release, kind=kind, said=said.decode(), key=key.name, signature=to_base64(key.private.sign(said)),
        made_at=now,
    )  # fmt: skip


def said_of(release: Release, kind: AnnouncementKind) -> dict[str, Any]:
    """Moments in UTC, days as they are on the office's calendar; ``seats`` include those for callers."""
    offices = release.offices.select_related("consulate").order_by("consulate__code")
    facts: dict[str, Any] = {
        "version": VERSION,
        "kind": str(kind),
        "release": release.pk,
        "name": {"es": release.name, "en": release.name_en or release.name},
        "mode": str(release.mode),
        "announced_at": utc(release.announced_at),
        "joins_from": utc(release.joins_from),
        "opens_at": utc(release.opens_at),
        "opens_to_all_at": utc(release.opens_to_all_at),
        "phone_until": utc(release.phone_until),
        "procedures": sorted(release.procedures.values_list("code", flat=True)),
        "offices": [_office(row) for row in offices],
    }
    if kind == AnnouncementKind.CANCELLED:
        facts |= {"cancelled_at": utc(release.cancelled_at), "reason": release.cancel_reason}
    return facts


def _office(row: ReleaseOffice) -> dict[str, Any]:
    return {
        "office": row.consulate.code,
        "time_zone": row.consulate.time_zone,
        "opens_at": utc(row.opens_at),
        "seats": row.seats,
        "phone_seats": row.phone_seats,
        "first_day": iso(row.first_day),
        "last_day": iso(row.last_day),
    }


def document(announcement: Announcement) -> dict[str, Any]:
    """The file that people download: what was said, and the signature of its canonical bytes."""
    return {"key": announcement.key, "signature": announcement.signature, "said": json.loads(announcement.said)}


def stands(announcement: Announcement) -> bool:
    """Whether the kept bytes bear a signature of a published key."""
    return is_signed(announcement.said.encode(), key=announcement.key, signature=announcement.signature)


def still_says(announcement: Announcement, release: Release) -> bool:
    """Whether the release's rows say today what was signed: a hand in the database would show here."""
    return canonical(said_of(release, AnnouncementKind(announcement.kind))).decode() == announcement.said


def utc(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def of_kind(announcements: Iterable[Announcement], kind: AnnouncementKind) -> Announcement | None:
    return next((one for one in announcements if one.kind == kind), None)
