from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.contrib.auth import authenticate
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from mexitel.accounts import forms
from mexitel.accounts.models import User
from mexitel.accounts.second_factor import totp_at, use_code
from mexitel.accounts.views import staff as views
from mexitel.utils.time import now as clock
from tests.accounts.conftest import ELSEWHERE
from tests.factories.accounts import PASSWORD, TOTP_SECRET, UserFactory, sign_in, totp_code

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss():
    return UserFactory(email="jefa@example.com", superuser=True)


def give_password(client, email="jefa@example.com", password=PASSWORD, **more):
    return client.post(reverse("staff_sign_in"), {"email": email, "password": password, **more})


def give_code(client, code):
    return client.post(reverse("mfa_authenticate"), {"code": code})


def is_in(client):
    return "_auth_user_id" in client.session


def test_password_and_second_factor_open_the_admin(client, boss):
    assert give_password(client, next="/cuenta/").url == reverse("mfa_authenticate")
    assert not is_in(client)
    assert client.get(reverse("mfa_authenticate")).status_code == 200
    assert give_code(client, totp_code(boss)).url == "/cuenta/"
    assert client.get(reverse("account")).status_code == 200
    assert client.session.get_expire_at_browser_close()


def test_wrong_second_factor_opens_nothing(client, boss):
    give_password(client)
    code = totp_code(boss)
    response = give_code(client, f"{(int(code) + 1) % 10**6:06}")
    assert response.status_code == 200
    assert "govuk-error-summary" in response.content.decode()
    assert not is_in(client)
    assert client.get(reverse("account")).status_code == 302


@pytest.mark.parametrize("code", ["", "\x00", "9" * 300, "１２３４５６"])
def test_nonsense_as_second_factor_is_explained(client, boss, code):
    give_password(client)
    assert give_code(client, code).status_code == 200
    assert not is_in(client)


def test_second_factor_code_works_once(boss, now):
    code = totp_at(TOTP_SECRET, now)
    assert use_code(user=boss, code=code, now=now)
    assert use_code(user=boss, code=code, now=now) is None
    assert use_code(user=boss, code=totp_at(TOTP_SECRET, now - timedelta(seconds=30)), now=now) is None
    assert use_code(user=boss, code=totp_at(TOTP_SECRET, now + timedelta(seconds=30)), now=now)


def test_second_factor_code_of_a_minute_ago_is_too_old(boss, now):
    assert use_code(user=boss, code=totp_at(TOTP_SECRET, now - timedelta(seconds=61)), now=now) is None


def test_recovery_code_works_once(client, boss, now):
    RecoveryCodes.activate(boss)
    code = Authenticator.objects.get(user=boss, type="recovery_codes").wrap().get_unused_codes()[0]
    give_password(client)
    give_code(client, code)
    assert is_in(client)
    assert use_code(user=boss, code=code, now=now) is None


def test_secrets_of_the_second_factor_are_encrypted(boss):
    assert TOTP_SECRET not in str(Authenticator.objects.get(user=boss).data)


def test_second_factor_tries_are_few_even_without_redis(client, boss, monkeypatch):
    def away(*args, **kwargs):
        raise ConnectionError("redis is away")

    for name in ("get", "set", "add", "incr", "get_or_set", "delete"):
        monkeypatch.setattr(type(cache._connections[cache._alias]), name, away)
    give_password(client)
    code = totp_code(boss)
    for _ in range(6):
        assert give_code(client, f"{(int(code) + 1) % 10**6:06}").status_code == 200
    assert "Espere 15 minutos" in give_code(client, code).content.decode()
    assert not is_in(client)


def test_control_without_the_count_the_right_code_is_accepted(client, boss, monkeypatch):
    monkeypatch.setattr(forms.limits, "take", lambda *args: True)
    give_password(client)
    code = totp_code(boss)
    for _ in range(6):
        give_code(client, f"{(int(code) + 1) % 10**6:06}")
    give_code(client, code)
    assert is_in(client)


def test_wrong_password_unknown_address_and_citizen_get_the_same_answer(boss):
    UserFactory(email="ana@example.com")
    pages = set()
    for email, password in (
        ("jefa@example.com", "wrong"),
        ("nobody@example.com", "wrong"),
        ("ana@example.com", "wrong"),
    ):
        client = Client(REMOTE_ADDR=ELSEWHERE)
        client.get(reverse("staff_sign_in"))
        response = give_password(client, email, password)
        page = response.content.decode().replace(email, "X").split('name="csrfmiddlewaretoken"')
        pages.add((response.status_code, tuple(part[80:] for part in page)))
    assert len(pages) == 1


def test_account_is_closed_for_a_while_after_wrong_passwords_wherever_they_come_from(boss):
    for n in range(8):
        give_password(Client(REMOTE_ADDR=f"198.51.{n}.1"), password="wrong")
    assert give_password(Client(REMOTE_ADDR="192.0.2.1")).status_code == 429
    assert give_password(Client(REMOTE_ADDR="192.0.2.1"), "other@example.com").status_code == 200


def test_client_is_slowed_down_over_all_accounts():
    answers = [give_password(Client(REMOTE_ADDR=ELSEWHERE), f"x{n}@example.com", "wrong") for n in range(31)]
    assert [answer.status_code for answer in answers[:30]] == [200] * 30
    assert answers[30].status_code == 429


def test_known_device_is_not_locked_out_by_strangers(boss):
    home = Client(REMOTE_ADDR="192.0.2.1")
    give_password(home)
    give_code(home, totp_code(boss))
    home.post(reverse("sign_out"))
    for n in range(9):
        give_password(Client(REMOTE_ADDR=f"198.51.{n}.1"), password="wrong")
    assert give_password(home).status_code == 302


def test_right_passwords_are_not_counted(boss):
    for _ in range(12):
        assert give_password(Client(REMOTE_ADDR=ELSEWHERE)).status_code == 302


# No way around the second factor.


def test_citizens_code_never_opens_a_staff_account(client, boss, sent):
    client.post(reverse("sign_in"), {"email": "jefa@example.com"})
    assert "/personal/entrar/" in sent.last()["text"]
    for code in ("000000", "", "123456"):
        client.post(reverse("sign_in_code"), {"code": code})
    assert not is_in(client)


def test_code_asked_before_becoming_staff_is_worthless_after(client, sent):
    user = UserFactory(email="ana@example.com")
    client.post(reverse("sign_in"), {"email": "ana@example.com"})
    User.objects.filter(pk=user.pk).update(is_staff=True)
    client.post(reverse("sign_in_code"), {"code": sent.code()})
    assert not is_in(client)


def test_session_opened_before_becoming_staff_goes_nowhere(client):
    user = UserFactory()
    sign_in(client, user)
    assert client.get(reverse("account")).status_code == 200
    User.objects.filter(pk=user.pk).update(is_staff=True)
    assert client.get(reverse("account")).url == reverse("mfa_activate_totp")


def test_staff_session_without_second_factor_goes_nowhere(client, boss):
    client.force_login(boss)
    for path in ("/", reverse("account"), reverse("sign_in")):
        client.force_login(boss)
        assert client.get(path).url == reverse("staff_sign_in")
        assert not is_in(client)


def test_control_without_the_middleware_that_session_would_be_served(client, boss, settings):
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if not name.endswith("StaffSecondFactor")]
    client.force_login(boss)
    assert client.get(reverse("account")).status_code == 200


def test_second_factor_without_password_on_record_is_not_enough(client, boss):
    sign_in(client, boss)
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": 0}, {"method": "code", "at": 0}]
    session.save()
    assert client.get(reverse("account")).status_code == 302


def test_password_opens_nothing_but_the_staff_page(boss):
    for credentials in (
        {"username": "jefa@example.com", "password": PASSWORD},
        {"email": "jefa@example.com", "password": PASSWORD},
    ):
        assert authenticate(None, **credentials) is None
    assert authenticate(None, staff_email="jefa@example.com", password=PASSWORD) == boss
    citizen = UserFactory(email="ana@example.com")
    citizen.set_password(PASSWORD)
    citizen.save()
    assert authenticate(None, staff_email="ana@example.com", password=PASSWORD) is None


def test_no_page_of_the_library_signs_in_resets_or_removes(boss):
    from django.urls import NoReverseMatch

    for name in ("account_signup", "account_reset_password", "account_request_login_code", "account_change_password"):
        with pytest.raises(NoReverseMatch):
            reverse(name)
    for name in ("account_login", "mfa_deactivate_totp"):
        assert Client().get(reverse(name)).status_code == 302


def test_admin_has_no_door_of_its_own(client, boss, rf):
    from django.contrib import admin
    from django.contrib.auth.models import AnonymousUser
    from django.core.exceptions import PermissionDenied

    request = rf.get("/admin/login/", {"next": "/admin/x/"})
    request.user = AnonymousUser()
    assert admin.site.login(request).url == "/personal/entrar/?next=%2Fadmin%2Fx%2F"
    request.user = UserFactory()
    with pytest.raises(PermissionDenied):
        admin.site.login(request)


def test_new_staff_must_set_up_the_second_factor_first(client):
    newcomer = UserFactory(email="nueva@example.com", staff=True, second_factor=False)
    newcomer.set_password(PASSWORD)
    newcomer.save()
    give_password(client, "nueva@example.com")
    assert is_in(client)
    for name in ("account", "mfa_index", "mfa_view_recovery_codes"):
        assert client.get(reverse(name)).url == reverse("mfa_activate_totp")
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    assert "<svg" in page
    secret = client.session["mfa.totp.secret"]
    response = client.post(reverse("mfa_activate_totp"), {"code": totp_at(secret, clock())})
    assert response.url == reverse("mfa_view_recovery_codes")
    assert client.get(response.url).status_code == 200
    assert client.get(reverse("account")).status_code == 200


def test_second_factor_cannot_be_removed_by_its_owner(client, boss):
    sign_in(client, boss)
    assert client.post(reverse("mfa_deactivate_totp")).url == reverse("mfa_index")
    assert Authenticator.objects.filter(user=boss).exists()


def test_staff_changes_are_told_by_mail(client, boss, sent, django_capture_on_commit_callbacks):
    sign_in(client, boss)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("mfa_generate_recovery_codes"))
    assert sent.all("staff_security")[-1].recipient == "jefa@example.com"


@pytest.mark.parametrize("url", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_next_never_leaves_the_site(client, boss, url):
    give_password(client, next=url)
    assert "evil" not in give_code(client, totp_code(boss)).url


@pytest.mark.parametrize(("email", "password"), [("", ""), ("a\x00@example.com", "x"), ("jefa@example.com", "\x00")])
def test_bad_input_is_explained(client, boss, email, password):
    response = give_password(client, email, password)
    assert response.status_code == 200
    assert "govuk-error-summary" in response.content.decode()


def test_suspended_staff_stay_out(client, boss):
    User.objects.filter(pk=boss.pk).update(is_active=False)
    assert give_password(client).status_code == 200
    assert not is_in(client)


def test_argon2_keeps_the_passwords():
    from mexitel.settings import security

    assert security.PASSWORD_HASHERS[0].endswith("Argon2PasswordHasher")
    assert views.StaffSignIn
