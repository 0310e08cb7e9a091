"""One language for a person's pages and messages, kept on the account."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from mexitel.accounts.languages import JUST_CHOSEN
from tests.factories.accounts import UserFactory, sign_in

pytestmark = pytest.mark.django_db


def enter(client, sent, user):
    client.post(reverse("sign_in"), {"email": user.email})
    client.post(reverse("sign_in_code"), {"code": sent.code()})
    user.refresh_from_db()


def page_language(client) -> str:
    return client.get(reverse("help")).headers["Content-Language"]


def switch(client, language):
    return client.post(reverse("set_language"), {"language": language, "next": reverse("help")})


def test_signing_in_brings_the_language_of_the_account(client, sent):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "es"  # whoever sat here before
    enter(client, sent, user := UserFactory(language="en"))
    assert page_language(client) == "en"
    assert user.language == "en"


def test_a_language_chosen_a_moment_ago_goes_onto_the_account(client, sent):
    switch(client, "en")
    enter(client, sent, user := UserFactory(language="es"))
    assert page_language(client) == "en"
    assert user.language == "en"
    assert client.cookies[JUST_CHOSEN].value == ""


def test_switching_while_signed_in_is_kept_on_the_account(client):
    sign_in(client, user := UserFactory(language="es"))
    response = switch(client, "en")
    user.refresh_from_db()
    assert (user.language, page_language(client)) == ("en", "en")
    assert JUST_CHOSEN not in response.cookies


def test_account_page_changes_pages_and_messages(client):
    sign_in(client, user := UserFactory(language="es"))
    page = client.post(reverse("account"), {"language": "en"}, follow=True)
    user.refresh_from_db()
    assert user.language == "en"
    assert "We saved your language." in page.content.decode()


def test_a_stranger_changes_nobodys_account(client):
    user = UserFactory(language="es")
    switch(Client(), "en")
    user.refresh_from_db()
    assert user.language == "es"


@pytest.mark.parametrize("language", ["xx", "", "\x00"])
def test_unknown_language_changes_nothing(client, language):
    sign_in(client, user := UserFactory(language="en"))
    response = switch(client, language)
    user.refresh_from_db()
    assert (user.language, response.status_code) == ("en", 302)
    assert settings.LANGUAGE_COOKIE_NAME not in response.cookies


def test_choice_lasts_longer_than_the_browser_is_open(client):
    assert switch(client, "en").cookies[settings.LANGUAGE_COOKIE_NAME]["max-age"] == 365 * 86400
