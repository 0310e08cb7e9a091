"""Devices that many people book on: those of a help day, and public computers. Known by their own cookie, and only
after somebody typed on them the code that staff gave.
"""

import secrets
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Count, QuerySet

from antifraud.models import Lane, LaneDevice, LaneKind
from antifraud.services.sightings import note
from consulates.models import Consulate
from mexitel.accounts.models import User
from mexitel.audit.services import record

# No 0, O, 1, I, L: it is read out and typed.
LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 6
TERMINAL_LASTS = timedelta(days=365)
TERMINAL_CODE_LASTS = timedelta(hours=1)


class LaneError(Exception):
    """Why a device does not join, or a lane is not ended; ``code`` is stable."""

    code = "lane"


class CodeUnknown(LaneError):
    """No such code, or not today."""

    code = "code_unknown"


class LaneFull(LaneError):
    """As many devices as the code is for have joined."""

    code = "lane_full"


class DeviceUnknown(LaneError):
    """The browser keeps no cookies."""

    code = "device_unknown"


class EndedAlready(LaneError):
    code = "ended_already"


def open_drive(
    *, office: Consulate, day: date, place: str, organisation: str, devices: int, by: User, now: datetime
) -> Lane:
    """A help day: from midnight to midnight where the office is, on up to ``devices`` devices."""
    zone = ZoneInfo(office.time_zone)
    starts_at = datetime.combine(day, time(), tzinfo=zone)
    ends_at = datetime.combine(day + timedelta(days=1), time(), tzinfo=zone)
    return _open(
        LaneKind.DRIVE, office, by, now, place=place, organisation=organisation, most_devices=devices,
        starts_at=starts_at, ends_at=ends_at, code_until=ends_at,
    )  # fmt: skip


def open_terminal(*, office: Consulate, place: str, organisation: str, by: User, now: datetime) -> Lane:
    """A public computer, for a year; its code is typed on it within the hour."""
    return _open(
        LaneKind.TERMINAL, office, by, now, place=place, organisation=organisation, most_devices=1,
        starts_at=now, ends_at=now + TERMINAL_LASTS, code_until=now + TERMINAL_CODE_LASTS,
    )  # fmt: skip


@transaction.atomic
def _open(kind: LaneKind, office: Consulate, by: User, now: datetime, **facts: Any) -> Lane:
    code = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
    lane = Lane.objects.create(kind=kind, consulate=office, code=code, opened_by=by, opened_at=now, **facts)
    detail = {"kind": str(kind), "devices": lane.most_devices, "until": lane.ends_at.isoformat()}
    record(actor=by, action="lane.open", target=lane, now=now, office_id=office.pk, detail=detail)
    return lane


@transaction.atomic
def join(*, typed: str, device: str, now: datetime) -> Lane:
    """``device`` belongs to the lane whose code was typed on it; joining twice changes nothing.

    Raises CodeUnknown, LaneFull or DeviceUnknown.
    """
    if not device:
        raise DeviceUnknown
    code = "".join(letter for letter in typed.upper() if letter in LETTERS)
    standing = Lane.objects.standing(now=now).filter(starts_at__lte=now, code_until__gt=now)
    lane = standing.select_for_update(of=("self",)).select_related("consulate").filter(code=code).first()
    if lane is None:
        raise CodeUnknown
    joined = list(lane.devices.values_list("device", flat=True))
    if device in joined:
        return lane
    if len(joined) >= lane.most_devices:
        raise LaneFull
    LaneDevice.objects.create(lane=lane, number=len(joined) + 1, device=device, joined_at=now)
    _tell(lane, [*joined, device], until=lane.ends_at, now=now)
    return lane


@transaction.atomic
def end(*, lane_id: int, by: User, why: str, now: datetime) -> Lane:
    """Its devices are like any other from now on. Raises EndedAlready."""
    lane = Lane.objects.select_for_update(of=("self",)).select_related("consulate").get(pk=lane_id)
    if lane.ended_at or lane.ends_at <= now:
        raise EndedAlready
    lane.ended_at, lane.ended_by, lane.ended_why = now, by, why
    lane.save(update_fields=["ended_at", "ended_by", "ended_why"])
    _tell(lane, list(lane.devices.values_list("device", flat=True)), until=now, now=now)
    record(actor=by, action="lane.end", target=lane, now=now, office_id=lane.consulate_id, reason=why)
    return lane


def lanes_in(offices: QuerySet[Consulate]) -> QuerySet[Lane]:
    """The latest first, each with ``joined``, how many devices have."""
    found = Lane.objects.filter(consulate__in=offices).select_related("consulate", "opened_by", "ended_by")
    return found.annotate(joined=Count("devices")).order_by("-ends_at", "-pk")


def lane_of(device: str, *, now: datetime) -> Lane | None:
    """Where ``device`` stands today."""
    if not device:
        return None
    standing = Lane.objects.standing(now=now).filter(starts_at__lte=now, devices__device=device)
    return standing.select_related("consulate").first()


def _tell(lane: Lane, devices: list[str], *, until: datetime, now: datetime) -> None:
    """The engine links nobody through them until then."""
    if lane.kind == LaneKind.DRIVE:
        note("drive", now=now, devices=devices, until=until.isoformat())
        return
    for device in devices:
        note("public_device", now=now, device=device, until=until.isoformat())
