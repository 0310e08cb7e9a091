from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from mexitel.accounts import demo
from mexitel.accounts.models import User
from mexitel.utils.time import now as clock

pytestmark = pytest.mark.django_db


def test_demo_accounts_are_made_again_and_again_without_change():
    demo.make(now=clock())
    before = set(User.objects.values_list("pk", "email"))
    demo.make(now=clock())
    assert set(User.objects.values_list("pk", "email")) == before
    assert {email.rsplit(".", 1)[1] for _pk, email in before} == {"example"}


def test_printed_lines_let_the_administrator_in(client):
    out = StringIO()
    call_command("demo_accounts", "--print", stdout=out)
    assert "madre@familia.example" in out.getvalue()
    boss = next(person for person in demo.DEMOS if person.staff)
    client.post(reverse("staff_sign_in"), {"email": boss.email, "password": demo.password_of(boss)})
    shown = next(code for code in demo.current_codes() if code.email == boss.email)
    assert shown.code in out.getvalue() or shown.seconds_left > 25
    client.post(reverse("mfa_authenticate"), {"code": shown.code})
    assert client.get(reverse("account")).status_code == 200


def test_hooks_get_the_people_by_key(settings):
    settings.DEMO_HOOKS = ["tests.accounts.test_demo.hook"]
    demo.make(now=clock())
    assert seen == sorted(person.key for person in demo.DEMOS)


seen = []


def hook(users, now):
    seen.extend(sorted(users))


def test_demo_accounts_refuse_to_exist_elsewhere(settings):
    settings.EMBEDDED = False
    with pytest.raises(CommandError):
        call_command("demo_accounts")
    with pytest.raises(demo.NotEmbedded):
        demo.current_codes()
    assert not User.objects.exists()
