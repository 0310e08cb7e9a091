"""What the messages say: plain Spanish, one text message, and no more than what is public."""

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from appointments.announcing.messages import facts_of
from appointments.models import AlertKind, ReleaseAlert
from appointments.notifications.mail import mail_from
from appointments.notifications.sms import to_gsm
from consulates.releases.shown import public_release
from mexitel.outbox.sms import check_one_part
from tests.factories import appointments as make
from tests.factories import release_drafts
from tests.factories.consulates import ConsulateFactory
from tests.pages.readability import assert_plain


@pytest.fixture
def facts(db):
    """Of an office with a long name, in a release of ten thousand places."""
    office = ConsulateFactory(city="Rancho Palos Verdes", time_zone="America/Los_Angeles")
    release = release_drafts.announce(release_drafts.draft(*release_drafts.sessions(office)))
    release.offices.update(seats=12345)
    alert = ReleaseAlert(account=make.account(), consulate=office, code="a" * 22, made_at=make.NOW)
    shown = public_release(release.pk, now=make.NOW)
    assert shown
    release.cancel_reason = "Se fue la luz en la oficina."
    return lambda: facts_of(alert, shown, shown.offices[0]) | {"reason": release.cancel_reason}


@pytest.mark.parametrize("kind", AlertKind.values)
@pytest.mark.parametrize("language", ["es", "en"])
def test_messages_are_plain_and_fit(facts, kind, language):
    with translation.override(language):
        told = facts()
        mail = mail_from(f"announcing/email/{kind}", told)
        text = " ".join(to_gsm(render_to_string(f"announcing/sms/{kind}.txt", told)).split())
    check_one_part(text)
    assert told["stop"] in mail.text
    assert told["stop"] in mail.html
    if language == "es":
        said = "\n".join(line for line in mail.text.split("\n") if "http" not in line)
        assert_plain(said.replace("\n\n", ". "))
