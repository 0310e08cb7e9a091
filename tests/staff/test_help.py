"""The help of each role, where its pages lead, and the pictures on it."""

from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import translation

from consulates.help_texts import HELP
from consulates.models import Role
from consulates.staff_menu import MENU, STEPS, help_address
from consulates.views.staff import help as views
from tests.factories.accounts import sign_in
from tests.factories.consulates import ConsulateFactory
from tests.factories.staff import staff_with

KILOBYTES = 1024
MOST_OF_A_PICTURE = 40 * KILOBYTES
MOST_OF_A_PAGE = 300 * KILOBYTES
STEPS_OF_HELP = {step.name for page in HELP.values() for step in page.steps}


class Pictures(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag == "img":
            self.found.append(dict(attrs))


def test_every_role_has_its_page_and_no_step_twice():
    assert set(HELP) == set(Role)
    for role, page in HELP.items():
        names = [step.name for step in page.steps]
        assert (role, len(names)) == (role, len(set(names)))


def test_steps_of_the_menu_are_steps_of_some_help():
    assert set(STEPS.values()) - STEPS_OF_HELP == set()
    assert set(STEPS) - {entry.name for entry in MENU} == set()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "page", "step"),
    [
        (Role.DESK_CLERK, "staff_roster", "#roster"),
        (Role.DESK_CLERK, "staff_console", "#console"),
        (Role.OFFICE_MANAGER, "staff_people", "#invite"),
        (Role.PLANNER, "staff_week", "#week"),
    ],
)
def test_each_page_leads_to_what_the_help_of_the_role_says_about_it(client, role, page, step):
    office = ConsulateFactory()
    sign_in(client, staff_with(role, office))
    args = [office.code] if page in {"staff_roster", "staff_week"} else []

    html = client.get(reverse(page, args=args)).content.decode()

    assert f'href="{reverse("staff_help_role", args=[role])}{step}"' in html


def test_page_that_no_help_speaks_of_leads_to_the_only_role_or_to_all():
    assert help_address([Role.AUDITOR], "roster") == reverse("staff_help_role", args=["auditor"])
    assert help_address([Role.AUDITOR, Role.REVIEWER], "roster") == reverse("staff_help")
    assert help_address([Role.AUDITOR, Role.DESK_CLERK], "roster").endswith("/desk_clerk/#roster")


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_pictures_are_light_lazy_named_and_keep_their_place(client, role):
    office = None if role in Role.of_the_network() else ConsulateFactory()
    sign_in(client, staff_with(role, office))

    found = Pictures(client.get(reverse("staff_help_role", args=[role])).content.decode()).found

    assert found, "a help without any picture"
    assert [one for one in found if one["loading"] != "lazy" or len(one["alt"]) < 10] == []
    assert [one for one in found if not (int(one["width"]) and int(one["height"]))] == []
    sizes = [(settings.BASE_DIR / one["src"].lstrip("/")).stat().st_size for one in found]
    assert max(sizes) <= MOST_OF_A_PICTURE
    assert sum(sizes) <= MOST_OF_A_PAGE


def test_pictures_are_those_of_the_steps():
    there = {path.stem for path in (settings.BASE_DIR / "static" / views.PICTURES).glob("*.webp")}

    assert there == set(views._pictures())
    assert there - STEPS_OF_HELP == set()


def test_help_speaks_two_languages():
    for step in (step for page in HELP.values() for step in page.steps):
        with translation.override("es"):
            spanish = f"{step.title} {step.text}"
        with translation.override("en"):
            assert spanish != f"{step.title} {step.text}"
