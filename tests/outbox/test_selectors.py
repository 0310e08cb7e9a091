from datetime import UTC, datetime, timedelta

from mexitel.outbox import heartbeat, selectors, services
from mexitel.outbox.models import OutboxMessage, OutgoingMessage

NOW = datetime(2026, 11, 23, 18, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_outbox_status_counts_what_is_open(db):
    done, failed, _ = [services.publish(kind="x", payload={}, now=NOW - 5 * MINUTE) for _ in range(3)]
    services.publish(kind="x", payload={}, now=NOW, due_at=NOW + MINUTE)
    OutboxMessage.objects.filter(id=done).update(done_at=NOW)
    OutboxMessage.objects.filter(id=failed).update(failed_at=NOW)

    status = selectors.outbox_status(now=NOW)

    assert (status.waiting, status.failed, status.oldest, status.late) == (1, 1, 5 * MINUTE, True)


def test_outbox_status_of_an_empty_outbox(db):
    status = selectors.outbox_status(now=NOW)

    assert (status.waiting, status.failed, status.oldest, status.late) == (0, 0, timedelta(0), False)
    assert not status.alive("worker")


def test_a_heartbeat_is_alive_for_45_seconds_and_never_goes_back(db):
    heartbeat.touch(name="worker", now=NOW)
    heartbeat.touch(name="worker", now=NOW - MINUTE)

    assert selectors.outbox_status(now=NOW + timedelta(seconds=45)).alive("worker")
    assert not selectors.outbox_status(now=NOW + timedelta(seconds=46)).alive("worker")


def mail(moment, to="ana@correo.example", kind="sign_in_code"):
    return services.send_mail(to=to, subject="s", text="t", language="es", now=moment, kind=kind)


def test_last_bounce_is_told_until_a_later_mail_arrives(db):
    key = mail(NOW)
    services.mark_bounced(message=key, now=NOW)

    assert selectors.last_bounce(channel="mail", to="Ana@Correo.example", since=NOW - MINUTE).pk == key
    assert selectors.last_bounce(channel="mail", to="otra@correo.example", since=NOW - MINUTE) is None
    OutgoingMessage.objects.filter(pk=mail(NOW + MINUTE)).update(sent_at=NOW + MINUTE)
    assert selectors.last_bounce(channel="mail", to="ana@correo.example", since=NOW - MINUTE) is None


def test_newest_messages_come_newest_first(db):
    keys = [mail(NOW + number * MINUTE) for number in range(3)]

    assert [message.pk for message in selectors.newest_messages(2)] == [keys[2], keys[1]]
