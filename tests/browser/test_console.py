"""An agent books for a known caller by keys alone, on four pages; without JavaScript the same with Tab and Enter."""

import pytest
from django.test import Client

from appointments.models import Appointment
from appointments.services.applicants import save_applicant
from consulates.models import Role
from mexitel.utils.time import now as clock
from tests.factories.accounts import UserFactory, sign_in
from tests.factories.scenes import ADA, houston
from tests.factories.staff import staff_with

pytestmark = pytest.mark.browser
# Everything that is pressed, a digit of the telephone number included.
MOST_KEYS = 45


class Keyboard:
    def __init__(self, page) -> None:
        self.page, self.pressed = page, 0

    def write(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.pressed += len(text)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed += 1

    def go(self, key: str) -> None:
        """A key that brings another page."""
        with self.page.expect_navigation():
            self.press(key)


@pytest.fixture
def scene(live_db):
    return houston(windows=9)


def signed_in(page, portal):
    agent = staff_with(Role.PHONE_AGENT)
    client = sign_in(Client(), agent)
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": portal.url}])
    return agent


def known_caller(scene):
    caller = UserFactory(with_phone=True)
    save_applicant(account=caller, entry=ADA, today=scene.first.date, now=clock())
    return caller


def test_known_caller_is_booked_by_keys_alone_on_four_pages(page, portal, scene, axe):
    caller, agent, keys = known_caller(scene), signed_in(page, portal), Keyboard(page)

    page.goto("/personal/telefono/")
    axe(page)
    keys.write(caller.phone.removeprefix("+1"))
    for part in ("5", "4", "1988"):
        keys.press("Tab")
        keys.write(part)
    keys.press("Tab")
    keys.write("P")
    keys.press("Tab")
    keys.write("77002")
    keys.go("Enter")
    assert page.locator(".mx-reads__choose").count() >= 1
    axe(page)
    keys.go("1")
    axe(page)
    keys.go("1")
    axe(page)

    booked = Appointment.objects.get()
    assert page.locator(".mx-reference").inner_text().replace("-", "") == booked.reference
    assert (booked.account, booked.agent_id) == (caller, agent.pk)
    print(f"keys pressed: {keys.pressed}")
    assert keys.pressed <= MOST_KEYS
    keys.go("t")
    assert caller.phone[-4:] not in page.content()


def test_keys_do_nothing_while_somebody_writes(page, portal, scene):
    signed_in(page, portal)
    page.goto("/personal/telefono/")
    page.keyboard.type("nbt")

    assert page.locator("[name=who]").input_value() == "nbt"
    assert page.url.endswith("/personal/telefono/")


def test_console_works_without_javascript_with_tab_and_enter(page_without_javascript, portal, scene):
    page, caller = page_without_javascript, known_caller(scene)
    signed_in(page, portal)

    page.goto("/personal/telefono/")
    page.fill("[name=who]", caller.phone)
    for part, value in zip(("day", "month", "year"), ("5", "4", "1988"), strict=True):
        page.fill(f"[name=born_{part}]", value)
    page.select_option("[name=tramite]", scene.adults.code)
    page.fill("[name=lugar]", "77002")
    page.press("[name=lugar]", "Enter")
    page.wait_for_selector(".mx-reads__choose")
    page.locator(".mx-reads__choose").first.press("Enter")
    page.wait_for_url("**/telefono/personas/")
    page.locator(".mx-reads__choose").first.press("Enter")
    page.wait_for_url("**/telefono/listo/")

    assert Appointment.objects.get().account == caller
