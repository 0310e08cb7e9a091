import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from mexitel.accounts import services
from mexitel.accounts.models import User
from mexitel.accounts.signals import account_deleted, contact_changed, contact_verified
from mexitel.accounts.views import account as views
from tests.accounts.conftest import ELSEWHERE
from tests.factories.accounts import UserFactory, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return UserFactory(email="ana@example.com")


@pytest.fixture
def client(client, user):
    return sign_in(client, user)


@pytest.fixture
def facts():
    seen = []

    def note(sender, signal, **kwargs):
        seen.append((signal, {name: value for name, value in kwargs.items() if name != "at"}))

    for signal in (contact_changed, contact_verified, account_deleted):
        signal.connect(note)
    yield seen
    for signal in (contact_changed, contact_verified, account_deleted):
        signal.disconnect(note)


def enter(client, code):
    return client.post(reverse("account_code"), {"code": code})


def text_of(response):
    return response.content.decode()


@pytest.mark.parametrize("name", ["account", "account_email", "account_phone", "account_code", "account_delete"])
def test_strangers_are_sent_to_sign_in(name):
    assert Client().get(reverse(name)).url.startswith("/entrar/?next=")


@pytest.mark.parametrize("name", ["account", "account_email", "account_phone", "account_delete"])
def test_pages_open(client, name):
    response = client.get(reverse(name))
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]


def test_email_changes_by_a_code_to_the_new_one_with_notice_to_the_old(
    client, user, sent, facts, django_capture_on_commit_callbacks
):
    client.post(reverse("account_email"), {"email": " Nueva@Example.com "})
    assert sent.all()[-1].recipient == "nueva@example.com"
    user.refresh_from_db()
    assert user.email == "ana@example.com"
    with django_capture_on_commit_callbacks(execute=True):
        assert enter(client, sent.code()).url == reverse("account")
    user.refresh_from_db()
    assert user.email == "nueva@example.com"
    assert (sent.all()[-1].recipient, sent.all()[-1].kind) == ("ana@example.com", "email_changed")
    assert "nueva@" not in sent.last()["text"]
    assert facts == [
        (contact_changed, {"user_id": user.pk, "contact": "email", "old": "ana@example.com", "new": user.email}),
        (contact_verified, {"user_id": user.pk, "contact": "email", "address": user.email}),
    ]


def test_email_of_another_account_looks_the_same_and_never_moves(client, user, sent):
    UserFactory(email="otra@example.com")
    pages = []
    for email in ("otra@example.com", "libre@example.com"):
        response = client.post(reverse("account_email"), {"email": email})
        pages.append((response.status_code, response.url))
    assert pages[0] == pages[1]
    client.post(reverse("account_email"), {"email": "otra@example.com"})
    assert sent.all()[-1].kind == "email_taken"
    assert enter(client, "000000").status_code == 200
    user.refresh_from_db()
    assert user.email == "ana@example.com"


def test_address_that_was_taken_meanwhile_is_explained(client, user, sent):
    client.post(reverse("account_email"), {"email": "libre@example.com"})
    UserFactory(email="libre@example.com")
    response = enter(client, sent.code())
    assert "Otra cuenta usa ese contacto" in text_of(client.get(response.url))
    user.refresh_from_db()
    assert user.email == "ana@example.com"


def test_code_of_another_person_changes_nothing(client, user, sent):
    other, thief = UserFactory(), Client(REMOTE_ADDR=ELSEWHERE)
    client.post(reverse("account_email"), {"email": "nueva@example.com"})
    pending = client.session[views.PENDING]
    sign_in(thief, other)
    session = thief.session
    session[views.PENDING] = pending
    session.save()
    enter(thief, sent.code())
    other.refresh_from_db()
    assert other.email != "nueva@example.com"


def test_phone_is_added_by_code_and_removed(client, user, sent, facts, django_capture_on_commit_callbacks):
    client.post(reverse("account_phone"), {"phone": "(213) 555-0100"})
    with django_capture_on_commit_callbacks(execute=True):
        enter(client, sent.code())
    user.refresh_from_db()
    assert (user.phone, user.has_verified_phone) == ("+12135550100", True)
    assert [signal for signal, _facts in facts] == [contact_changed, contact_verified]
    assert "2135550100" not in sent.last("phone_changed")["text"]
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("account_phone"), {"remove": "1"})
    user.refresh_from_db()
    assert (user.phone, user.phone_hash, user.has_verified_phone) == ("", None, False)
    assert facts[-1][1]["new"] == ""


def test_last_contact_cannot_be_removed(client):
    alone = UserFactory(phone_alone=True)
    sign_in(client, alone)
    response = client.post(reverse("account_phone"), {"remove": "1"})
    assert "Agregue primero un correo" in text_of(response)
    alone.refresh_from_db()
    assert alone.phone


def test_person_without_email_adds_one(client, sent):
    alone = UserFactory(phone_alone=True)
    sign_in(client, alone)
    client.post(reverse("account_email"), {"email": "mia@example.com"})
    enter(client, sent.code())
    alone.refresh_from_db()
    assert alone.email == "mia@example.com"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("account_email", {"email": "a\x00b@example.com"}),
        ("account_email", {}),
        ("account_phone", {"phone": "\x00"}),
        ("account_phone", {"phone": "9" * 99}),
        ("account", {"language": "xx"}),
        ("account", {"language": "\x00"}),
        ("account_delete", {}),
    ],
)
def test_bad_input_is_explained_on_the_page(client, name, data):
    response = client.post(reverse(name), data)
    assert response.status_code == 200
    assert "govuk-error-summary" in text_of(response)


def test_language_of_messages_is_saved(client, user, sent):
    client.post(reverse("account"), {"language": "en"})
    user.refresh_from_db()
    assert user.language == "en"
    client.post(reverse("account_email"), {"email": "nueva@example.com"})
    assert "is your code" in sent.last()["subject"]


def test_download_merges_what_every_provider_knows(client, user, settings):
    settings.PERSONAL_DATA_PROVIDERS = [
        "mexitel.accounts.selectors.account_data",
        "tests.accounts.test_account.more_data",
    ]
    response = client.post(reverse("account_download"))
    data = json.loads(response.content)
    assert data["account"]["e_mail"] == "ana@example.com"
    assert data["more"] == user.pk
    assert response["Content-Disposition"] == 'attachment; filename="mexitel.json"'
    assert client.get(reverse("account_download")).status_code == 405


def more_data(user):
    return {"more": user.pk}


def test_deleting_explains_asks_for_a_code_and_ends_every_session(
    client, user, sent, settings, facts, django_capture_on_commit_callbacks
):
    settings.ACCOUNT_DELETION_CHECKS = ["tests.accounts.test_account.two_appointments"]
    settings.ACCOUNT_DELETION_STEPS = ["tests.accounts.test_account.erase"]
    elsewhere = sign_in(Client(), user)
    assert "Usted tiene 2 citas." in text_of(client.get(reverse("account_delete")))
    client.post(reverse("account_delete"), {"sure": "on"})
    assert User.objects.get(pk=user.pk).deleted_at is None
    with django_capture_on_commit_callbacks(execute=True):
        enter(client, sent.code())
    gone = User.objects.get(pk=user.pk)
    assert (gone.email, gone.phone, gone.is_active, gone.language) == (None, "", False, "es")
    assert gone.deleted_at
    assert erased == [user.pk]
    assert (account_deleted, {"user_id": user.pk}) in facts
    for session in (client, elsewhere):
        assert session.get(reverse("account")).url.startswith("/entrar/")
    assert UserFactory(email="ana@example.com").pk != user.pk


erased = []


def two_appointments(user, now):
    return ["Usted tiene 2 citas."]


def erase(user, now):
    erased.append(user.pk)


def test_failing_step_undoes_the_deletion(user, settings, now):
    settings.ACCOUNT_DELETION_STEPS = ["tests.accounts.test_account.fail"]
    with pytest.raises(ZeroDivisionError):
        services.delete_account(user=user, now=now)
    assert User.objects.get().email == "ana@example.com"


def fail(user, now):
    raise ZeroDivisionError


def test_mail_that_came_back_is_a_notice_until_a_code_arrives(client, user, sent, now):
    services.note_bounce(email="Ana@example.com", now=now)
    assert "no le llega" in text_of(client.get(reverse("account")))
    other = Client(REMOTE_ADDR=ELSEWHERE)
    other.post(reverse("sign_in"), {"email": "ana@example.com"})
    other.post(reverse("sign_in_code"), {"code": sent.code()})
    assert "no le llega" not in text_of(client.get(reverse("account")))


def test_many_codes_are_refused_with_a_sentence(client, sent):
    for n in range(70):
        response = client.post(reverse("account_email"), {"email": f"x{n}@example.com"})
        if response.status_code == 429:
            break
    assert response.status_code == 429


def test_expired_code_goes_back_to_the_account(client, user, sent, monkeypatch):
    client.post(reverse("account_email"), {"email": "nueva@example.com"})
    real = views.now
    monkeypatch.setattr(views, "now", lambda: real() + timedelta(minutes=11))
    assert enter(client, sent.code()).url == reverse("account")
    user.refresh_from_db()
    assert user.email == "ana@example.com"
