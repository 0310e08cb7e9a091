"""The proof of a draw on screen: a person finds their ticket, and staff see what waits for its number."""

from datetime import timedelta

import pytest
from django.urls import reverse

from appointments.allocation import drawing
from appointments.allocation.beacon import QUICKNET
from appointments.allocation.dictatorship import Application
from appointments.allocation.supply import lots_of
from consulates.models import Gate, Role
from tests.browser.hands import enter
from tests.factories import appointments as make
from tests.factories import releases
from tests.factories.appointments import NOW
from tests.factories.staff import staff_with

pytestmark = pytest.mark.browser
EARLIER = NOW - timedelta(minutes=5)


def allotted():
    made = releases.release(
        make.session(seats=2), mode=Gate.DRAW, opens_at=EARLIER, name="Pasaportes de enero en Los Ángeles"
    )
    choices = tuple(lot.choice for lot in lots_of(made, now=EARLIER))
    entries = [drawing.Entry(Application(code * 20, 1, 1, choices), "web") for code in "ABCD"]
    drawing.seal(made, entries, EARLIER)
    drawing.take_round(made, EARLIER + timedelta(seconds=3))
    drawing.close_round(drawing.open_round(made, 1, EARLIER), EARLIER)
    return made


def test_ticket_is_found_and_files_are_there(page, live_db, portal, axe, shoot):
    made = allotted()
    winner = drawing.order_of(made)[0].code
    page.goto(reverse("draw_proof", args=[made.pk]))
    page.locator("#boleto").fill(winner.lower())
    page.get_by_role("button", name="Buscar", exact=True).click()
    page.get_by_text("Lugar 1 de 4.").wait_for()
    axe(page)
    page.get_by_text("Cada archivo").click()
    shoot(page, "proof")
    with page.expect_download() as coming:
        page.get_by_role("link", name="Descargue todos los archivos").click()
    assert coming.value.suggested_filename == f"mexitel-apertura-{made.pk}.zip"


def test_staff_are_told_how_to_enter_the_number(page, live_db, portal, axe, shoot, settings):
    settings.DRAW_BEACON, settings.DRAND_URLS = QUICKNET.name, []
    made = releases.release(opens_at=EARLIER)
    drawing.seal(made, [drawing.queue_entry("AAAA", "web")], EARLIER)
    enter(page, portal, staff_with(Role.OFFICE_MANAGER, made.offices.get().consulate))
    page.goto(reverse("staff_drawings"))
    axe(page)
    shoot(page, "waiting")
    page.get_by_role("link", name=made.name).click()
    page.get_by_label("Firma de la ronda").wait_for()
    axe(page)
    shoot(page, "enter")
