"""The day: desk clerks and managers, in their own office."""

from consulates.models import Session
from tests.factories.day import a_day
from tests.staff.matrix import CLERKS, Open, Staff, in_office


def in_session(world):
    session = Session.objects.filter(consulate=world.office).first() or a_day(office=world.office).session
    return {"code": world.office.code, "session_id": session.pk}


def on_a_day(world):
    return in_office(world) | {"day": "2026-12-01"}


def of_somebody(world):
    return in_office(world) | {"appointment_id": a_day(office=world.office).one().pk}


ROWS = {
    "staff_roster": Staff(get=CLERKS, kwargs=in_office),
    "staff_roster_day": Staff(get=CLERKS, kwargs=on_a_day),
    "staff_roster_print": Staff(get=CLERKS, kwargs=in_session),
    "staff_roster_csv": Staff(get=CLERKS, kwargs=in_session),
    "staff_roster_xlsx": Staff(get=CLERKS, kwargs=in_session),
    "staff_find": Staff(get=CLERKS, kwargs=in_office),
    "staff_offline": Staff(get=CLERKS, kwargs=in_office),
    "staff_visit": Staff(get=CLERKS, post=CLERKS, kwargs=of_somebody),
    "staff_window": Staff(post=CLERKS, kwargs=in_office),
    "staff_next": Staff(get=CLERKS, post=CLERKS, kwargs=in_session),
    "staff_walk_in": Staff(get=CLERKS, post=CLERKS, kwargs=in_session),
    "staff_day_summary": Staff(get=CLERKS, kwargs=in_session),
    "staff_day_close": Staff(get=CLERKS, post=CLERKS, kwargs=in_session),
    "staff_wall": Staff(get=CLERKS, kwargs=in_office),
    "wall": Open(),
}
