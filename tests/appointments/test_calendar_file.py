from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from appointments.calendar_file import calendar_file, content_type
from appointments.services import cancel_appointments
from appointments.visits import visits_of
from tests.appointments.booking_scene import Scene, account, appointments, office, procedure, today_at

NOW = today_at(12)
DAY = NOW.date() + timedelta(days=20)


@pytest.fixture
def scene(db):
    return Scene(account(), office(), procedure(), NOW)


def read(ids) -> Calendar:
    return Calendar.from_ical(calendar_file(visits_of(appointments(ids), now=NOW), now=NOW))


def shown(ids) -> list[tuple]:
    return [(str(e["UID"]).split("@")[0], e["SEQUENCE"], str(e["STATUS"])) for e in read(ids).events]


@pytest.mark.parametrize(
    "zone", ["America/Los_Angeles", "America/Phoenix", "America/New_York", "America/Indiana/Indianapolis"]
)
def test_event_is_the_instant_of_the_database_in_the_zone_of_the_place(scene, zone):
    ids = scene.book(scene.slot(scene.session(DAY, zone=zone), 1))
    [appointment] = appointments(ids)
    calendar = read(ids)
    [event] = calendar.events
    assert event.start == appointment.starts_at
    assert event.end == appointment.starts_at + timedelta(minutes=30)
    assert event["DTSTART"].params["TZID"] == zone
    assert event.start.astimezone(ZoneInfo(zone)).strftime("%H:%M") == "09:30"
    assert [str(z["TZID"]) for z in calendar.timezones] == [zone]


def test_party_has_one_event_for_each_appointment(scene):
    ids = scene.book(scene.slot(scene.session(DAY)), people=3)
    assert shown(ids) == [(str(pk), 0, "CONFIRMED") for pk in sorted(ids, key=str)]


def test_moved_appointment_keeps_its_uid_and_counts_up(scene):
    session = scene.session(DAY)
    ids = scene.book(scene.slot(session))
    scene.move(ids, scene.slot(session, 2))
    assert shown(ids) == [(str(ids[0]), 1, "CONFIRMED")]


def test_cancelled_appointment_is_taken_out_of_the_calendar(scene):
    ids = scene.book(scene.slot(scene.session(DAY)), people=2)
    cancel_appointments(account=scene.account, appointment_ids=ids[:1], now=NOW)
    assert str(read(ids)["METHOD"]) == "PUBLISH"
    assert shown(ids) == [(str(ids[1]), 0, "CONFIRMED")]
    assert str(read(ids[:1])["METHOD"]) == "CANCEL"
    assert shown(ids[:1]) == [(str(ids[0]), 1, "CANCELLED")]
    assert content_type(visits_of(appointments(ids[:1]), now=NOW)) == "text/calendar; method=CANCEL"


def test_file_carries_initials_and_no_name_or_contact(scene):
    ids = scene.book(scene.slot(scene.session(DAY)))
    text = calendar_file(visits_of(appointments(ids), now=NOW), now=NOW).decode().replace("\r\n ", "")
    assert "(A. M. N. R.)" in text
    assert not any(word in text for word in ["Ana", "María", "Núñez", "ana@example.org", "1980"])
    assert len(text) < 4000
