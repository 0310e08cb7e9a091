"""Whose place an office may release, and whom it should call: nobody who was not reminded three times is on a list."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, F, Prefetch

from appointments.coming.answers import DECIDED_DAYS
from appointments.models import Appointment, Attendee, ComingKind, ComingNote, Reminder
from appointments.models.coming import CALLED
from appointments.notifications.reminders import ASKING_DAYS, due_at
from appointments.notifications.telling import number_of
from appointments.visits import initials
from consulates.models import Consulate, Session
from consulates.wording import clock, local_day
from mexitel.accounts.selectors import mail_came_back

# Whoever was asked three times is called from then on, and released from DECIDED_DAYS on.
CALLED_DAYS = min(ASKING_DAYS)


@dataclass(frozen=True)
class Row:
    """One unconfirmed appointment. ``is_reached``: three reminders went out on two channels that work. ``is_decided``:
    three days are left or fewer. ``calls`` is what came of the calls of the office, the latest first.
    """

    appointment: Appointment
    names: str
    day: date
    clock: str
    is_reached: bool
    is_decided: bool
    phone: str
    is_spared: bool
    calls: Sequence[ComingNote]

    @property
    def may_release(self) -> bool:
        """Asked on two channels: by mail and text message; or three times on one, and then by a person who called and
        wrote down what came of it. A wrong number reached nobody.
        """
        tried = {ComingKind.NO_ANSWER, ComingKind.NOT_COMING}
        return self.is_decided and (self.is_reached or any(call.kind in tried for call in self.calls))

    @property
    def is_ticked(self) -> bool:
        """In the batch unless somebody takes them out; minors and who needs to be called first are put in by hand."""
        return self.is_reached and not self.is_spared


@dataclass(frozen=True)
class Lists:
    """``release`` goes in batches; ``call`` one by one, after a call; whom ``silent`` names nobody can ask, so that
    their places stay theirs.
    """

    release: list[Row]
    call: list[Row]
    silent: list[Row]


def lists_of(office: Consulate, *, now: datetime) -> Lists:
    """By the time of the appointment. A constant number of queries."""
    rows = [_row(one, now=now) for one in _unconfirmed(office, now=now)]
    others = [row for row in rows if not row.is_reached]
    return Lists(
        release=[row for row in rows if row.is_reached and row.may_release],
        call=[row for row in others if row.phone],
        silent=[row for row in others if not row.phone],
    )


def releasable(office: Consulate, ids: Iterable[str], *, now: datetime) -> list[Row]:
    """Those of ``ids`` that may be released at this moment; whatever else was sent is not there."""
    wanted, lists = set(ids), lists_of(office, now=now)
    return [row for row in [*lists.release, *lists.call] if row.may_release and str(row.appointment.pk) in wanted]


def _unconfirmed(office: Consulate, *, now: datetime) -> Sequence[Appointment]:
    coming = Session.objects.filter(consulate=office, starts_at__lt=now + timedelta(days=CALLED_DAYS + 2))
    near = [one.pk for one in coming.not_over(now=now) if due_at(one, CALLED_DAYS) <= now]
    reminded = (
        Reminder.objects.filter(appointment__session__in=near, days_before__in=ASKING_DAYS)
        .filter(starts_at=F("appointment__starts_at"))
        .values("appointment")
        .annotate(times=Count("days_before"))
        .filter(times=len(ASKING_DAYS))
    )
    said = ComingNote.objects.filter(kind=ComingKind.COMING, starts_at=F("appointment__starts_at"))
    people = Prefetch("attendees", queryset=Attendee.objects.order_by("position"))
    calls = Prefetch(
        "coming_notes",
        queryset=ComingNote.objects.filter(kind__in=CALLED).select_related("by").order_by("-at"),
        to_attr="calls",
    )
    found = Appointment.staff.filter(session__in=near, status="booked", starts_at__gt=now)
    found = found.filter(pk__in=reminded.values("appointment")).exclude(pk__in=said.values("appointment"))
    found = found.select_related("account", "session", "procedure").prefetch_related(people, calls)
    return list(found.order_by("starts_at", "pk"))


def _is_decided(appointment: Appointment, *, now: datetime) -> bool:
    return due_at(appointment.session, DECIDED_DAYS) <= now


def _row(one: Appointment, *, now: datetime) -> Row:
    people, account, zone = list(one.attendees.all()), one.account, one.session.time_zone
    return Row(
        appointment=one,
        names=", ".join(initials(person.full_name) for person in people),
        day=local_day(one.starts_at, zone),
        clock=clock(one.starts_at, zone),
        is_reached=bool(account.email) and account.has_verified_phone and not mail_came_back(account, now),
        is_decided=_is_decided(one, now=now),
        phone=number_of(account) or "",
        is_spared=any(person.is_minor or person.priority for person in people),
        calls=[call for call in one.calls if call.starts_at == one.starts_at],  # type: ignore[attr-defined]
    )
