"""The calendar to drag in is for the mouse: readers and keyboards have the list, which says and does the same."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from consulates.models import Role
from mexitel.utils.time import now as clock
from tests.factories.accounts import sign_in
from tests.factories.consulates import ConsulateFactory, ProcedureFactory, draft
from tests.factories.staff import staff_with

pytestmark = pytest.mark.browser
STOPS = "document.activeElement.closest('[data-mx-calendar]') !== null"


def a_monday():
    today = clock().date()
    return today - timedelta(days=today.weekday()) + timedelta(weeks=3)


@pytest.fixture
def week(page, live_db, portal):
    """A week with one draft, as its planner sees it on a wide screen."""
    office = ConsulateFactory(code="houston")
    draft(office, ProcedureFactory(), day=a_monday())
    cookie = sign_in(Client(), staff_with(Role.PLANNER, office)).cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": portal.url}])
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{reverse('staff_week', args=['houston'])}?desde={a_monday()}")
    page.locator(".ec-event").wait_for()
    return page


def test_calendar_hides_from_readers_what_the_list_says(week, axe):
    axe(week)


def test_tab_goes_past_the_calendar_to_the_list(week):
    week.get_by_role("link", name="Copiar esta semana").focus()
    stops = []
    for _press in range(4):
        week.keyboard.press("Tab")
        stops.append(week.evaluate(STOPS))

    assert stops == [False] * 4
    assert week.evaluate("document.activeElement.closest('.mx-week') !== null")


def test_calendar_goes_when_the_window_gets_narrow(week):
    week.set_viewport_size({"width": 500, "height": 900})
    week.locator("[data-mx-calendar]").wait_for(state="hidden")


def test_click_on_a_draft_opens_its_form(week):
    with week.expect_navigation():
        week.locator(".ec-event").click()

    assert week.input_value("[name=opens]") == "09:00"
