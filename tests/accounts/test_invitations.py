"""The one-time link with which staff come in."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from mexitel.accounts import invitations
from mexitel.accounts.invitations import LinkOver, NotStaff
from mexitel.accounts.models import LinkPurpose, StaffLink, User
from mexitel.accounts.second_factor import totp_at
from mexitel.accounts.views import staff as views
from mexitel.utils.time import now as clock
from tests.accounts.conftest import ELSEWHERE
from tests.factories.accounts import UserFactory, sign_in

pytestmark = pytest.mark.django_db
SENTENCE = "una frase larga y facil"


@pytest.fixture
def newcomer():
    return User.objects.create_user("nueva@example.com", is_staff=True)


def link_of(sent, purpose="invitation"):
    """The path that the newest mail names."""
    text = sent.last(f"account.staff_{purpose}")["text"]
    return next(part for part in text.split() if "/personal/invitacion/" in part).split("8000")[-1]


def invited(user, sent, *, at=None, purpose=LinkPurpose.INVITATION):
    invitations.send_link(user=user, purpose=purpose, now=at or clock())
    return link_of(sent, purpose)


def give(client, path, password=SENTENCE, again=None):
    return client.post(path, {"password": password, "again": password if again is None else again})


def test_link_leads_through_password_second_factor_and_recovery_codes(client, newcomer, sent):
    path = invited(newcomer, sent)
    assert client.get(path).status_code == 200
    assert give(client, path).url == reverse("mfa_activate_totp")
    assert client.get(reverse("account")).url == reverse("mfa_activate_totp")
    assert client.get(reverse("mfa_activate_totp")).status_code == 200
    secret = client.session["mfa.totp.secret"]
    done = client.post(reverse("mfa_activate_totp"), {"code": totp_at(secret, clock())})
    assert done.url == reverse("mfa_view_recovery_codes")
    assert client.get(done.url).content.decode().count("<code>") == 10
    assert client.get(reverse("account")).status_code == 200


def test_link_works_once(client, newcomer, sent):
    path = invited(newcomer, sent)
    give(client, path)
    client.post(reverse("sign_out"))
    assert client.get(path).status_code == 410
    assert give(client, path, "otra frase bastante larga").status_code == 410
    assert User.objects.get().check_password(SENTENCE)


@pytest.mark.parametrize(
    ("purpose", "age", "status"),
    [
        (LinkPurpose.INVITATION, timedelta(hours=47), 200),
        (LinkPurpose.INVITATION, timedelta(hours=49), 410),
        (LinkPurpose.RECOVERY, timedelta(minutes=59), 200),
        (LinkPurpose.RECOVERY, timedelta(minutes=61), 410),
    ],
)
def test_link_ends_by_the_clock(client, newcomer, sent, purpose, age, status):
    assert client.get(invited(newcomer, sent, at=clock() - age, purpose=purpose)).status_code == status


def test_newer_link_takes_the_place_of_the_older(client, newcomer, sent):
    first, second = invited(newcomer, sent), invited(newcomer, sent)
    assert client.get(first).status_code == 410
    assert client.get(second).status_code == 200


def test_two_living_links_of_one_person_cannot_be(newcomer, sent):
    invited(newcomer, sent)
    link = StaffLink.objects.get()
    link.pk, link.token_hash = None, b"2" * 32
    with pytest.raises(IntegrityError, match="accounts_staff_link_one_at_a_time"), transaction.atomic():
        link.save(force_insert=True)


def test_token_stands_in_the_mail_alone(newcomer, sent):
    token = invited(newcomer, sent).rstrip("/").rsplit("/", 1)[-1]
    stored = StaffLink.objects.get()
    assert len(token) >= 43
    assert token.encode() not in bytes(stored.token_hash)
    assert "nueva" not in token


def test_suspended_person_cannot_use_the_link(client, newcomer, sent):
    path = invited(newcomer, sent)
    User.objects.update(is_active=False)
    assert client.get(path).status_code == 410


def test_nobody_signs_in_before_the_link(client, newcomer):
    assert not invitations.has_arrived(newcomer)
    for password in ("", "!", newcomer.password):
        answer = client.post(reverse("staff_sign_in"), {"email": "nueva@example.com", "password": password})
        assert answer.status_code == 200
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    ("password", "again"),
    [("corta", None), ("123456789012345", None), ("password1234", "x"), ("nueva@example.com", None), ("", None)],
)
def test_weak_or_mistyped_password_is_explained_and_the_link_stays(client, newcomer, sent, password, again):
    path = invited(newcomer, sent)
    answer = give(client, path, password, again)
    assert answer.status_code == 200
    assert "govuk-error-summary" in answer.content.decode()
    assert give(client, path).status_code == 302


def test_link_page_is_counted(client, newcomer, sent, monkeypatch, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "staff_link": ("mexitel.utils.ratelimits.client", "1000/m")}
    path = invited(newcomer, sent)
    answers = [client.get("/personal/invitacion/nada/", REMOTE_ADDR=ELSEWHERE).status_code for _ in range(31)]
    assert answers[:30] == [410] * 30
    assert answers[30] == 429
    assert client.get(path, REMOTE_ADDR="192.0.2.9").status_code == 200
    monkeypatch.setattr(views.limits, "take", lambda *args: True)
    assert client.get(path).status_code == 200  # the control: without the count nothing slows it down


def test_citizens_account_never_becomes_staff():
    UserFactory(email="ana@example.com")
    with pytest.raises(NotStaff):
        invitations.staff_account(email="ana@example.com", language="es", was_staff=lambda user: False, now=clock())


def test_what_is_no_address_is_refused():
    with pytest.raises(ValidationError):
        invitations.staff_account(email="nada", language="es", was_staff=lambda user: False, now=clock())


def test_lock_out_ends_password_second_factor_sessions_and_links(client, sent):
    user = UserFactory(staff=True)
    path = invited(user, sent)
    sign_in(client, user)
    assert client.get(reverse("account")).status_code == 200
    with transaction.atomic():
        invitations.lock_out(user=user)
    user.refresh_from_db()
    assert not user.has_usable_password()
    assert not user.authenticator_set.exists()
    assert client.get(reverse("account")).status_code == 302
    assert "_auth_user_id" not in client.session
    with pytest.raises(LinkOver):
        invitations.find_link(path.rstrip("/").rsplit("/", 1)[-1], now=clock())
