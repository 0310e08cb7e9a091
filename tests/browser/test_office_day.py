"""One day of an office, by the people who live it, through the pages alone; docs/staff.md walks the same way.

The evening before: a planner plans, previews and publishes; people book by telephone and on the web; an officer grants
an emergency; the manager closes a stop of a tour and somebody takes the time that is offered. On the day: the clerk.
"""

import pytest

from appointments.models import Appointment
from consulates.models import Role, Session
from tests.browser import office_demand as people
from tests.browser import office_door as door
from tests.browser import office_manager as manager
from tests.browser import office_supply as planner
from tests.browser.hands import press
from tests.browser.office import Clock, Office

pytestmark = pytest.mark.browser


@pytest.fixture
def office(portal, monkeypatch):
    return Office(Clock(monkeypatch), portal.url)


@pytest.fixture
def look(axe, shoot):
    """At a main page: axe finds nothing, it fits a phone, and a picture stays."""

    def at(page, name):
        shoot(page, name)
        axe(page)

    return at


def test_one_day_of_an_office(office, another_page, look):
    office.at(office.eve, 8, 30)
    page = another_page()
    planner.sign_in_with_both_factors(page, office.colleague(Role.PLANNER, "planeacion"))
    planner.plan_a_weekday(page, office, look)
    planner.publish_it(page, office, look)
    planner.send_a_tour_to_galveston(page, office, look)

    page = another_page()
    office.enter(page, office.colleague(Role.PHONE_AGENT, "telefono"))
    rosa = people.book_by_telephone(page, office, look)
    ana = people.book_on_the_web(another_page(), office, "Ana")
    people.ask_urgently(another_page(), office)
    [luis] = office.booked(Session.objects.get(city="Galveston"), "Luis")

    page = another_page()
    office.enter(page, office.colleague(Role.OFFICE_MANAGER, "titular"))
    eva = manager.grant_a_seat(page, office, look)
    manager.close_the_stop(page, office, look)
    people.accept_with_one_tap(another_page(), luis, look)

    office.at(office.day, 9, 5)
    page, clerk = another_page(), office.colleague(Role.DESK_CLERK, "ventanilla")
    office.enter(page, clerk)
    door.open_the_roster(page, office, [ana, rosa, eva, luis], look)
    door.receive_by_keys(page, office, ana, look)
    door.call_both_to_the_window(page, office, eva, look)

    office.at(office.day, 12, 5)
    office.enter(page, clerk)
    door.mark_a_no_show(page, office, rosa)
    door.close_the_day(page, office, look)
    page = another_page()
    office.enter(page, office.colleague(Role.NETWORK_COORDINATOR, "red"))
    planner.see_that_it_was_held(page, office, look)

    outcomes = {one.pk: one.status for one in Appointment.objects.all()}
    assert outcomes == {ana.pk: "attended", eva.pk: "attended", rosa.pk: "no_show", luis.pk: "no_show"}


def test_desk_of_that_day_without_javascript(office, page_without_javascript):
    """Found, there, called, attended; not there; closed: with links and buttons alone."""
    office.at(office.eve, 8, 30)
    ana, rosa, luis = office.booked(session := office.published(), "Ana", "Rosa", "Luis")
    page, clerk = page_without_javascript, office.colleague(Role.DESK_CLERK, "ventanilla")

    office.at(office.day, 9, 40)
    office.enter(page, clerk)
    page.goto(office.url("staff_roster"))
    page.fill("#find", ana.reference.lower())
    press(page, ".mx-find button")
    press(page, "button[value=arrived]")
    press(page, ".mx-day-ways a[href$='/ventanilla/']")
    page.fill("#window", "3")
    press(page, "form[action$='/dia/ventanilla/'] button")
    press(page, "button[data-key=S]")
    press(page, "button[value=attended]")
    press(page, ".mx-day-ways a >> nth=0")
    press(page, f"#c-{rosa.pk} button[value=no_show]")
    office.at(office.day, 11, 5)
    office.enter(page, clerk)
    page.goto(office.url("staff_day_close", session.pk))
    page.check("#sure")
    press(page, "button[value=rest]")
    press(page, "button[value=close]")

    outcomes = {one.pk: one.status for one in Appointment.objects.all()}
    assert outcomes == {ana.pk: "attended", rosa.pk: "no_show", luis.pk: "no_show"}
    assert Session.objects.get().status == "held"
