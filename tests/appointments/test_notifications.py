import base64
import json
import logging
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar

from appointments.notifications import handlers, telling
from appointments.services import cancel_appointments
from mexitel.outbox.limits import SmsLimited
from mexitel.outbox.mail import build
from mexitel.outbox.models import OutboxMessage, OutgoingMessage
from tests.appointments.booking_scene import Scene, account, office, outbox, procedure, today_at

NOW = today_at(12)
DAY = NOW.date() + timedelta(days=20)
PHONE = "+12135550100"
PERSONAL = ["Ana", "María", "Núñez", "Ruiz", "Pérez", "example.org", PHONE, "1980"]


@pytest.fixture
def scene(db):
    return Scene(account(phone=PHONE), office(), procedure(), NOW)


def deliver(event: str, *, now=NOW, number: int = -1) -> None:
    handler = getattr(handlers, event)
    handler(outbox_id=1, payload=outbox(f"appointment.{event}")[number], now=now)


def sent(channel: str) -> list[tuple[str, str]]:
    return [(m.kind, m.recipient) for m in OutgoingMessage.objects.filter(channel=channel).order_by("pk")]


def last_mail() -> dict:
    return json.loads(OutgoingMessage.objects.filter(channel="mail").latest("pk").body)


def calendar_of(mail: dict) -> tuple[str, Calendar]:
    [part] = mail["attachments"]
    return part["type"], Calendar.from_ical(base64.b64decode(part["base64"]))


def test_booking_is_one_mail_and_one_text_message_for_the_whole_party(scene):
    scene.book(scene.slot(scene.session(DAY)), people=3)
    deliver("booked")
    assert sent("mail") == [("appointment.booked", "ana@example.org")]
    assert sent("sms") == [("appointment.booked", PHONE)]
    kind, calendar = calendar_of(last_mail())
    assert (kind, len(calendar.events)) == ("text/calendar; method=PUBLISH", 3)


@pytest.mark.parametrize("event", ["booked", "moved", "cancelled"])
def test_event_that_is_delivered_twice_is_told_once(scene, event):
    session = scene.session(DAY)
    ids = scene.book(scene.slot(session))
    if event == "moved":
        scene.move(ids, scene.slot(session, 1))
    if event == "cancelled":
        cancel_appointments(account=scene.account, appointment_ids=ids, now=NOW)
    for minutes in range(3):
        deliver(event, now=NOW + timedelta(minutes=minutes))
    assert sent("mail") == [(f"appointment.{event}", "ana@example.org")]
    assert sent("sms") == [(f"appointment.{event}", PHONE)]


def test_control_without_the_key_it_would_be_told_twice(scene, monkeypatch):
    scene.book(scene.slot(scene.session(DAY)))
    real = telling.send_mail
    monkeypatch.setattr(telling, "send_mail", lambda **facts: real(**facts | {"dedupe_key": None}))
    deliver("booked")
    deliver("booked")
    assert len(sent("mail")) == 2


def test_calendar_is_attached_as_mail_programs_want_it(scene):
    scene.book(scene.slot(scene.session(DAY)))
    deliver("booked")
    mail = build(OutgoingMessage.objects.get(channel="mail")).message()
    types = [part.get_content_type() for part in mail.walk() if not part.is_multipart()]
    assert types == ["text/plain", "text/html", "text/calendar"]
    part = list(mail.walk())[-1]
    assert (part.get_param("method"), part.get_filename()) == ("PUBLISH", "cita.ics")
    assert len(mail.as_bytes()) < 30_000


def test_two_moves_are_two_messages(scene):
    session = scene.session(DAY)
    ids = scene.book(scene.slot(session))
    for number in (1, 2):
        scene.move(ids, scene.slot(session, number), now=NOW + timedelta(minutes=number))
        deliver("moved")
    assert [kind for kind, _ in sent("mail")] == ["appointment.moved"] * 2
    _, calendar = calendar_of(last_mail())
    assert calendar.events[0]["SEQUENCE"] == 2


def test_move_says_the_earlier_time_and_the_new_one(scene):
    session = scene.session(DAY)
    ids = scene.book(scene.slot(session))
    scene.move(ids, scene.slot(session, 3))
    deliver("moved")
    old, new = last_mail()["text"].split("Ahora es:")
    assert ("9:00 a.m." in old, "10:30 a.m." in new, "9:00 a.m." in new) == (True, True, False)


def test_cancellation_names_only_what_this_event_cancelled(scene):
    ids = scene.book(scene.slot(scene.session(DAY)), people=2)
    cancel_appointments(account=scene.account, appointment_ids=ids[:1], now=NOW)
    cancel_appointments(account=scene.account, appointment_ids=ids, now=NOW + timedelta(minutes=1))
    deliver("cancelled")
    text = last_mail()["text"]
    assert ("Luis Pérez" in text, "Ana María" in text) == (True, False)
    kind, calendar = calendar_of(last_mail())
    assert (kind, str(calendar["METHOD"])) == ("text/calendar; method=CANCEL", "CANCEL")


def test_booking_cancelled_before_its_mail_is_not_confirmed(scene):
    ids = scene.book(scene.slot(scene.session(DAY)), people=2)
    cancel_appointments(account=scene.account, appointment_ids=ids[:1], now=NOW)
    deliver("booked")
    assert "Ana María" not in last_mail()["text"]
    cancel_appointments(account=scene.account, appointment_ids=ids[1:], now=NOW)
    OutgoingMessage.objects.all().delete()
    deliver("booked")
    assert sent("mail") == []


@pytest.mark.parametrize("event", ["booked", "cancelled"])
def test_nothing_is_said_after_the_appointment(scene, event):
    slot = scene.slot(scene.session(DAY))
    ids = scene.book(slot)
    if event == "cancelled":
        cancel_appointments(account=scene.account, appointment_ids=ids, now=NOW)
    deliver(event, now=slot.starts_at)
    assert sent("mail") + sent("sms") == []


def test_account_speaks_its_own_language(db):
    scene = Scene(account(language="en"), office(), procedure(), NOW)
    scene.book(scene.slot(scene.session(DAY)))
    deliver("booked")
    mail = last_mail()
    assert mail["subject"].startswith("Appointment confirmed: Passport renewal (adult), ")
    assert 'lang="en"' in mail["html"]


def test_account_without_a_mailbox_gets_the_text_message(db):
    scene = Scene(account(None, phone=PHONE), office(), procedure(), NOW)
    scene.book(scene.slot(scene.session(DAY)))
    deliver("booked")
    assert (sent("mail"), sent("sms")) == ([], [("appointment.booked", PHONE)])


def test_account_without_a_phone_gets_the_mail(db):
    scene = Scene(account(), office(), procedure(), NOW)
    scene.book(scene.slot(scene.session(DAY)))
    deliver("booked")
    assert (sent("mail"), sent("sms")) == ([("appointment.booked", "ana@example.org")], [])


def test_number_that_had_its_share_of_texts_still_gets_the_mail(scene, settings, caplog):
    settings.SMS_LIMITS = {"number": 0, "prefix": 10, "day": 10}
    scene.book(scene.slot(scene.session(DAY)))
    with caplog.at_level(logging.WARNING):
        deliver("booked")
    assert (len(sent("mail")), sent("sms")) == (1, [])
    assert not any(word in caplog.text for word in PERSONAL)


def test_number_without_a_mailbox_is_tried_again(db, settings):
    settings.SMS_LIMITS = {"number": 0, "prefix": 10, "day": 10}
    scene = Scene(account(None, phone=PHONE), office(), procedure(), NOW)
    scene.book(scene.slot(scene.session(DAY)))
    with pytest.raises(SmsLimited):
        deliver("booked")


def test_no_personal_data_in_payloads_keys_and_subjects(scene):
    session = scene.session(DAY)
    ids = scene.book(scene.slot(session), people=2)
    deliver("booked")
    scene.move(ids, scene.slot(session, 1))
    deliver("moved")
    subjects = [json.loads(m.body)["subject"] for m in OutgoingMessage.objects.filter(channel="mail")]
    cancel_appointments(account=scene.account, appointment_ids=ids, now=NOW)
    deliver("cancelled")
    open_text = [
        *(json.dumps(payload) for payload in OutboxMessage.objects.values_list("payload", flat=True)),
        *OutgoingMessage.objects.values_list("dedupe_key", flat=True),
        *subjects,
    ]
    assert len(open_text) > 10
    assert not [text for text in open_text for word in PERSONAL if word in text]


def test_message_near_its_appointment_is_not_sent_after_it(scene):
    slot = scene.slot(scene.session(DAY))
    scene.book(slot)
    now = slot.starts_at - timedelta(hours=30)
    deliver("booked", now=now)
    assert set(OutgoingMessage.objects.values_list("expires_at", flat=True)) == {slot.starts_at}


def test_unknown_ids_are_nobodys_message(db):
    unknown = "01a20a41-9de3-79f2-b1aa-da5a383d1062"
    payload = {"party": unknown, "appointments": [unknown]}
    for handler in (handlers.booked, handlers.moved, handlers.cancelled):
        handler(outbox_id=1, payload=payload, now=NOW)
    assert sent("mail") == []


def test_queries_do_not_grow_with_the_party(scene):
    session = scene.session(DAY)
    counts = []
    for people in (1, 3):
        scene.book(scene.slot(session, people), people=people, first=people - 1)
        with CaptureQueriesContext(connection) as queries:
            deliver("booked")
        counts.append(len(queries))
    assert counts[0] == counts[1]
