from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from mexitel.outbox import services
from mexitel.outbox.models import OutgoingMessage

NOW = datetime(2026, 11, 23, 18, tzinfo=UTC)


@pytest.fixture
def local():
    """The person at this machine."""
    return Client(headers={"host": "localhost"})


@pytest.fixture
def mail(db):
    return services.send_mail(
        to="ana@correo.example",
        subject="Su cita <b>",
        text="Vea http://localhost:8000/cita/abc/\n<script>alert(1)</script>",
        html="<p style='color:red'>Su cita</p><script>alert(1)</script>",
        language="es",
        now=NOW,
        kind="appointment.booked",
        attachments=[('cita ñ".ics', b"BEGIN:VCALENDAR", "text/calendar")],
    )


def paths(mail):
    return [
        reverse("messages"),
        reverse("message_html", args=[mail]),
        reverse("message_attachment", args=[mail, 0]),
    ]


def test_messages_shows_mails_and_texts_newest_first(local, mail):
    services.send_sms(to="+12135551234", text="482913 es su codigo", now=datetime.now(UTC), kind="sign_in_code")

    page = local.get(reverse("messages")).content.decode()

    assert page.index("482913 es su codigo") < page.index("Su cita &lt;b&gt;")
    assert "+12135551234" in page
    assert 'href="http://localhost:8000/cita/abc/"' in page
    assert "<script>alert(1)</script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_messages_loads_itself_again_only_when_asked(local, db):
    assert b'http-equiv="refresh"' not in local.get(reverse("messages")).content
    assert b'http-equiv="refresh"' in local.get(reverse("messages") + "?actualizar").content


def test_the_html_part_may_do_nothing_but_style_itself(local, mail):
    answer = local.get(reverse("message_html", args=[mail]))

    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert policy.endswith("sandbox")
    assert "script-src" not in policy
    assert "no-store" in answer["Cache-Control"]


def test_an_attachment_is_a_download_with_a_safe_name(local, mail):
    answer = local.get(reverse("message_attachment", args=[mail, 0]))

    assert answer.content == b"BEGIN:VCALENDAR"
    assert answer["Content-Type"] == "text/calendar"
    assert answer["Content-Disposition"].isascii() or "filename" in answer["Content-Disposition"]
    assert answer["Content-Disposition"].count('"') == 2
    assert local.get(reverse("message_attachment", args=[mail, 1])).status_code == 404


def test_a_message_whose_words_are_gone_is_still_listed(local, mail):
    OutgoingMessage.objects.update(body="", recipient="")

    assert local.get(reverse("messages")).status_code == 200
    assert local.get(reverse("message_html", args=[mail])).status_code == 404


@pytest.mark.parametrize(
    "stranger",
    [
        {"REMOTE_ADDR": "192.0.2.7", "HTTP_HOST": "localhost"},
        {"REMOTE_ADDR": "", "HTTP_HOST": "localhost"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "testserver"},  # a page elsewhere, through the reader's browser
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "localhost", "HTTP_X_FORWARDED_FOR": "192.0.2.7"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "localhost", "HTTP_FORWARDED": "for=192.0.2.7"},
    ],
)
def test_everybody_else_gets_404(mail, stranger):
    assert [Client().get(path, **stranger).status_code for path in paths(mail)] == [404, 404, 404]


def test_loopback_of_both_kinds_is_local(db):
    for place in (
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "127.0.0.1:8000"},
        {"REMOTE_ADDR": "::1", "HTTP_HOST": "localhost:8000"},
    ):
        assert Client().get(reverse("messages"), **place).status_code == 200


def test_outside_the_embedded_run_it_does_not_exist(local, mail, settings):
    settings.EMBEDDED = False

    assert [local.get(path).status_code for path in paths(mail)] == [404, 404, 404]


def test_it_is_read_only(local, db):
    assert local.post(reverse("messages")).status_code == 405


def test_a_waiting_an_expired_and_a_refused_message_say_so(local, mail):
    page = local.get(reverse("messages"), headers={"accept-language": "en"}).content.decode()
    assert "In line, not sent yet" in page or "En espera" in page

    OutgoingMessage.objects.update(given_up_at=NOW, given_up_reason="expired")
    page = local.get(reverse("messages")).content.decode()
    assert "No se envió: ya había vencido" in page or "it came too late" in page
