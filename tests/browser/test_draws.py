"""A person applies to a draw, wins and accepts; a family loses, reads the chance and moves to the waiting list."""

from datetime import timedelta

import pytest
from django.urls import reverse

from appointments.drawing import running
from appointments.models import Appointment, DrawApplication, WaitingEntry
from consulates.models import Procedure, Release
from mexitel.utils.time import now as clock
from tests.browser.hands import enter, type_day, write_person
from tests.factories import appointments as make
from tests.factories.accounts import UserFactory
from tests.factories.draws import applied, draw
from tests.factories.waiting import offer_now
from tests.pages.test_journey import MOST_BYTES, weigh

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("script", [True, False], ids=["with", "without"])
def test_a_person_wins_and_accepts_and_a_family_loses_waits_and_has_a_place(
    script, request, portal, live_db, axe, shoot
):
    """With and without JavaScript; pages are the same, and looked at once."""
    page = request.getfixturevalue("page" if script else "page_without_javascript")
    session = make.session(seats=1)
    Procedure.objects.filter(pk=session.procedures.get().pk).update(booking="central")
    made = draw(session, opens_at=clock() + timedelta(hours=2))
    family = applied(made, party=2)
    enter(page, portal, UserFactory())

    def look(name: str) -> None:
        if script:
            axe(page)
            shoot(page, f"draw-{name}")

    def go_on() -> None:
        page.locator("main form[method=post] button.govuk-button").last.click()

    page.goto(reverse("draw_apply", args=[made.pk]))
    look("start")
    if script:
        assert weigh(page.context, portal.url + reverse("draw_apply", args=[made.pk]))[1] <= MOST_BYTES
    page.locator("main a.govuk-button").click()
    look("people")
    write_person(page, "Rosa")
    go_on()
    look("when")
    go_on()
    look("check")
    go_on()
    page.wait_for_url("**/mis-sorteos/**")
    look("in-it")
    mine = DrawApplication.objects.exclude(pk=family.pk).get()

    running.tend(now=made.opens_at)
    running.tend(now=made.opens_at + timedelta(seconds=10))
    if script:
        page.goto(reverse("my_appointments"))
        look("won-mine")
    page.goto(reverse("draw_application", args=[mine.pk]))
    look("won")
    page.locator("form[action$='/aceptar/'] button").click()
    page.wait_for_url("**/cita/**")
    assert Appointment.objects.get().account == mine.account

    Release.objects.filter(pk=made.pk).update(opens_at=clock() - timedelta(seconds=1))
    enter(page, portal, family.account)
    page.goto(reverse("draw_application", args=[family.pk]))
    look("lost")
    page.locator("main a[href*='/lista-de-espera/']").click()
    page.wait_for_url("**/lista-de-espera/**")
    look("waiting-list")
    later = make.NOW + timedelta(days=20)  # a day whose places come free
    make.session(seats=2, procedures=session.procedures.all(), consulate=session.consulate, starts_at=later)
    type_day(page, "hasta", clock() + timedelta(days=40))
    page.get_by_role("button", name="Continuar").click()
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Esperar un lugar").click()
    page.get_by_role("heading", level=1, name="Mi lugar en la lista").wait_for()
    offer = offer_now(WaitingEntry.objects.get(), now=clock())
    page.context.clear_cookies()  # the link of the message, on a phone that has never signed in
    page.goto(reverse("waiting_offer", args=[offer.code]))
    page.get_by_role("button", name="Aceptar").click()
    page.get_by_role("heading", level=1, name="Listo: la cita es suya").wait_for()
    assert Appointment.objects.filter(account=family.account).count() == 2
