import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from mexitel.accounts.guards import SignupRefused
from mexitel.accounts.models import CodeRequest, User
from mexitel.accounts.signals import contact_verified
from mexitel.accounts.views import sign_in as views
from tests.accounts.conftest import ELSEWHERE
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db


def ask(client, email="ana@example.com", **more):
    return client.post(reverse("sign_in"), {"email": email, **more})


def enter(client, code):
    return client.post(reverse("sign_in_code"), {"code": code})


def is_in(client):
    return "_auth_user_id" in client.session


def text_of(response):
    return response.content.decode()


@pytest.fixture
def in_an_hour(monkeypatch):
    real = views.now
    monkeypatch.setattr(views, "now", lambda: real() + timedelta(hours=1))


def test_new_citizen_gets_an_account_with_the_right_code_only(client, sent):
    assert ask(client, " Ana@Example.com ").url == reverse("sign_in_code")
    assert not User.objects.exists()
    response = enter(client, sent.code())
    assert response.status_code == 302
    user = User.objects.get()
    assert (user.email, user.has_usable_password(), is_in(client)) == ("ana@example.com", False, True)


def test_known_citizen_gets_into_the_same_account(client, sent):
    user = UserFactory(email="ana@example.com")
    ask(client)
    enter(client, sent.code())
    assert client.session["_auth_user_id"] == str(user.pk)
    assert User.objects.count() == 1


def masked_page(response):
    """The page without what is drawn anew for every request."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text_of(response))


@pytest.mark.parametrize("who", ["citizen", "staff", "suspended"])
def test_known_and_unknown_addresses_get_the_same_bytes(who, sent):
    address = "known@example.com"
    UserFactory(email=address, staff=who == "staff", is_active=who != "suspended")
    answers = []
    for email in (address, "other@example.com"):
        client = Client(REMOTE_ADDR=ELSEWHERE)
        asked = ask(client, email)
        page = client.get(asked.url)
        wrong = enter(client, "000000")
        again = client.post(reverse("sign_in_code"), {"again": "1"})
        answers.append(
            [
                (answer.status_code, dict(answer.headers), masked_page(answer).replace(email, "X"))
                for answer in (asked, page, wrong, again)
            ]
        )
    for known, unknown in zip(*answers, strict=True):
        assert (known[0], known[2]) == (unknown[0], unknown[2])
        assert known[1].keys() == unknown[1].keys()


def test_known_and_unknown_addresses_cost_the_same_queries(django_assert_num_queries, sent):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    UserFactory(email="known@example.com")
    counts = []
    for email in ("known@example.com", "other@example.com"):
        client = Client(REMOTE_ADDR=ELSEWHERE)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            ask(client, email)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_control_a_different_answer_would_be_seen(client, sent, monkeypatch):
    UserFactory(email="known@example.com")
    monkeypatch.setattr(views, "meant", lambda typed: "x@example.org" if User.objects.by_email(typed) else "")
    pages = []
    for email in ("known@example.com", "other@example.com"):
        client = Client(REMOTE_ADDR=ELSEWHERE)
        pages.append(masked_page(client.get(ask(client, email).url)).replace(email, "X"))
    assert pages[0] != pages[1]


def test_wrong_code_says_so_beside_the_field_and_in_the_summary(client, sent):
    ask(client)
    code = sent.code()
    response = enter(client, f"{(int(code) + 1) % 10**6:06}")
    assert response.status_code == 200
    assert text_of(response).count("4 intentos") == 2
    assert not is_in(client)
    enter(client, code)
    assert is_in(client)


def test_five_wrong_codes_end_it_and_the_right_one_comes_too_late(client, sent):
    ask(client)
    code = sent.code()
    for _ in range(5):
        response = enter(client, f"{(int(code) + 1) % 10**6:06}")
    assert response.url == reverse("sign_in")
    enter(client, code)
    assert not is_in(client)


def test_expired_code_sends_back_with_a_sentence(client, sent, in_an_hour):
    ask(client, next="/cuenta/")
    CodeRequest.objects.update(expires_at=CodeRequest.objects.get().created_at)
    response = enter(client, sent.code())
    assert response.url == reverse("sign_in") + "?next=%2Fcuenta%2F"
    assert "ya no sirve" in text_of(client.get(response.url))
    assert not is_in(client)


def test_code_works_once_and_only_in_the_browser_that_asked(client, sent):
    ask(client)
    code = sent.code()
    stranger = Client(REMOTE_ADDR="198.51.100.9")
    ask(stranger, "other@example.com")
    assert enter(stranger, code).status_code == 200
    assert not is_in(stranger)
    enter(client, code)
    client.post(reverse("sign_out"))
    assert enter(client, code).url == reverse("sign_in")
    assert not is_in(client)


def test_two_tabs_with_the_right_code(client, sent):
    ask(client)
    code = sent.code()
    enter(client, code)
    assert enter(client, code).status_code == 302
    assert is_in(client)


def test_send_again_waits_half_a_minute_and_sends_the_same_code(client, sent, monkeypatch):
    ask(client)
    code = sent.code()
    assert client.post(reverse("sign_in_code"), {"again": "1"}).status_code == 429
    assert len(sent.all()) == 1
    real = views.now
    monkeypatch.setattr(views, "now", lambda: real() + timedelta(seconds=40))
    assert client.post(reverse("sign_in_code"), {"again": "1"}).status_code == 200
    assert (len(sent.all()), sent.code()) == (2, code)


def test_code_page_shows_the_address_as_typed_and_how_to_change_it(client, sent):
    page = text_of(client.get(ask(client, "Ana@Example.com").url))
    assert "Ana@Example.com" in page
    assert f'href="{reverse("sign_in")}"' in page
    assert 'autocomplete="one-time-code"' in page
    assert 'inputmode="numeric"' in page
    assert 'value="Ana@Example.com"' in text_of(client.get(reverse("sign_in")))


def test_near_miss_is_offered_and_one_tap_sends_the_code_there(client, sent):
    page = text_of(client.get(ask(client, "ana@gmial.com", shared="on").url))
    assert 'name="email" value="ana@gmail.com"' in page
    ask(client, "ana@gmail.com", shared="on")
    assert sent.all()[-1].recipient == "ana@gmail.com"


@pytest.mark.parametrize("email", ["", "ana", "a\x00@example.com", "<script>@x", "a" * 300 + "@example.com"])
def test_bad_address_is_explained_and_kept(client, email):
    response = ask(client, email)
    assert response.status_code == 200
    assert "govuk-error-summary" in text_of(response)
    assert "<script>@" not in text_of(response)


@pytest.mark.parametrize("code", ["", "\x00", "9" * 400, "１２３４５６", "'; --"])
def test_bad_code_is_explained(client, sent, code):
    ask(client)
    assert enter(client, code).status_code == 200


@pytest.mark.parametrize(
    "url",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "http:///evil.example",
     "/a\x00b", " //evil.example", "/" * 3 + "evil.example", "evil.example", "\t//evil.example"],
)  # fmt: skip
def test_next_never_leaves_the_site(client, sent, url):
    ask(client, next=url)
    target = enter(client, sent.code()).url
    assert target.startswith("/")
    assert "evil" not in target


def test_next_is_kept_through_a_wrong_code_and_a_resend(client, sent):
    ask(client, next="/cuenta/?a=1&b=2")
    code = sent.code()
    enter(client, "0")
    client.post(reverse("sign_in_code"), {"again": "1"})
    assert enter(client, code).url == "/cuenta/?a=1&b=2"


def test_anonymous_visitor_of_the_account_comes_back_to_it(client, sent):
    response = client.get(reverse("account"))
    assert response.url == "/entrar/?next=/cuenta/"
    assert 'name="next" value="/cuenta/"' in text_of(client.get(response.url))


def test_limit_is_the_same_sentence_for_known_and_unknown(sent):
    UserFactory(email="known@example.com")
    pages = []
    for email in ("known@example.com", "other@example.com"):
        client = Client(REMOTE_ADDR=ELSEWHERE)
        for _ in range(6):
            response = ask(client, email)
        assert response.status_code == 429
        pages.append(masked_page(response).replace(email, "X"))
    assert pages[0] == pages[1]


def test_guard_may_refuse_a_new_account_but_never_an_old_one(client, sent, settings):
    settings.SIGNUP_GUARDS = ["tests.accounts.test_sign_in.say_no"]
    ask(client)
    response = enter(client, sent.code())
    assert "No por ahora." in text_of(client.get(response.url))
    assert not User.objects.exists()
    UserFactory(email="ana@example.com")
    ask(client)
    enter(client, sent.code())
    assert is_in(client)


def test_crashing_guard_is_no_consent(client, sent, settings):
    settings.SIGNUP_GUARDS = ["tests.accounts.test_sign_in.crash"]
    ask(client)
    enter(client, sent.code())
    assert not User.objects.exists()
    settings.SIGNUP_GUARDS = []
    ask(client)
    enter(client, sent.code())
    assert User.objects.exists()


def say_no(attempt):
    assert (attempt.channel, attempt.client) == ("email", ELSEWHERE)
    raise SignupRefused("no", "No por ahora.")


def crash(attempt):
    raise ZeroDivisionError


def test_new_account_is_told_as_a_verified_contact(client, sent, django_capture_on_commit_callbacks):
    facts = []

    def note(sender, signal, **kwargs):
        facts.append(kwargs)

    contact_verified.connect(note)
    ask(client)
    with django_capture_on_commit_callbacks(execute=True):
        enter(client, sent.code())
    contact_verified.disconnect(note)
    assert [(fact["contact"], fact["address"]) for fact in facts] == [("email", "ana@example.com")]


def ask_phone(client, phone):
    return client.post(reverse("sign_in_phone"), {"phone": phone})


def test_phone_alone_opens_an_account_by_text_message(client, sent):
    assert ask_phone(client, "(213) 555-0100").url == reverse("sign_in_code")
    assert sent.all()[-1].recipient == "+12135550100"
    enter(client, sent.code())
    user = User.objects.get()
    assert (user.email, user.phone, user.has_verified_phone, is_in(client)) == (None, "+12135550100", True, True)
    client.post(reverse("sign_out"))
    ask_phone(client, "213 555 0100")
    enter(client, sent.code())
    assert User.objects.count() == 1


def test_phone_of_an_account_with_email_does_not_open_it(client, sent):
    UserFactory(with_phone=True, phone="+12135550100", email="ana@example.com")
    ask_phone(client, "2135550100")
    response = enter(client, sent.code())
    assert client.session["_auth_user_id"] == str(User.objects.get(email=None).pk)
    assert "entre con ese correo" in text_of(client.get(reverse("account"))), response.url


@pytest.mark.parametrize("phone", ["", "1", "\x00", "+37122123456", "9" * 100])
def test_bad_phone_is_explained(client, phone):
    response = ask_phone(client, phone)
    assert response.status_code == 200
    assert "govuk-error-summary" in text_of(response)


def test_shared_computer_ends_with_the_browser_and_is_not_remembered(client, sent):
    ask(client, shared="on")
    response = enter(client, sent.code())
    assert client.session.get_expire_at_browser_close()
    assert "mx_device" not in response.cookies
    other = Client(REMOTE_ADDR=ELSEWHERE)
    ask(other)
    response = enter(other, sent.code())
    assert not other.session.get_expire_at_browser_close()
    assert response.cookies["mx_device"]["httponly"]


def test_mail_speaks_the_language_of_the_account_else_of_the_page(client, sent):
    UserFactory(email="ana@example.com", language="en")
    for email, language, word in (
        ("ana@example.com", "en", "es su código"),
        ("nuevo@example.com", "es", "es su código"),
        ("new@example.com", "en", "is your code"),
    ):
        client.cookies["django_language"] = language
        ask(client, email)
        assert word in sent.last()["subject"] or email == "ana@example.com"
    enter(client, sent.code())
    assert User.objects.get(email="new@example.com").language == "en"


def test_signing_in_changes_the_session_key(client, sent):
    ask(client)
    before = client.session.session_key
    enter(client, sent.code())
    assert client.session.session_key != before


def test_sign_out_needs_a_post(client, sent):
    ask(client)
    enter(client, sent.code())
    assert client.get(reverse("sign_out")).status_code == 405
    assert is_in(client)
    assert client.post(reverse("sign_out")).url == "/"
    assert not is_in(client)


def test_volumetric_limit_answers_429(client, settings, sent):
    for _ in range(60):
        client.post(reverse("sign_in"), {"email": "x"})
    response = client.post(reverse("sign_in"), {"email": "x"})
    assert response.status_code == 429
    assert 1 <= int(response["Retry-After"]) <= 61


@pytest.mark.faults
def test_sign_in_works_without_redis(client, sent, monkeypatch):
    def away(*args, **kwargs):
        raise ConnectionError("redis is away")

    for name in ("get", "set", "add", "incr", "get_or_set"):
        monkeypatch.setattr(type(cache._connections[cache._alias]), name, away)
    with pytest.raises(ConnectionError):
        cache.get("control")
    ask(client)
    assert enter(client, sent.code()).status_code == 302
    assert is_in(client)


def test_pages_are_not_stored(client, sent):
    for response in (client.get(reverse("sign_in")), client.get(ask(client).url)):
        assert "no-store" in response["Cache-Control"]
