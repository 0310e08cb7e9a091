from datetime import timedelta

import pytest
from django.utils import translation

from mexitel.accounts import messages
from mexitel.accounts.models import CodePurpose
from mexitel.outbox import sms
from tests.factories.accounts import UserFactory

FREE = {"es": "La cita es gratuita", "en": "The appointment is free"}


@pytest.fixture(params=["es", "en"])
def language(request):
    return request.param


def test_text_message_is_one_gsm7_part(language):
    with translation.override(language):
        text = str(messages.CODE_SMS) % {"code": "123456"}
    assert set(text) <= sms.BASIC
    used, limit = sms.length(text)
    assert used < limit == 160
    assert FREE[language].lower() in text.lower()


@pytest.mark.django_db
@pytest.mark.parametrize("purpose", [purpose for purpose in CodePurpose if purpose != CodePurpose.VERIFY_PHONE])
def test_code_mail_says_the_code_and_that_it_is_free(language, purpose, sent, now):
    until = now + timedelta(minutes=10)
    messages.send_code(
        purpose=purpose, to="a@example.com", by_sms=False, code="123456", language=language, now=now, expires_at=until
    )
    mail, row = sent.last(), sent.all()[-1]
    assert (row.language, row.expires_at, row.kind) == (language, until, f"{purpose}_code")
    assert mail["subject"].startswith("123456")
    for part in (mail["text"], mail["html"]):
        assert "123456" in part
        assert FREE[language] in part
        assert "gestores" in part


@pytest.mark.django_db
def test_every_other_mail_speaks_the_language_and_says_that_it_is_free(language, sent, now):
    user = UserFactory(language=language)
    common = {"to": "a@example.com", "language": language, "now": now}
    messages.send_staff_hint(**common)
    messages.send_closed_hint(**common)
    messages.send_taken_hint(**common)
    messages.tell_deleted(**common)
    messages.tell_email_changed(old="a@example.com", new_masked="b•••@example.com", language=language, now=now)
    messages.tell_phone_changed(user=user, phone_masked="•••• 0100", removed=False, now=now)
    messages.tell_staff_security(user=user, what="mfa/email/totp_activated", now=now)
    assert len(sent.all()) == 7
    for row in sent.all():
        mail = sent.body(row)
        assert FREE[language] in mail["text"]
        assert FREE[language] in mail["html"]
        assert f'lang="{language}"' in mail["html"]
