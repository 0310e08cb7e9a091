"""A family of three books, gets the mail, moves and cancels, with JavaScript and without; axe on each page."""

import re

import pytest

from appointments.models import Appointment
from mexitel.outbox.models import OutgoingMessage
from tests.factories.scenes import houston
from tests.outbox.draining import deliver_everything

pytestmark = pytest.mark.browser

CHILDREN = ["Camila", "Diego", "Ximena"]


@pytest.fixture
def scene(live_db):
    return houston()


@pytest.mark.parametrize("kind", ["page", "page_without_javascript"])
def test_family_books_moves_and_cancels(request, kind, scene, axe):
    page = request.getfixturevalue(kind)

    def check() -> None:
        if kind == "page":  # axe is a script itself
            axe(page)

    page.goto("/")
    check()
    page.select_option("select[name=tramite]", scene.minors.code)
    page.fill("input[name=lugar]", "77002")
    page.click("main form button")
    page.wait_for_url("**/buscar/**")
    page.select_option("select[name=personas]", "3")
    page.locator("main form[method=get] button").last.click()
    check()
    page.locator("form[action='/apartar/'] button").first.click()

    page.wait_for_url("**/entrar/**")
    check()
    page.fill("input[type=email]", "familia@example.com")
    page.keyboard.press("Enter")
    page.wait_for_url("**/entrar/codigo/**")
    check()
    page.fill("input[autocomplete=one-time-code]", code_sent_to("familia@example.com"))
    page.keyboard.press("Enter")

    for number, name in enumerate(CHILDREN, start=1):
        page.wait_for_url(f"**/persona/{number}/")
        check()
        page.fill("[name=given_names]", name)
        page.fill("[name=surname_1]", "Salas")
        for part, value in (("day", "11"), ("month", "2"), ("year", "2017")):
            page.fill(f"[name=birth_date_{part}]", value)
        page.fill("[name=guardian_name]", "Elena Robles")
        page.locator("main form button.govuk-button").first.click()
    page.wait_for_url("**/revisar/")
    check()
    page.locator("main form button.govuk-button").first.click()
    page.wait_for_url("**/cita/**")
    check()
    assert Appointment.objects.filter(status="booked").count() == 3
    reference = Appointment.objects.order_by("pk").first().reference
    assert f"{reference[:4]}-{reference[4:8]}" in page.content()
    assert mails_to("familia@example.com", kind="appointment.booked") == 1

    page.goto("/mis-citas/")
    check()
    page.locator("a[href$='/mover/']").first.click()
    page.wait_for_url("**/mover/")
    check()
    page.locator("a.mx-time").last.click()
    page.wait_for_url("**dia=**")
    check()
    page.locator("button.mx-time").first.click()
    page.wait_for_url("**/revisar/")
    check()
    page.locator("main form button.govuk-button").first.click()
    page.wait_for_url("**/cita/**")
    assert set(Appointment.objects.values_list("session", flat=True)) == {scene.second.pk}
    assert mails_to("familia@example.com", kind="appointment.moved") == 1

    page.goto("/mis-citas/")
    page.locator("a[href$='/cancelar/']").first.click()
    page.wait_for_url("**/cancelar/")
    check()
    page.locator("main form button.govuk-button").first.click()
    page.wait_for_url("**/mis-citas/")
    check()
    assert Appointment.objects.filter(status="cancelled").count() == 3
    assert mails_to("familia@example.com", kind="appointment.cancelled") == 1


def code_sent_to(address: str) -> str:
    deliver_everything()
    return re.search(r"\b\d{6}\b", bodies_to(address)[-1]).group()


def mails_to(address: str, *, kind: str) -> int:
    deliver_everything()
    return sum(message.recipient == address for message in OutgoingMessage.objects.filter(channel="mail", kind=kind))


def bodies_to(address: str) -> list[str]:
    return [one.body for one in OutgoingMessage.objects.order_by("pk") if one.recipient == address]
