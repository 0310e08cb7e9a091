"""Who attends, as it stands, to correct what was mistyped."""

from typing import Any

from appointments.corrections.correcting import entry_of_attendee
from appointments.forms import PersonForm
from appointments.models import Appointment, Attendee
from consulates.wording import local_day

ASKED = ("given_names", "surname_1", "surname_2", "birth_date", "curp")


def correction_form(appointment: Appointment, attendee: Attendee, data: Any = None) -> PersonForm:
    """The form of a booking with the fields that can be mistyped. A guardian is asked for when a date makes them
    necessary; needs stay as they were told.
    """
    known = vars(entry_of_attendee(attendee))
    day = local_day(appointment.starts_at, appointment.session.time_zone)
    if data is not None:
        data = {"guardian_name": known["guardian_name"], **data.dict()}
    form = PersonForm(data, initial=known, procedure=appointment.procedure, session_day=day, auto_id="id_%s")
    for name in set(form.fields) - {*ASKED, "guardian_name"}:
        del form.fields[name]
    return form
