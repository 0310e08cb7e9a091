"""Whoever lost carries on: into the next draw of the same offices and procedure, with one ticket more, up to three.

The weight grows only for people whom somebody has seen: one of the application has attended before, or was validated
(``DRAW_KNOWN`` names who says so). It belongs to the people, not to the account: none of them may be new.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.module_loading import import_string

from appointments.enums import AppointmentStatus
from appointments.models import Applicant, Appointment, DrawApplication
from appointments.models.draw import HIGHEST_WEIGHT
from consulates.models import Gate, Release

# A loss counts for the draws of half a year.
COUNTS_FOR = timedelta(days=180)


@dataclass(frozen=True)
class Credit:
    """A loss that counts: where it was, and the weight that comes of it."""

    application: DrawApplication
    weight: int


def credit_of(application: DrawApplication, people: Sequence[Applicant]) -> Credit | None:
    """What an earlier loss is worth to ``application`` (saved or not) with these people.

    A loss is an application to a draw that was allotted, which won nothing, of the same account and procedure, in an
    office that both name, with no person who was not in it.
    """
    lost = (
        DrawApplication.objects.standing()
        .filter(account=application.account_id, procedure=application.procedure_id, win=None)
        .filter(release__draw_progress__allotted_at__isnull=False)
        .filter(release__opens_at__gt=application.release.opens_at - COUNTS_FOR)
        .filter(office_ids__overlap=application.office_ids)
        .exclude(release=application.release_id)
        .order_by("-weight", "-release__opens_at")
        .prefetch_related("people")
    )
    ours = {bytes(one.identity_hash) for one in people}
    for loss in lost:
        if _is_free(loss, application) and ours <= {bytes(one.identity_hash) for one in loss.people.all()}:
            return Credit(loss, _weight_after(loss, people))
    return None


def _is_free(loss: DrawApplication, application: DrawApplication) -> bool:
    """One loss counts once: it is carried by this application, or by none."""
    return not DrawApplication.objects.filter(carried_from=loss).exclude(code=application.code).exists()


def _weight_after(loss: DrawApplication, people: Sequence[Applicant]) -> int:
    return min(HIGHEST_WEIGHT, loss.weight + 1) if somebody_is_known(people) else loss.weight


def somebody_is_known(people: Collection[Applicant]) -> bool:
    attended = Appointment.objects.filter(
        applicant__in=[one.pk for one in people], status=AppointmentStatus.ATTENDED
    ).exists()
    return attended or any(import_string(path)([one.pk for one in people]) for path in settings.DRAW_KNOWN)


def next_draw(lost: DrawApplication, *, now: datetime) -> Release | None:
    """The soonest draw that takes applications now, for the procedure, in an office that the application named."""
    releases = Release.objects.to_come(now=now).filter(
        mode=Gate.DRAW,
        joins_from__lte=now,
        procedures=lost.procedure_id,
        consulates__in=lost.office_ids,
    )
    return releases.exclude(pk=lost.release_id).order_by("opens_at", "pk").distinct().first()
