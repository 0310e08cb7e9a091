import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from mexitel.outbox import limits, services, sms
from mexitel.outbox.models import OutboxMessage, OutgoingMessage

NOW = datetime(2026, 11, 23, 18, tzinfo=UTC)


class Undo(Exception):
    pass


def mail(**changes):
    words = {
        "to": "Ana@Correo.example",
        "subject": "Su código",
        "text": "482913",
        "language": "es",
        "now": NOW,
        "kind": "sign_in_code",
    }
    return services.send_mail(**{**words, **changes})


def test_publish_writes_one_row_in_the_callers_transaction(db):
    key = services.publish(kind="appointment.booked", payload={"event": 7}, now=NOW)

    row = OutboxMessage.objects.get(id=key)
    assert (row.kind, row.payload, row.created_at, row.due_at) == ("appointment.booked", {"event": 7}, NOW, NOW)
    assert (row.handed_at, row.done_at, row.failed_at, row.attempts) == (None, None, None, 0)


def test_publish_with_a_rolled_back_transaction_leaves_nothing(db):
    def book_and_fail():
        with transaction.atomic():
            services.publish(kind="appointment.booked", payload={"event": 7}, now=NOW)
            mail()
            raise Undo

    with pytest.raises(Undo):
        book_and_fail()

    assert (OutboxMessage.objects.count(), OutgoingMessage.objects.count()) == (0, 0)


def test_publish_keeps_the_moment_at_which_it_is_due(db):
    later = NOW + timedelta(days=3)

    key = services.publish(kind="reminder.due", payload={}, now=NOW, due_at=later)

    assert list(OutboxMessage.objects.due(NOW)) == []
    assert OutboxMessage.objects.due(later).get().id == key


def test_the_claim_functions_insert_needs_four_columns_only(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO outbox_message (created_at, due_at, kind, payload) VALUES (%s, %s, 'x', '{}')", [NOW, NOW]
        )

    assert OutboxMessage.objects.get().attempts == 0


def test_send_mail_stores_no_readable_personal_data(db):
    mail(attachments=[("cita.ics", b"BEGIN:VCALENDAR", "text/calendar")])

    with connection.cursor() as cursor:
        cursor.execute("SELECT o.*::text, m.*::text FROM outbox_outgoing_message o, outbox_message m")
        stored = " ".join(map(str, cursor.fetchone())).lower()
    assert [word for word in ("ana", "correo.example", "482913", "vcalendar") if word in stored] == []
    assert OutgoingMessage.objects.get().recipient == "Ana@Correo.example"


def test_send_mail_hands_on_only_ids(db):
    key = mail()

    row = OutboxMessage.objects.get()
    assert (row.kind, row.payload) == ("mail", {"message": key, "about": "sign_in_code"})


def test_send_mail_with_the_same_dedupe_key_is_one_message(db):
    first = mail(dedupe_key="appointment.booked:7")
    second = mail(dedupe_key="appointment.booked:7")

    assert first == second
    assert (OutgoingMessage.objects.count(), OutboxMessage.objects.count()) == (1, 1)


def test_one_event_gives_one_message_on_each_channel(db):
    mail(dedupe_key="appointment.booked:7")
    services.send_sms(to="+12135551234", text="ok", now=NOW, kind="x", dedupe_key="appointment.booked:7")

    assert sorted(OutgoingMessage.objects.values_list("channel", flat=True)) == ["mail", "sms"]


def test_a_subject_is_one_line(db):
    key = mail(subject="Su cita\r\nBcc: otro@correo.example")

    body = json.loads(OutgoingMessage.objects.get(pk=key).body)
    assert body["subject"] == "Su cita Bcc: otro@correo.example"


def text(to="+12135551234", now=NOW, **changes):
    return services.send_sms(to=to, text="482913", now=now, kind="sign_in_code", **changes)


def test_send_sms_refuses_more_than_one_part_and_leaves_nothing(db):
    with pytest.raises(sms.SmsTooLong):
        services.send_sms(to="+12135551234", text="ñ" * 161, now=NOW, kind="x")

    assert OutgoingMessage.objects.count() == 0


def test_a_number_gets_its_share_in_any_24_hours(db, settings):
    settings.SMS_LIMITS = {"number": 2, "prefix": 100, "day": 100}
    text()
    text(now=NOW + timedelta(hours=23))

    with pytest.raises(limits.SmsLimited) as refusal:
        text(now=NOW + timedelta(hours=23, minutes=59))

    assert refusal.value.code == "sms_number_limit"
    text(to="+12135550000", now=NOW + timedelta(hours=23))
    text(now=NOW + timedelta(hours=24, seconds=1))


@pytest.mark.parametrize(
    ("shares", "other", "code"),
    [
        ({"number": 9, "prefix": 1, "day": 9}, "+12135550000", "sms_prefix_limit"),
        ({"number": 9, "prefix": 9, "day": 1}, "+525512345678", "sms_day_limit"),
    ],
)
def test_a_prefix_and_a_day_have_their_shares(db, settings, shares, other, code):
    settings.SMS_LIMITS = shares
    text()

    with pytest.raises(limits.SmsLimited) as refusal:
        text(to=other)

    assert refusal.value.code == code


def test_a_repeated_event_takes_no_second_share(db, settings):
    settings.SMS_LIMITS = {"number": 1, "prefix": 9, "day": 9}

    assert text(dedupe_key="e:1") == text(dedupe_key="e:1")
