import email
from datetime import UTC, datetime
from email import policy

from mexitel.outbox import services
from mexitel.outbox.mail import build, message_id
from mexitel.outbox.models import OutgoingMessage

NOW = datetime(2026, 11, 23, 18, tzinfo=UTC)


def keep(**changes):
    words = {
        "to": "ana@correo.example",
        "subject": "Su cita en Los Ángeles",
        "text": "La cita es gratuita.",
        "html": "<p>La cita es gratuita.</p>",
        "language": "es",
        "now": NOW,
        "kind": "appointment.booked",
        "attachments": [("cita.ics", "BEGIN:VCALENDAR\r\nSUMMARY:Cita ñ\r\n".encode(), "text/calendar")],
    }
    return OutgoingMessage.objects.get(pk=services.send_mail(**{**words, **changes}))


def test_every_try_of_a_mail_carries_the_same_id_and_another_mail_another(db):
    message = keep()

    assert build(message).message()["Message-ID"] == build(message).message()["Message-ID"] == message_id(message)
    assert message_id(keep()) != message_id(message)


def test_file_backend_keeps_each_mail_once_as_a_mail_program_reads_it(db, settings, tmp_path):
    settings.EMAIL_BACKEND = "mexitel.outbox.mail.FileBackend"
    settings.MESSAGES_DIR = tmp_path / "messages"

    first, second = keep(), keep(subject="Segundo")
    for message in (first, second, first):
        build(message).send()

    files = [settings.MESSAGES_DIR / f"{message_id(message)[1:-1]}.eml" for message in (first, second)]
    assert set(settings.MESSAGES_DIR.iterdir()) == set(files)
    mails = [email.message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]
    assert [mail["Subject"] for mail in mails] == ["Su cita en Los Ángeles", "Segundo"]
    first = mails[0]
    assert (first["Auto-Submitted"], first["Content-Language"]) == ("auto-generated", "es")
    assert first.get_body(("plain",)).get_content().strip() == "La cita es gratuita."
    assert first.get_body(("html",)).get_content().strip() == "<p>La cita es gratuita.</p>"
    [calendar] = first.iter_attachments()
    assert (calendar.get_filename(), calendar.get_content_type()) == ("cita.ics", "text/calendar")
    assert "SUMMARY:Cita ñ" in calendar.get_content()
