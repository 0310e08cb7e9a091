"""Somebody opens the link on a phone, without JavaScript; an agent calls; the desk looks at an ID."""

import pytest
from django.urls import reverse

from antifraud.models import IdentityRequest
from antifraud.validation.answers import Charge, say_no
from antifraud.validation.asking import ask_people
from antifraud.validation.tokens import token_for
from consulates.models import Role, Session
from consulates.wording import local_day
from mexitel.utils.time import now as clock
from tests.browser.hands import enter
from tests.factories.staff import staff_with
from tests.factories.validation import BORN, asked_by_call, asked_by_sms, told_right

pytestmark = pytest.mark.browser


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def look(page, axe, shoot, name):
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 800})
        axe(page)
        assert fits(page), f"{name} is wider than {width}"
    shoot(page, name)


def write(page, born, proof):
    for part in ("day", "month", "year"):
        page.fill(f"[name=born_{part}]", str(getattr(born, part)))
    page.fill("[name=proof]", proof)


def test_person_confirms_on_a_phone_without_javascript(page, live_db, portal, axe, shoot):
    asked = asked_by_sms(now=clock()).requests.get()
    address = portal.url + reverse("identity_answer", args=[token_for(asked.pk)])
    phone = page.context.browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    hand = phone.new_page()
    hand.goto(address)
    write(hand, BORN, "Zoila")
    hand.get_by_role("button", name="Sí, yo la pedí").click()
    hand.get_by_text("Puede intentar 4 veces más").first.wait_for()
    write(hand, BORN, told_right(asked).proof)
    hand.get_by_text("¿Alguien le cobró? (no tiene que decirlo)").click()
    hand.get_by_label("Sí", exact=True).check()
    hand.get_by_role("button", name="Sí, yo la pedí").click()
    hand.get_by_role("heading", level=1, name="Gracias. La cita está confirmada").wait_for()
    phone.close()

    asked.refresh_from_db()
    assert (asked.state, asked.tries, asked.charged) == ("confirmed", 1, "yes")


def test_every_stage_of_the_page_is_fit_to_read(page, live_db, portal, axe, shoot):
    asked = asked_by_sms(now=clock()).requests.get()
    address = portal.url + reverse("identity_answer", args=[token_for(asked.pk)])
    page.goto(address)
    look(page, axe, shoot, "asked")
    page.get_by_role("button", name="Sí, yo la pedí").click()
    page.locator("[data-mx-error-summary]").wait_for()
    look(page, axe, shoot, "missing")
    IdentityRequest.objects.update(tries=5)
    page.goto(address)
    look(page, axe, shoot, "too-many")
    page.get_by_role("button", name="Que me llamen").click()
    page.get_by_role("heading", level=1, name="Le vamos a llamar").wait_for()
    look(page, axe, shoot, "called")
    IdentityRequest.objects.update(asked_by="sms", tries=0)
    say_no(request_id=asked.pk, charge=Charge("yes", 80), now=clock())
    page.goto(address)
    look(page, axe, shoot, "denied")


def test_agent_calls_and_the_desk_sees_the_mark(page, live_db, portal, axe, shoot, monkeypatch):
    for module in ("calling", "staff_views"):
        monkeypatch.setattr(f"antifraud.validation.{module}.is_night", lambda at, zone_name: False)
    asked = asked_by_call().requests.select_related("appointment__session__consulate").get()
    IdentityRequest.objects.update(send_at=clock())
    office = asked.appointment.session.consulate
    enter(page, portal, staff_with(Role.DESK_CLERK, office))
    page.goto(portal.url + reverse("staff_identity_calls"))
    look(page, axe, shoot, "calls")
    page.locator("main ul a").first.click()
    look(page, axe, shoot, "before")
    page.get_by_role("button", name="Empezar la llamada").click()
    page.get_by_role("heading", name="Escriba lo que oye").wait_for()
    look(page, axe, shoot, "script")
    page.get_by_role("button", name="Prefiere identificarse en la ventanilla").click()
    page.get_by_text("Anotado: la persona se identifica en la ventanilla.").wait_for()

    zone_name = asked.appointment.session.time_zone
    Session.objects.update(date=local_day(clock(), zone_name), starts_at=clock())
    page.goto(portal.url + reverse("staff_visit", args=[office.code, asked.appointment_id]))
    page.get_by_text("Identificar en ventanilla").first.wait_for()
    look(page, axe, shoot, "desk")
    page.get_by_role("button", name="Se identificó").click()
    page.get_by_text("anotado").first.wait_for()
    assert IdentityRequest.objects.get().state == "shown"
    assert ask_people(case=asked.case, appointment_ids=[], by=None, now=clock()) == []
