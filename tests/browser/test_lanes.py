"""Steps and lanes on screen: work done by the device and by waiting, a code, a call, helpers and shared devices."""

import json
import re
from dataclasses import replace

import pytest
from django.core.cache import cache
from django.urls import reverse

from antifraud.lanes import devices, heat, helping
from antifraud.models import BlockReason, Step
from antifraud.names import target_of
from antifraud.services.blocks import propose_block
from appointments.drafts import save_draft
from appointments.models import Appointment, Hold
from appointments.services import hold_seats
from appointments.services.hold import Wish
from consulates.models import OfficeLine, Role
from mexitel.outbox.models import OutgoingMessage
from mexitel.utils.time import now as clock
from tests.browser.hands import enter, look
from tests.factories import appointments as make
from tests.factories.accounts import UserFactory
from tests.factories.staff import staff_with

pytestmark = pytest.mark.browser


def held_with_answers(user, names):
    at = make.slot(seats=len(names))
    OfficeLine.objects.get_or_create(
        consulate=at.consulate, defaults={
            "phone": "+19155330142", "hours_es": "Lun a vie, 8:00 a 17:00", "hours_en": "Mon to Fri, 8 to 5",
            "updated_at": clock(), "updated_by": UserFactory(staff=True),
        }
    )  # fmt: skip
    party = hold_seats(
        account=user, wishes=[Wish(at.pk, len(names))], procedure_id=make.offered(at).pk, now=clock()
    )  # fmt: skip
    people = {n: [replace(make.entry(given), surname_1=name)] for n, (given, name) in enumerate(names, start=1)}
    save_draft(user, people, now=clock())
    return Hold.objects.get(pk=party.hold_id)


def test_the_device_works_and_the_time_is_kept(page, live_db, portal, axe, shoot, settings):
    settings.HOLD_HEAT = [0, 0]
    heat._told.clear()
    cache.clear()
    user, at = UserFactory(), make.slot()
    enter(page, portal, user)
    day = reverse("office_day", args=[at.consulate.code, at.session.date])
    page.goto(f"{portal.url}{day}?tramite={make.offered(at).code}")
    page.locator("button.mx-time").first.click()
    page.wait_for_url("**/apartado/**")
    assert Step.objects.get().kind == "work"
    assert Hold.objects.get().account == user


def test_without_javascript_the_page_says_to_wait(page_without_javascript, live_db, portal, shoot):
    page = page_without_javascript
    enter(page, portal, UserFactory())
    page.goto(portal.url + reverse("step_work"))
    shoot(page, "work")
    page.get_by_role("button", name="Continuar").click()
    page.get_by_text("segundos y después presione").wait_for()
    assert not Step.objects.exists()


def test_a_code_by_phone_and_the_booking_goes_on(page, live_db, portal, axe, shoot):
    user = UserFactory()
    held = held_with_answers(user, [("Ada", "Ríos"), ("Juan", "Solís"), ("Inés", "Vega")])
    enter(page, portal, user)
    page.goto(portal.url + reverse("hold_check", args=[held.pk]))
    page.get_by_role("button", name="Sacar las 3 citas").click()
    page.get_by_role("heading", level=1, name="Un paso antes de sacar la cita").wait_for()
    look(page, portal, axe, shoot, "phone", reverse("step_up", args=[held.pk]))
    page.fill("[name=phone]", "213 555 0142")
    page.get_by_role("button", name="Enviar el código").click()
    page.locator("[name=code]").wait_for()
    look(page, portal, axe, shoot, "code", reverse("step_up", args=[held.pk]))
    sent = OutgoingMessage.objects.filter(channel="sms").latest("id")
    page.fill("[name=code]", re.search(r"\b\d{6}\b", json.loads(sent.body)["text"]).group())
    page.keyboard.press("Enter")
    page.wait_for_url("**/cita/**")
    assert Appointment.objects.count() == 3


def test_a_call_page_has_the_telephone_and_what_to_say(page, live_db, portal, axe, shoot):
    user = UserFactory()
    held = held_with_answers(user, [("Ada", "Ríos")])
    propose_block(
        target=target_of("mailbox", user.email), reason=BlockReason.values[0], note="-", by=None, now=clock()
    )  # fmt: skip
    enter(page, portal, user)
    look(page, portal, axe, shoot, "call", reverse("step_up", args=[held.pk]))


def test_helpers_and_shared_devices(page, live_db, portal, axe, shoot):
    user = UserFactory(with_phone=True)
    look(page, portal, axe, shoot, "helpers", reverse("helpers"))
    look(page, portal, axe, shoot, "device", reverse("device_join"))
    enter(page, portal, user)
    look(page, portal, axe, shoot, "register", reverse("helper_own"))
    asked = helping.ask(account=user, name="Ada Ríos", organisation="Biblioteca", place="El Paso, TX", now=clock())
    look(page, portal, axe, shoot, "asked", reverse("helper_own"))
    enter(page, portal, staff_with(Role.REVIEWER))
    look(page, portal, axe, shoot, "staff-helpers", reverse("staff_helpers"))
    look(page, portal, axe, shoot, "staff-helper", reverse("staff_helper", args=[asked.pk]))
    office = make.office()
    planner = staff_with(Role.PLANNER, office)
    lane = devices.open_terminal(
        office=office, place="Biblioteca Pública", organisation="Condado", by=planner, now=clock()
    )  # fmt: skip
    enter(page, portal, planner)
    look(page, portal, axe, shoot, "lane-new", reverse("staff_lane_new"))
    look(page, portal, axe, shoot, "lane", reverse("staff_lane", args=[lane.pk]))
    look(page, portal, axe, shoot, "lanes", reverse("staff_lanes"))
