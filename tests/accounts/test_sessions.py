from datetime import timedelta

import pytest
from django.urls import reverse

from mexitel.accounts import middleware, sessions
from mexitel.utils.time import now as clock
from tests.factories.accounts import UserFactory, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def later(monkeypatch):
    """Moves the clock of the idle rule forward from now."""

    def move(delta):
        monkeypatch.setattr(middleware, "now", lambda: clock() + delta)

    return move


def is_in(client):
    return "_auth_user_id" in client.session


@pytest.mark.parametrize(
    ("shared", "minutes", "stays"),
    [(False, 29, True), (False, 31, False), (True, 9, True), (True, 11, False)],
)
def test_idle_sessions_end(client, later, shared, minutes, stays):
    sign_in(client, UserFactory())
    session = client.session
    session[sessions.SHARED] = shared
    session.save()
    client.get(reverse("account"))
    later(timedelta(minutes=minutes))
    client.get(reverse("account"))
    assert is_in(client) == stays


def test_activity_keeps_the_session_open_but_not_for_ever(client, later):
    sign_in(client, UserFactory())
    for minutes in range(0, 12 * 60, 25):
        later(timedelta(minutes=minutes))
        client.get(reverse("account"))
        assert is_in(client)
    later(timedelta(hours=12, minutes=1))
    client.get(reverse("account"))
    assert not is_in(client)


def test_staff_sessions_end_after_a_quarter_of_an_hour(client, later):
    sign_in(client, UserFactory(staff=True))
    client.get(reverse("account"))
    later(timedelta(minutes=16))
    client.get(reverse("account"))
    assert not is_in(client)


def test_form_sent_too_late_is_kept_for_its_owner(client, later, sent):
    user = UserFactory(email="ana@example.com")
    sign_in(client, user)
    client.get(reverse("account"))
    later(timedelta(minutes=40))
    response = client.post(reverse("account"), {"language": "en"})
    assert response.url == "/entrar/?next=%2Fentrar%2Fcontinuar%2F"
    assert "language" not in str(client.session[sessions.KEPT])
    later(timedelta())
    client.post(reverse("sign_in"), {"email": "ana@example.com", "next": "/entrar/continuar/"})
    response = client.post(reverse("sign_in_code"), {"code": sent.code()})
    assert response.url == reverse("kept_answers")
    page = client.get(response.url).content.decode()
    assert 'action="/cuenta/"' in page
    assert 'name="language" value="en"' in page
    assert client.get(reverse("kept_answers")).status_code == 302  # shown once


def test_kept_answers_are_never_shown_to_another_person(client, later):
    sign_in(client, UserFactory())
    client.get(reverse("account"))
    later(timedelta(minutes=40))
    client.post(reverse("account"), {"language": "en"})
    later(timedelta())
    client.force_login(UserFactory())
    assert client.get(reverse("kept_answers")).status_code == 302


def test_machines_get_no_page_when_the_session_is_over(client, later, rf):
    sign_in(client, UserFactory())
    client.get(reverse("account"))
    later(timedelta(minutes=40))
    response = client.post(reverse("account"), {"language": "en"}, headers={"HX-Request": "true"})
    assert (response.status_code, response["HX-Redirect"].split("?")[0]) == (204, "/entrar/")


def test_keep_alive_says_whether_the_session_is_open(client, later):
    sign_in(client, UserFactory())
    assert client.post(reverse("keep_alive")).json() == {"open": True}
    later(timedelta(minutes=40))
    response = client.post(reverse("keep_alive"))
    assert (response.status_code, response.json()) == (401, {"open": False})


def test_idle_sentence_stands_on_the_page_without_javascript(client):
    from django.template.loader import render_to_string

    idle = {"seconds": 1800, "minutes": 30, "warn_seconds": 180}
    page = render_to_string("accounts/_idle.html", {"idle": idle})
    assert "30 minutos" in page
    assert 'data-keep-url="/sesion/"' in page
    assert render_to_string("accounts/_idle.html", {}).strip() == ""
