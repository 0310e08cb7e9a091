"""The first page of staff, the help and Django's admin in a real browser: accessible, on a phone, within the policy."""

import pytest
from django.urls import reverse

from consulates.models import Role
from tests.browser.help_scene import a_week, cookie_of, signed_in

pytestmark = pytest.mark.browser


@pytest.fixture
def week(live_db):
    return a_week()


def enter(page, portal, user):
    page.context.add_cookies([{**cookie_of(signed_in(user)), "url": portal.url}])


def overflow(page):
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


def test_first_page_and_help_are_accessible_and_fit_a_phone(page, portal, week, axe):
    enter(page, portal, week.team[Role.OFFICE_MANAGER])
    for address in (
        reverse("staff_home"),
        reverse("staff_help_role", args=["office_manager"]),
        reverse("staff_people"),
        reverse("staff_audit"),
    ):
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(address)
            axe(page)
            assert (address, width, overflow(page)) == (address, width, 0)


def test_menu_is_folded_on_a_phone_and_whole_on_a_screen_without_a_script(page_without_javascript, portal, week):
    page = page_without_javascript
    enter(page, portal, week.team[Role.OFFICE_MANAGER])
    audit = page.locator(f'nav a[href="{reverse("staff_audit")}"]')
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(reverse("staff_home"))

    assert audit.is_hidden()
    page.locator(".mx-menu > summary").click()
    assert audit.is_visible()

    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(reverse("staff_home"))
    assert audit.is_visible()
    assert page.locator(".mx-menu > summary").is_hidden()


def test_admin_works_within_its_policy(page, portal, week):
    """The page fixture fails on any complaint of the policy or a script; here, that the scripts really run."""
    refused = []
    page.on("response", lambda answer: refused.append(answer.url) if answer.status >= 400 else None)
    enter(page, portal, week.team[Role.ADMINISTRATOR])
    page.goto(reverse("admin:consulates_consulate_changelist"))
    page.wait_for_function("Boolean(window.Alpine)")
    page.locator("#result_list").wait_for()
    page.keyboard.press("Control+k")

    assert page.locator("input[type=search]:visible, input[name=s]:visible").count() >= 1
    assert refused == []
