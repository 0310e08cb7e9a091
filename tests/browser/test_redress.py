"""A cancelled appointment on screen: why, a review, a place before others, and what reviewers and agents see of it."""

import pytest
from django.urls import reverse

from antifraud.models import Appeal, SecondLook, Verdict
from antifraud.redress.links import mark_for
from consulates.models import Role
from mexitel.utils.time import now as clock
from tests.browser.hands import enter, look
from tests.factories.redress import applicant, cancelled
from tests.factories.staff import staff_with

pytestmark = pytest.mark.browser
BIRTHDAY = {"day": "17", "month": "5", "year": "1990"}


def test_person_reads_why_asks_for_a_review_and_takes_a_place(page, live_db, portal, axe, shoot):
    scene = cancelled(now=clock())
    mark = mark_for("person", scene.token.pk)
    address = reverse("cancelled_by_review", args=[mark])
    look(page, portal, axe, shoot, "why", address)
    page.fill("[name=words]", "Es para mi mamá. Nadie nos cobró.")
    page.get_by_role("button", name="Pedir una revisión").click()
    page.get_by_text("Espera respuesta").wait_for()
    look(page, portal, axe, shoot, "asked", address)

    place = reverse("place_by_token", args=[mark, scene.token.pk])
    look(page, portal, axe, shoot, "stranger", place)
    enter(page, portal, applicant())
    look(page, portal, axe, shoot, "show", place)
    for part, typed in BIRTHDAY.items():
        page.fill(f"[name=birth_date_{part}]", typed)
    page.get_by_role("button", name="Es mía").click()
    page.get_by_role("button", name="Sacar esta cita").wait_for()
    look(page, portal, axe, shoot, "choose", place)
    page.locator("[name=slot]").first.check()
    page.get_by_role("button", name="Sacar esta cita").click()
    page.get_by_text("La cita está hecha.").wait_for()
    look(page, portal, axe, shoot, "used", place)
    look(page, portal, axe, shoot, "mine", reverse("my_appointments"))


def test_reviewers_and_agents(page, live_db, portal, axe, shoot):
    scene = cancelled(people=3, now=clock())
    SecondLook.objects.create(
        case=scene.case, lot=1, drawn_at=clock(), first_by=scene.decision.author, first_verdict=Verdict.BROKER
    )
    enter(page, portal, scene.account)
    look(page, portal, axe, shoot, "beside", reverse("my_appointments"))
    enter(page, portal, staff_with(Role.PHONE_AGENT))
    look(page, portal, axe, shoot, "caller", reverse("staff_review_caller"))
    look(page, portal, axe, shoot, "ask", reverse("staff_review_ask", args=[scene.token.pk]))
    page.check("[name=caller][value=booker]")
    page.fill("[name=words]", "Dice que es para su familia.")
    page.get_by_role("button", name="Mandarla a quienes revisan").click()
    page.get_by_text("Anotado.").wait_for()

    enter(page, portal, staff_with(Role.REVIEWER))
    look(page, portal, axe, shoot, "appeals", reverse("staff_appeals"))
    look(page, portal, axe, shoot, "appeal", reverse("staff_appeal", args=[Appeal.objects.get().pk]))
    look(page, portal, axe, shoot, "second_looks", reverse("staff_second_looks"))
    look(page, portal, axe, shoot, "second_look", reverse("staff_second_look", args=[scene.case.pk]))
    page.check("[name=verdict][value=legitimate]")
    page.fill("[name=note]", "Es una familia.")
    page.get_by_role("button", name="Guardar").click()
    page.get_by_text("Guardado.").wait_for()
    enter(page, portal, staff_with(Role.SENIOR_REVIEWER))
    look(page, portal, axe, shoot, "settle", reverse("staff_second_look", args=[scene.case.pk]))
