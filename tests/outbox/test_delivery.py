import smtplib
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail as django_mail
from django.core.management import call_command
from django.db import connection

from mexitel.outbox import delivery, services
from mexitel.outbox.models import OutboxMessage, OutgoingMessage

NOW = datetime(2026, 11, 23, 18, tzinfo=UTC)
calls: list[int] = []
trouble: list[Exception] = []
gate = threading.Barrier(2, timeout=5)


def handler(*, outbox_id, payload, now):
    calls.append(outbox_id)
    if trouble:
        raise trouble[0]


def meeting_handler(*, outbox_id, payload, now):
    """Waits for a second run of the same row, which must not come."""
    calls.append(outbox_id)
    try:
        gate.wait(1)
    except threading.BrokenBarrierError:
        gate.reset()


def sending_handler(*, outbox_id, payload, now):
    """What rooms above do: an event becomes a mail."""
    services.send_mail(
        to="ana@correo.example", subject="Su cita", text="x", language="es", now=now, kind="appointment.booked",
        dedupe_key=f"appointment.booked:{payload['event']}",
    )  # fmt: skip
    if trouble:
        raise trouble[0]


@pytest.fixture(autouse=True)
def own_handlers(settings):
    calls.clear()
    trouble.clear()
    settings.OUTBOX_HANDLERS = {
        **settings.OUTBOX_HANDLERS,
        "test": f"{__name__}.handler",
        "test.meeting": f"{__name__}.meeting_handler",
        "appointment.booked": f"{__name__}.sending_handler",
    }


def mail(**changes):
    return services.send_mail(
        to="ana@correo.example", subject="Su código", text="482913", language="es", now=NOW, kind="sign_in_code",
        **changes,
    )  # fmt: skip


def deliver(outbox_id, now=NOW):
    row = OutboxMessage.objects.get(id=outbox_id)
    return delivery.deliver(outbox_id=row.id, created_at=row.created_at, now=now)


def deliver_all(now=NOW):
    return [deliver(row.id, now) for row in OutboxMessage.objects.waiting().order_by("id")]


def test_deliver_twice_is_one_mail(db):
    mail(html="<p>482913</p>", attachments=[("cita.ics", b"BEGIN:VCALENDAR", "text/calendar")])
    row = OutboxMessage.objects.get()

    assert [deliver(row.id), deliver(row.id)] == ["done", "skipped"]

    [sent] = django_mail.outbox
    message = OutgoingMessage.objects.get()
    assert (sent.to, sent.subject, sent.body) == (["ana@correo.example"], "Su código", "482913")
    assert [part.mimetype for part in sent.alternatives] == ["text/html"]
    assert sent.attachments == [("cita.ics", "BEGIN:VCALENDAR", "text/calendar")]
    assert (message.sent_at, message.receipt) == (NOW, sent.extra_headers["Message-ID"])


def test_control_without_the_done_mark_a_second_run_asks_the_handler_again(db):
    key = services.publish(kind="test", payload={}, now=NOW)
    deliver(key)
    OutboxMessage.objects.filter(id=key).update(done_at=None)

    deliver(key)

    assert calls == [key, key]


def test_a_mail_that_was_sent_is_not_sent_again_even_if_its_row_was_forgotten(db):
    mail()
    deliver_all()
    OutboxMessage.objects.update(done_at=None)

    deliver_all()

    assert len(django_mail.outbox) == 1


def test_an_event_handled_again_after_a_fault_gives_one_mail(db):
    key = services.publish(kind="appointment.booked", payload={"event": 7}, now=NOW)
    trouble.append(RuntimeError("after the mail was written"))
    assert deliver(key) == "failed"
    assert OutgoingMessage.objects.count() == 0  # what the failed run wrote is gone with it
    trouble.clear()

    assert [deliver(key), deliver(key)] == ["done", "skipped"]
    deliver_all()

    assert len(django_mail.outbox) == 1


def test_an_unknown_row_is_skipped(db):
    assert delivery.deliver(outbox_id=999_999, created_at=NOW, now=NOW) == "skipped"


def test_a_fault_of_ours_is_tried_six_times_and_then_shown(db):
    key = services.publish(kind="test", payload={}, now=NOW)
    trouble.append(ValueError("ana@correo.example"))

    for _ in range(6):
        assert deliver(key) == "failed"

    row = OutboxMessage.objects.get(id=key)
    assert (row.attempts, row.failed_at, row.done_at, row.error) == (6, NOW, None, "ValueError")
    assert deliver(key) == "skipped"


def test_an_unknown_kind_is_a_failure_and_not_a_crash(db):
    key = services.publish(kind="nobody.knows", payload={}, now=NOW)

    assert deliver(key) == "failed"
    assert OutboxMessage.objects.get(id=key).error == "KeyError"


@pytest.mark.parametrize("error", [ConnectionRefusedError(), TimeoutError(), smtplib.SMTPServerDisconnected("x")])
def test_an_outage_is_waited_out_for_two_days(db, error):
    key = services.publish(kind="test", payload={}, now=NOW)
    trouble.append(error)
    for number in range(100):
        deliver(key, NOW + timedelta(minutes=number))
    row = OutboxMessage.objects.get(id=key)
    assert (row.failed_at, row.attempts, row.handed_at) == (None, 100, None)
    assert row.due_at == NOW + timedelta(minutes=99) + delivery.LONGEST_WAIT

    deliver(key, NOW + timedelta(hours=49))

    assert OutboxMessage.objects.get(id=key).failed_at == NOW + timedelta(hours=49)


def test_after_an_outage_the_next_try_comes_within_a_minute():
    waits = [delivery.wait_after(attempts).total_seconds() for attempts in range(1, 40)]

    assert waits[:5] == [2, 4, 8, 16, 32]
    assert max(waits) == 45


def test_retry_failed_puts_it_back_in_line(db):
    key = services.publish(kind="test", payload={}, now=NOW)
    trouble.append(ValueError())
    for _ in range(6):
        deliver(key)
    trouble.clear()

    assert delivery.retry_failed(now=NOW) == 1
    assert deliver(key) == "done"


def test_a_code_that_comes_too_late_is_not_sent(db):
    key = mail(expires_at=NOW + timedelta(minutes=10))

    deliver_all(NOW + timedelta(minutes=10))

    message = OutgoingMessage.objects.get(pk=key)
    assert (message.sent_at, message.given_up_reason) == (None, "expired")
    assert django_mail.outbox == []


def test_a_mailbox_that_does_not_exist_is_a_bounce_and_not_tried_again(db, monkeypatch):
    def refuse(self):
        raise smtplib.SMTPRecipientsRefused({"ana@correo.example": (550, b"no such user")})

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", refuse)
    key = mail()

    assert deliver_all() == ["done"]

    message = OutgoingMessage.objects.get(pk=key)
    assert (message.bounced_at, message.given_up_reason, message.sent_at) == (NOW, "refused", None)


def test_a_mailbox_that_is_busy_is_tried_again(db, monkeypatch):
    def defer(self):
        raise smtplib.SMTPRecipientsRefused({"ana@correo.example": (450, b"greylisted")})

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", defer)
    mail()

    assert deliver_all() == ["failed"]
    assert OutboxMessage.objects.get().failed_at is None


def in_threads(outbox_id, count=2):
    row = OutboxMessage.objects.get(id=outbox_id)
    results = []

    def run():
        results.append(delivery.deliver(outbox_id=row.id, created_at=row.created_at, now=NOW))
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    return sorted(results)


@pytest.mark.races
def test_two_workers_with_one_row_run_it_once(live_db):
    key = services.publish(kind="test.meeting", payload={}, now=NOW)

    assert in_threads(key) == ["done", "skipped"]
    assert calls == [key]


@pytest.mark.races
def test_control_without_the_lock_both_run_it(live_db, monkeypatch):
    key = services.publish(kind="test.meeting", payload={}, now=NOW)
    monkeypatch.setattr(
        delivery, "_lock", lambda key, created_at, *, wait: delivery._row(key, created_at).waiting().first()
    )

    in_threads(key)

    assert calls == [key, key]


def test_outbox_retry_says_how_many_it_put_back(db, capsys):
    key = services.publish(kind="test", payload={}, now=NOW)
    OutboxMessage.objects.filter(id=key).update(failed_at=NOW)

    call_command("outbox_retry")

    assert capsys.readouterr().out == "1 put back in line\n"
    assert OutboxMessage.objects.waiting().get().id == key
