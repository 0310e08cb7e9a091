"""Django's admin: closed to everybody but administrators of the network, at every one of its addresses."""

import time

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import get_resolver, reverse

from appointments.models import Appointment
from consulates.models import Assignment, Consulate, Role
from mexitel.accounts.models import User
from mexitel.audit.models import AuditLine
from tests.factories import appointments as make
from tests.factories.accounts import UserFactory, sign_in
from tests.factories.consulates import ConsulateFactory
from tests.factories.staff import LONG_AGO, staff_with

pytestmark = pytest.mark.django_db
OTHERS = [role for role in Role if role != Role.ADMINISTRATOR]
SAMPLES = {
    "object_id": "1", "app_label": "consulates", "content_type_id": 1, "url": "x", "user_id": "1",
}  # fmt: skip


def addresses():
    """Every named address of the site, with an argument for each part that wants one."""
    [site] = [entry for entry in get_resolver().url_patterns if getattr(entry, "namespace", None) == "admin"]
    found = {}

    def collect(entries, before):
        for entry in entries:
            if hasattr(entry, "url_patterns"):
                collect(entry.url_patterns, before + str(entry.pattern))
                continue
            text = before + str(entry.pattern)
            for name, value in SAMPLES.items():
                for converter in ("path:", "int:", "str:", ""):
                    text = text.replace(f"<{converter}{name}>", str(value))
            found[entry.name or text] = "/administracion/" + text.replace("^(?P<app_label>", "").replace("\\Z", "")

    collect(site.url_patterns, "")
    return {
        name: reverse("admin:app_list", args=["consulates"]) if name == "app_list" else url
        for name, url in found.items()
        if "(?P" not in url or name == "app_list"
    }


ADDRESSES = {name: url for name, url in addresses().items() if name != "login"}


@pytest.fixture
def boss():
    user = UserFactory(staff=True)
    Assignment.objects.create(user=user, role=Role.ADMINISTRATOR, starts_at=LONG_AGO)
    return user


def booked():
    return make.book(make.account("solicitante@example.com"), make.slot())


def test_there_are_addresses_of_every_table():
    names = {name for name in ADDRESSES if name.endswith("_changelist")}

    assert names == {
        f"{app}_{model}_changelist"
        for app, models in {
            "accounts": ["user"],
            "appointments": ["appointment", "capoverride", "hold", "scope"],
            "audit": ["entry"],
            "consulates": ["assignment", "consulate", "procedure", "recovery", "session", "slot"],
            "outbox": ["outgoingmessage"],
        }.items()
        for model in models
    }


@pytest.mark.parametrize("method", ["get", "post"])
def test_every_address_refuses_every_other_role(method):
    office = ConsulateFactory()
    clients = {
        (role, where): sign_in(Client(), staff_with(role, office if where == "office" else None))
        for role in OTHERS
        for where in ("office", "network")
        if where == "network" or role not in Role.of_the_network()
    }
    clients["citizen", ""] = sign_in(Client(), UserFactory())
    clients["flag without role", ""] = sign_in(Client(), UserFactory(superuser=True, second_factor=False))
    wrong = [
        (who, name, status)
        for who, client in clients.items()
        for name, url in ADDRESSES.items()
        if (status := getattr(client, method)(url).status_code) != 403
    ]

    assert wrong == []


def test_every_address_sends_strangers_to_the_sign_in_of_staff():
    answers = {name: Client().get(url) for name, url in ADDRESSES.items()}

    assert {name: a.status_code for name, a in answers.items() if a.status_code != 302} == {}
    assert all(a.url.startswith(reverse("staff_sign_in")) for a in answers.values())


@pytest.mark.parametrize(
    "name", sorted(n for n in ADDRESSES if n.endswith("_changelist") or n in ("index", "app_list"))
)
def test_administrator_opens_every_list(client, boss, name):
    booked()
    sign_in(client, boss)

    assert client.get(ADDRESSES[name]).status_code == 200
    if name.endswith("_changelist"):
        assert client.get(ADDRESSES[name], {"q": "1"}).status_code == 200


def test_role_of_this_moment_decides_and_not_the_flag(client, boss):
    User.objects.filter(pk=boss.pk).update(is_superuser=True)
    sign_in(client, boss)
    assert client.get(reverse("admin:index")).status_code == 200
    boss.assignments.update(ends_at=LONG_AGO)
    assert client.get(reverse("admin:index")).status_code == 403


def office_form(office, **changes):
    names = (
        "kind", "name_es", "name_en", "city", "state", "street_address", "postal_code", "latitude", "longitude",
        "time_zone", "phone", "email", "address_basis", "source",
    )  # fmt: skip
    return {**{name: getattr(office, name) for name in names}, "opened_on": "", "closed_on": "", **changes}


def test_change_leaves_a_line_and_a_history_without_what_was_typed(client, boss):
    office = ConsulateFactory()
    sign_in(client, boss)
    url = reverse("admin:consulates_consulate_change", args=[office.pk])
    assert client.post(url, office_form(office, phone="+17135550199", name_es="Ana Ríos")).status_code == 302

    assert Consulate.objects.get().phone == "+17135550199"
    line = AuditLine.objects.get(action="admin.change")
    assert (line.actor_id, line.object_type, line.object_id) == (boss.pk, "consulates.consulate", str(office.pk))
    entry = LogEntry.objects.get()
    assert "Ana" not in f"{entry.object_repr} {entry.change_message}"
    assert "7135550199" not in f"{entry.object_repr} {entry.change_message}"
    assert client.get(reverse("admin:consulates_consulate_history", args=[office.pk])).status_code == 200


def test_suspending_leaves_a_line_and_no_address_in_the_history(client, boss):
    user = UserFactory(email="ana@example.com")
    sign_in(client, boss)
    chosen = {"action": "suspend", "_selected_action": [user.pk, boss.pk], "select_across": "0", "index": "0"}
    assert client.post(reverse("admin:accounts_user_changelist"), chosen).status_code == 302

    user.refresh_from_db()
    boss.refresh_from_db()
    assert (user.is_active, boss.is_active) == (False, True)
    assert AuditLine.objects.filter(action="admin.change").count() == 1
    assert "ana@" not in LogEntry.objects.get().object_repr
    client.post(reverse("admin:accounts_user_changelist"), {**chosen, "action": "let_in"})
    user.refresh_from_db()
    assert user.is_active


def test_who_left_is_not_let_in_here(client, boss):
    left = UserFactory(is_active=False)
    Assignment.objects.create(user=left, role=Role.PLANNER, starts_at=LONG_AGO, ends_at=LONG_AGO)
    sign_in(client, boss)
    chosen = {"action": "let_in", "_selected_action": [left.pk], "select_across": "0", "index": "0"}
    client.post(reverse("admin:accounts_user_changelist"), chosen)
    left.refresh_from_db()
    assert not left.is_active


def test_flags_cannot_be_set_by_a_forged_form(client, boss):
    user = UserFactory()
    sign_in(client, boss)
    url = reverse("admin:accounts_user_change", args=[user.pk])
    client.post(url, {"language": "es", "is_active": "on", "is_staff": "on", "is_superuser": "on"})
    user.refresh_from_db()
    assert (user.is_staff, user.is_superuser) == (False, False)


def test_looking_at_an_appointments_people_leaves_a_line(client, boss):
    [pk] = booked()
    sign_in(client, boss)
    page = client.get(reverse("admin:appointments_appointment_changelist")).content.decode()
    assert "Prueba" not in page
    page = client.get(reverse("admin:appointments_appointment_change", args=[pk])).content.decode()
    assert "Prueba" in page

    found = AuditLine.objects.filter(action="admin.see").get()
    assert (found.object_type, found.object_id) == ("appointments.appointment", str(pk))


@pytest.mark.parametrize("name", ["appointments_appointment", "appointments_hold", "consulates_session", "audit_entry"])
def test_tables_for_reading_take_no_write(client, boss, name):
    booked()
    sign_in(client, boss)
    pk = Appointment.objects.get().pk if name == "appointments_appointment" else 1
    for verb, arguments in (("add", []), ("change", [pk]), ("delete", [pk])):
        answer = client.post(reverse(f"admin:{name}_{verb}", args=arguments), {"status": "cancelled"})
        assert answer.status_code in {302, 403}
    assert Appointment.objects.get().status == "booked"
    assert not LogEntry.objects.exists()


def test_messages_show_neither_recipient_nor_words(client, boss):
    from mexitel.outbox.services import send_mail
    from mexitel.utils.time import now

    send_mail(to="ana@example.com", subject="Código 123456", text="123456", language="es", now=now(), kind="x_code")
    sign_in(client, boss)
    listed = client.get(reverse("admin:outbox_outgoingmessage_changelist")).content.decode()
    from mexitel.outbox.models import OutgoingMessage

    url = reverse("admin:outbox_outgoingmessage_change", args=[OutgoingMessage.objects.get().pk])
    page = client.get(url).content.decode() + listed
    assert "x_code" in page
    assert "ana@example.com" not in page
    assert "123456" not in page


def test_tables_of_libraries_stay_out():
    assert {model._meta.app_label for model in admin.site._registry} == {
        "accounts", "appointments", "audit", "consulates", "outbox",
    }  # fmt: skip


def test_write_asks_for_the_second_factor_again(client, boss):
    office = ConsulateFactory()
    sign_in(client, boss)
    session = client.session
    at = time.time() - 11 * 60
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "password", "at": at}, {"method": "mfa", "at": at}]
    session.save()
    url = reverse("admin:consulates_consulate_change", args=[office.pk])
    assert client.get(url).status_code == 200
    answer = client.post(url, office_form(office, name_es="Otra"))
    assert answer.url.startswith(reverse("mfa_reauthenticate"))
    assert Consulate.objects.get().name_es != "Otra"


def test_only_answers_of_the_admin_have_the_looser_policy(client, boss):
    sign_in(client, boss)
    policy = client.get(reverse("admin:index"))["Content-Security-Policy"]
    assert "script-src 'self' 'unsafe-eval'" in policy
    script = next(part for part in policy.split(";") if "script-src" in part)
    assert "unsafe-inline" not in script
    for name in ("staff_home", "home", "staff_people"):
        assert "unsafe" not in client.get(reverse(name))["Content-Security-Policy"]
    assert "unsafe" not in Client().get(reverse("admin:index"), follow=True)["Content-Security-Policy"]
