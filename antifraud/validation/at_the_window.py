"""The day itself: whose ID the desk looks at, that it was shown, and what follows when another person came.

The desk reads "validate identity at the window" and nothing else: no case, no score. Registered with the day's room
(appointments/day/marks.py) from the app's ``ready``.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from antifraud.models import Case, CaseAppointment, IdentityRequest, RequestState, Standing, Verdict
from antifraud.models.validation import WAITING
from antifraud.services.sightings import note
from antifraud.validation.returning import (
    URGENT,
    back_to_a_person,
    back_when_answered,
    set_standing,
    tell,
)
from appointments.day.marks import Mark, act_of_mark, marks_people
from appointments.models import Appointment
from appointments.models.attendance import UNDO_LENGTH, AttendanceState
from appointments.services.day import NotToday, StepRefused
from consulates.wording import local_day
from mexitel.accounts.models import User
from mexitel.audit.services import record

TO_LOOK_AT = (Standing.ASKED, Standing.WINDOW)
# Outcomes of longer ago were told before; a worker that was down for a weekend still tells.
LOOKS_BACK = timedelta(days=4)
MARK = Mark(_("Validate identity at the window"), "identity_shown", _("Identity shown"))


def to_look_at(appointment_ids: Collection[UUID]):
    """Those whose person shows ID, unless the case found nothing wrong."""
    cleared = Q(case__verdict__in=[Verdict.LEGITIMATE, Verdict.VALIDATED])
    found = CaseAppointment.objects.filter(appointment__in=appointment_ids, standing__in=TO_LOOK_AT)
    return found.exclude(cleared)


@marks_people
def marks(appointment_ids: Collection[UUID]) -> dict[UUID, Mark]:
    return dict.fromkeys(to_look_at(appointment_ids).values_list("appointment_id", flat=True), MARK)


@act_of_mark(MARK.act)
@transaction.atomic
def identity_shown(*, appointment_id: UUID, by: User, now: datetime) -> None:
    """The clerk saw the ID of the person for whom the appointment is, on its day. Raises NotToday or StepRefused."""
    appointment = Appointment.objects.select_related("session").get(pk=appointment_id)
    if local_day(now, appointment.session.time_zone) != appointment.session.date:
        raise NotToday
    cases = _cases_of(appointment_id)
    if not cases:
        raise StepRefused
    for case in cases:
        _answer(case, appointment_id, RequestState.SHOWN, by=by, now=now)
        set_standing(case, appointment_id, Standing.VALIDATED)
        tell(case, "identity_shown", now=now, actor=by, appointment=str(appointment_id))
        back_when_answered(case, now=now)
    record(
        actor=by, action="validation.shown", target=appointment, now=now, office_id=appointment.consulate_id
    )  # fmt: skip


def tell_of_other_people(*, now: datetime) -> int:
    """Once the clerk can no longer take it back: the engine hears that another person came, and a reviewer reads it.

    Returns how many. May run twice: an appointment that was told of is "suspected" again, and is asked for no more.
    """
    came = CaseAppointment.objects.filter(
        standing__in=TO_LOOK_AT,
        appointment__attendances__state=AttendanceState.OTHER,
        appointment__attendances__changed_at__range=(now - LOOKS_BACK, now - UNDO_LENGTH),
    )
    return sum(_other_came(pk, now=now) for pk in sorted(set(came.values_list("appointment_id", flat=True))))


@transaction.atomic
def _other_came(appointment_id: UUID, *, now: datetime) -> bool:
    cases = _cases_of(appointment_id)
    for case in cases:
        _answer(case, appointment_id, RequestState.OTHER, by=None, now=now)
        set_standing(case, appointment_id, Standing.FLAGGED)
        tell(case, "other_person", now=now, appointment=str(appointment_id), urgent=True)
        back_to_a_person(case, now=now, within=URGENT)
    if cases:
        account = Appointment.objects.values_list("account_id", flat=True).get(pk=appointment_id)
        note("other_person", now=now, account_id=account, appointment_id=appointment_id)
    return bool(cases)


def _cases_of(appointment_id: UUID) -> list[Case]:
    """Locked, and read again under the lock."""
    ids = to_look_at([appointment_id]).values("case_id")
    locked = list(Case.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))
    still = set(to_look_at([appointment_id]).values_list("case_id", flat=True))
    return [case for case in locked if case.pk in still]


def _answer(case: Case, appointment_id: UUID, state: RequestState, *, by: User | None, now: datetime) -> None:
    waiting = IdentityRequest.objects.filter(case=case, appointment=appointment_id, state__in=WAITING)
    waiting.update(
        state=state, answered_at=now, answered_to=by, identified=state == RequestState.SHOWN,
        taken_by=None, taken_until=None,
    )  # fmt: skip
