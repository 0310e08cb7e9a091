from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from appointments.models import Reminder
from appointments.notifications import handlers, reminders
from appointments.services import cancel_appointments
from consulates.calendars import to_utc
from consulates.models import Session
from mexitel.outbox.models import OutgoingMessage
from mexitel.utils import retention
from tests.appointments.booking_scene import Scene, account, office, outbox, procedure, today_at

NOW = today_at(12)


def days_before(session: Session, days: int, hour: int, minute: int = 0) -> datetime:
    """A wall time at the place of the session, in UTC."""
    return to_utc(session.date - timedelta(days=days), time(hour, minute), session.time_zone)


@pytest.fixture
def scene(db):
    return Scene(account(), office(), procedure(), NOW)


@pytest.fixture
def session(scene):
    return scene.session(NOW.date() + timedelta(days=20))


def run(now: datetime) -> list[dict]:
    """One run of the task at ``now``: what it newly put in the outbox."""
    before = len(outbox("reminder"))
    reminders.put_due_in_outbox(now=now)
    return outbox("reminder")[before:]


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "America/New_York", "America/Phoenix"])
def test_reminder_is_due_at_ten_in_the_morning_of_the_place(zone):
    session = Session(date=date(2027, 3, 16), time_zone=zone)  # the clocks change on the 14th, between the two
    local = reminders.due_at(session, 5).astimezone(ZoneInfo(zone))
    assert (local.date(), local.time()) == (date(2027, 3, 11), time(10))


def test_reminders_come_ten_seven_five_and_two_days_before_and_once(scene, session):
    [appointment] = scene.book(scene.slot(session))
    said = [
        [payload["days"] for payload in run(moment)]
        for moment in [
            NOW,
            days_before(session, 10, 9, 59),
            days_before(session, 10, 10),
            days_before(session, 7, 10),
            days_before(session, 5, 9, 59),
            days_before(session, 5, 10),
            days_before(session, 5, 10),
            days_before(session, 4, 10),
            days_before(session, 2, 9, 59),
            days_before(session, 2, 10),
            days_before(session, 1, 10),
            days_before(session, 0, 10),
            session.ends_at + timedelta(days=1),
        ]
    ]
    assert said == [[], [], [10], [7], [], [5], [], [], [], [2], [], [], []]
    assert outbox("reminder")[2] == {"days": 5, "appointments": [str(appointment)]}


def test_party_gets_one_reminder(scene, session):
    ids = scene.book(scene.slot(session), people=3)
    [payload] = run(days_before(session, 5, 11))
    assert sorted(payload["appointments"]) == sorted(map(str, ids))


def test_late_run_sends_what_is_due_now_and_nothing_past(scene, session):
    scene.book(scene.slot(session))
    assert [payload["days"] for payload in run(days_before(session, 1, 8))] == [2]


def test_cancelled_appointment_is_not_reminded(scene, session):
    first, second = scene.book(scene.slot(session), people=2)
    cancel_appointments(account=scene.account, appointment_ids=[first], now=NOW)
    [payload] = run(days_before(session, 5, 11))
    assert payload["appointments"] == [str(second)]


def test_who_booked_after_the_moment_is_not_reminded_of_it(scene, session):
    late = days_before(session, 5, 10, 30)
    scene.book(scene.slot(session), now=late)
    assert run(late + timedelta(hours=1)) == []
    assert [payload["days"] for payload in run(days_before(session, 2, 10))] == [2]


def test_moved_appointment_gets_the_reminders_of_its_new_date(scene, session):
    ids = scene.book(scene.slot(session))
    assert len(run(days_before(session, 5, 10))) == 1
    later = scene.session(session.date + timedelta(days=8))
    scene.move(ids, scene.slot(later), now=days_before(session, 4, 12))
    said = [
        [payload["days"] for payload in run(moment)]
        for moment in [days_before(session, 2, 10), days_before(later, 5, 10), days_before(later, 2, 10)]
    ]
    assert said == [[10], [5], [2]]


def test_who_moved_after_the_moment_has_just_been_told(scene, session):
    ids = scene.book(scene.slot(session))
    moment = days_before(session, 5, 12)
    scene.move(ids, scene.slot(session, 2), now=moment)
    assert run(moment + timedelta(minutes=5)) == []


def test_nothing_is_said_once_the_appointment_has_begun(scene, session):
    early, late = scene.book(scene.slot(session)), scene.book(scene.slot(session, 3), first=1)
    [payload] = run(scene.slot(session).starts_at + timedelta(minutes=1))
    assert payload["appointments"] == [str(late[0])] != [str(early[0])]


def test_reminder_that_waited_in_the_outbox_says_nothing_after_the_event(scene, session):
    scene.book(scene.slot(session))
    [payload] = run(days_before(session, 2, 10))
    handlers.reminder(outbox_id=1, payload=payload, now=session.ends_at)
    assert not OutgoingMessage.objects.filter(kind="reminder").exists()


def test_reminder_that_waited_says_nothing_of_a_time_that_was_moved(scene, session):
    ids = scene.book(scene.slot(session))
    now = days_before(session, 5, 10)
    [payload] = run(now)
    scene.move(ids, scene.slot(session, 2), now=now)
    handlers.reminder(outbox_id=1, payload=payload, now=now)
    assert not OutgoingMessage.objects.filter(kind="reminder").exists()


def test_reminder_is_one_mail_however_often_it_is_delivered(scene, session):
    scene.book(scene.slot(session), people=2)
    now = days_before(session, 5, 10)
    [payload] = run(now)
    handlers.reminder(outbox_id=1, payload=payload, now=now)
    handlers.reminder(outbox_id=1, payload=payload, now=now + timedelta(minutes=3))
    [message] = OutgoingMessage.objects.filter(kind="reminder.coming")
    assert message.recipient == "ana@example.org"


def test_control_without_its_row_the_reminder_would_come_again(scene, session):
    scene.book(scene.slot(session))
    now = days_before(session, 5, 10)
    assert len(run(now)) == 1
    Reminder.objects.all().delete()
    assert len(run(now)) == 1


def test_rows_of_the_past_are_forgotten(scene, session, monkeypatch):
    # Other tables' rules look at the server's own clock.
    monkeypatch.setattr(retention, "RULES", [rule for rule in retention.RULES if rule.table == "appointments_reminder"])
    scene.book(scene.slot(session))
    run(days_before(session, 5, 10))
    start = scene.slot(session).starts_at
    left = []
    for now in (start + timedelta(days=30), start + timedelta(days=30, seconds=1)):
        retention.apply(now=now)
        left.append(Reminder.objects.count())
    assert left == [1, 0]


def test_statements_do_not_grow_with_the_appointments(scene, session, django_assert_num_queries):
    for number in range(3):
        scene.book(scene.slot(session, number), first=number)
    with django_assert_num_queries(2):
        reminders.put_due_in_outbox(now=days_before(session, 5, 10))


def test_payload_is_ids_only(scene, session):
    scene.book(scene.slot(session))
    [payload] = run(days_before(session, 5, 10))
    assert set(payload) == {"days", "appointments"}
