"""The desk by keyboard alone: from the queue to a cancellation, on a phone and on a desk, with and without scripts."""

import itertools
import re
from datetime import timedelta

import pytest
from django.urls import reverse

from antifraud.desk.deciding import Choice, decide
from antifraud.desk.views.shared import account_mark
from antifraud.models import Act, Case, Decision, Link, Standing
from antifraud.services.cases import Found, reassess
from appointments.models import Attendee
from consulates.models import Role
from mexitel.utils.time import now as clock
from tests.browser.hands import enter, look, reach, strike
from tests.factories.cases import REASONS, suspected
from tests.factories.staff import staff_with

pytestmark = pytest.mark.browser
NAMES = ("Ada", "Beto", "Carmen", "Diego", "Elsa", "Fabio", "Gloria", "Hugo", "Irma")
SURNAMES = ("Quiroga", "Bonilla", "Zavala", "Urrutia", "Ibarra")
NOTE = "Un buzón y tres aparatos para familias que no se conocen."


def broker():
    """Nine accounts, two mailboxes, a device and three trades; a family and strangers attend."""
    now = clock()
    case = suspected(people=9, now=now - timedelta(hours=5))
    ids = sorted(str(pk) for pk in case.accounts.values_list("account_id", flat=True))
    pairs = [("email", pair) for group in (ids[:5], ids[5:]) for pair in itertools.combinations(group, 2)]
    pairs += [("device", pair) for pair in itertools.combinations(ids[2:6], 2)]
    pairs += [("transfer", pair) for pair in ((ids[0], ids[6]), (ids[1], ids[8]))]
    Link.objects.bulk_create(
        Link(a=min(a, b), b=max(a, b), kind=kind, weight=10 if kind == "email" else 5, first_seen=case.opened_at,
             last_seen=now, expires_at=now + timedelta(days=180))
        for kind, (a, b) in pairs
    )  # fmt: skip
    found = Found(1, 14.5, [*REASONS, {"code": "E1", "group": "applicants", "points": 4.0,
                  "evidence": {"families": 5, "people": 9}}], {"booked": 9, "families": 5})  # fmt: skip
    for place, who in enumerate(Attendee.objects.filter(appointment__in=case.appointments.values("appointment_id"))):
        who.given_names, who.surname_1, who.surname_2 = NAMES[place % 9], SURNAMES[place // 2 % 5], ""
        who.save()
    reassess(case=case, found=found, now=now)
    return case


def test_case_goes_from_the_queue_to_a_cancellation_by_keyboard_alone(page, live_db, portal, axe):
    case, ana = broker(), staff_with(Role.REVIEWER)
    enter(page, portal, ana)
    page.goto(portal.url + reverse("staff_cases"))
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.textContent").startswith("Cuatro cuentas usan variantes")
    page.keyboard.press("?")
    page.get_by_text("siguiente y anterior en una lista").wait_for()
    strike(page, "t")
    assert Case.objects.get(pk=case.pk).is_with(ana.pk, now=clock())
    page.get_by_role("heading", level=1, name=re.compile("^Cuatro cuentas")).wait_for()
    axe(page)
    strike(page, "c")
    page.get_by_role("heading", level=1, name="Cancelar citas").wait_for()
    axe(page)
    reach(page, "[name=reason]")
    page.keyboard.press("Space")
    reach(page, "[name=note]")
    page.keyboard.type(NOTE + " Cdabv?")  # letters are letters while somebody writes
    reach(page, "form button.govuk-button--warning")
    strike(page, "Enter")
    page.get_by_text("Hecho: Cancelar citas.").wait_for()
    axe(page)
    assert Decision.objects.get(case=case).done_at
    assert set(case.appointments.values_list("standing", flat=True)) == {Standing.CANCELLED}


def test_pages_of_the_desk_fit_a_phone_and_a_desk(page, live_db, portal, axe, shoot):
    case, senior = broker(), staff_with(Role.SENIOR_REVIEWER)
    near = suspected(people=2, starts_at=clock() + timedelta(days=1))
    decide(
        case_id=near.pk, choice=Choice(Act.CANCEL, "hoarded", NOTE, also=(Act.BLOCK,)),
        reviewer=staff_with(Role.REVIEWER), now=clock(),
    )  # fmt: skip
    enter(page, portal, senior)
    mark = account_mark(case.accounts.first().account_id)
    look(page, portal, axe, shoot, "queue", reverse("staff_cases"))
    look(page, portal, axe, shoot, "case", reverse("staff_case", args=[case.pk]))
    look(page, portal, axe, shoot, "without", reverse("staff_case", args=[case.pk]) + "?sin=A1&sin=E1")
    look(page, portal, axe, shoot, "cancel", reverse("staff_case_decide", args=[case.pk, "cancelar"]))
    look(page, portal, axe, shoot, "decisions", reverse("staff_decisions"))
    look(page, portal, axe, shoot, "decision", reverse("staff_decision", args=[Decision.objects.order_by("pk")[0].pk]))
    look(page, portal, axe, shoot, "find", reverse("staff_accounts"))
    look(page, portal, axe, shoot, "account", reverse("staff_account", args=[mark]))


def test_desk_works_without_scripts(page_without_javascript, live_db, portal):
    case, page = broker(), page_without_javascript
    enter(page, portal, staff_with(Role.REVIEWER))
    page.goto(portal.url + reverse("staff_cases"))
    page.get_by_role("button", name="Tomar el siguiente").click()
    page.get_by_role("link", name="Cancelar citas").click()
    page.locator("[name=reason]").first.check()
    page.fill("[name=note]", NOTE)
    page.get_by_role("button", name="Cancelar citas").click()
    page.get_by_text("Hecho: Cancelar citas.").wait_for()
    assert Case.objects.get(pk=case.pk).is_closed
