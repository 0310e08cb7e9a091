"""Appointments as an iCalendar file (RFC 5545, 5546): one event each, the same UID for life."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from email.utils import parseaddr

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event, vCalAddress

from appointments import links
from appointments.visits import Visit, Visitor
from consulates.calendars import zone

NAME = "cita.ics"
ALARM_BEFORE = timedelta(hours=3)


def calendar_file(visits: Sequence[Visit], *, now: datetime) -> bytes:
    """METHOD:CANCEL when every appointment is cancelled, else METHOD:PUBLISH of those that are not.

    The file travels into calendars that others see, so it carries initials and never a name.
    """
    pairs = [(visit, visitor) for visit in visits for visitor in visit.visitors]
    standing = [(visit, visitor) for visit, visitor in pairs if not visitor.is_cancelled]
    calendar = Calendar()
    calendar.add("prodid", "-//Mexitel//citas//ES")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH" if standing else "CANCEL")
    for visit, visitor in standing or pairs:
        calendar.add_component(_event(visit, visitor, now))
    days = [visitor.appointment.starts_at.date() for _visit, visitor in standing or pairs]
    # Two years of clock changes are enough; all of them would be three quarters of the file.
    calendar.add_missing_timezones(min(days).replace(month=1, day=1), max(days).replace(year=max(days).year + 2, day=1))
    return calendar.to_ical()


def content_type(visits: Sequence[Visit]) -> str:
    """The MIME type with its method, as mail programs want it."""
    cancelled = all(visitor.is_cancelled for visit in visits for visitor in visit.visitors)
    return f"text/calendar; method={'CANCEL' if cancelled else 'PUBLISH'}"


def _event(visit: Visit, visitor: Visitor, now: datetime) -> Event:
    appointment = visitor.appointment
    here = zone(appointment.session.time_zone)
    event = Event()
    event.add("uid", f"{appointment.pk}@{_domain()}")
    # A cancellation counts one more, so that no calendar takes it for old news.
    event.add("sequence", appointment.times_moved + visitor.is_cancelled)
    event.add("dtstamp", now)
    event.add("dtstart", appointment.starts_at.astimezone(here))
    event.add("dtend", visitor.ends_at.astimezone(here))
    event.add("status", _status(visitor))
    event.add("summary", _("%(procedure)s (%(who)s)") % {"procedure": visit.procedure, "who": visitor.initials})
    event.add("location", str(visit.place))
    event.add("description", _description(visit, visitor))
    event.add("url", links.receipt_url(visit.party_id))
    organizer = vCalAddress(f"mailto:{_sender()}")
    organizer.params["cn"] = "Mexitel"
    event.add("organizer", organizer)
    if not visitor.is_cancelled:
        event.add_component(_alarm(visit))
    return event


def _status(visitor: Visitor) -> str:
    if visitor.is_cancelled:
        return "CANCELLED"
    return "TENTATIVE" if visitor.needs_new_time else "CONFIRMED"


def _description(visit: Visit, visitor: Visitor) -> str:
    if visitor.is_cancelled:
        return _("This appointment was cancelled.")
    lines = [
        _("Reference: %(reference)s") % {"reference": visitor.reference},
        _("Arrive 15 minutes early."),
        *([] if visit.place.is_certain else [_("Confirm the address with your consulate.")]),
        _("What to bring") + ":",
        *(f"- {sentence}" for sentence in [*visit.bring, *visit.companions]),
        _("The appointment is free."),
        _("Do not give your data to gestores, and do not pay anyone for an appointment."),
    ]
    return "\n".join(lines)


def _alarm(visit: Visit) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", -ALARM_BEFORE)
    alarm.add("description", visit.procedure)
    return alarm


def _sender() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


def _domain() -> str:
    return _sender().rpartition("@")[2] or "localhost"
