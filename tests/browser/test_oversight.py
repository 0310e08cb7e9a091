"""Rules, dashboard, reports and the public pages on screen, on a phone and on a desk."""

from datetime import timedelta

import pytest
from django.urls import reverse

from antifraud.models import ChargeReport
from antifraud.oversight import rules
from antifraud.oversight.rehearsing import run_waiting
from antifraud.oversight.reports import file_report
from consulates.models import Role
from mexitel.utils.time import now as clock
from tests.antifraud.test_oversight_pages import closed
from tests.antifraud.test_oversight_rules import events, of_the_code
from tests.browser.hands import enter, look
from tests.factories.staff import staff_with

pytestmark = pytest.mark.browser


def test_anybody_tells_of_a_charge_without_script(page, live_db, portal, axe, shoot):
    look(page, portal, axe, shoot, "charged", reverse("charged"))
    page.get_by_label("WhatsApp o mensaje de texto").check()
    page.fill("[name=words]", "Me pidió 60 dólares por la cita de mi mamá.")
    page.get_by_role("button", name="Enviar").click()
    page.get_by_role("heading", level=1, name="Gracias. Ya tenemos su reporte.").wait_for()
    axe(page)
    assert ChargeReport.objects.get().how == "whatsapp"
    look(page, portal, axe, shoot, "thanks", reverse("charged_thanks"))
    look(page, portal, axe, shoot, "figures", reverse("fairness_figures"))


def test_reviewer_reads_the_dashboard_reports_and_rules(page, live_db, portal, axe, shoot):
    for number in range(3):
        closed("broker", now=clock() - timedelta(hours=6), people=number + 1)
    closed("legitimate", now=clock() - timedelta(hours=6))
    author = staff_with(Role.REVIEWER)
    drafted = rules.draft(
        data=of_the_code() | {"threshold": 9}, note="Menos casos por el ritmo.", by=author, now=clock()
    )
    rules.edit(
        number=drafted.number, data=of_the_code() | {"threshold": 40}, note="Solo los más claros.", by=author,
        now=clock(),
    )  # fmt: skip
    rules.ask_rehearsal(number=drafted.number, by=author, now=clock())
    run_waiting(now=clock(), clock=clock, history=lambda since: events())
    report = file_report(how="facebook", dollars=60, contact="+13125550147", words="Me pidió dinero.", now=clock())

    enter(page, portal, staff_with(Role.SENIOR_REVIEWER))
    look(page, portal, axe, shoot, "dashboard", reverse("staff_dashboard"))
    look(page, portal, axe, shoot, "reports", reverse("staff_reports"))
    look(page, portal, axe, shoot, "report", reverse("staff_report", args=[report.pk]))
    look(page, portal, axe, shoot, "rules", reverse("staff_rulesets"))
    look(page, portal, axe, shoot, "rules-form", reverse("staff_ruleset_new"))
    look(page, portal, axe, shoot, "rules-one", reverse("staff_ruleset", args=[drafted.number]))
    page.get_by_label("Leí qué cambia y a quiénes alcanzaría, y estoy de acuerdo.").check()
    page.get_by_role("button", name="Publicar las reglas").click()
    page.get_by_text("Publicadas.").wait_for()
    axe(page)
    assert rules.standing(now=clock()).number == drafted.number
