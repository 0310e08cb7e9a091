"""Every page of the booking journey is light, plain, and fit for a thumb, a screen reader and a small screen."""

import pytest
from django.conf import settings

from tests.factories.accounts import sign_in
from tests.pages.journey import JOURNEY, Journey
from tests.pages.readability import assert_plain, sentences_of
from tests.pages.test_browser import TARGETS

MOST_REQUESTS, MOST_BYTES = 8, 60_000


@pytest.fixture
def journey(portal, page):
    journey = Journey()
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": journey.session_cookie(), "url": portal.url}
    page.context.add_cookies([cookie])
    return journey


def weigh(context, url: str) -> tuple[int, int]:
    """Requests and bytes of ``url`` in a browser that has never been here."""
    sizes = []

    def note(request) -> None:
        size = request.sizes()
        sizes.append(size["responseBodySize"] + size["responseHeadersSize"])

    fresh = context.browser.new_context()
    fresh.add_cookies(context.cookies())
    page = fresh.new_page()
    page.on("requestfinished", note)
    page.goto(url, wait_until="networkidle")
    fresh.close()
    return len(sizes), sum(sizes)


def too_heavy(weights: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    return {name: both for name, both in weights.items() if both[0] > MOST_REQUESTS or both[1] > MOST_BYTES}


def test_first_view_of_each_page_is_light(page, portal, journey):
    weights = {name: weigh(page.context, portal.url + address(journey)) for name, address in JOURNEY.items()}

    assert all(size > 20_000 for _requests, size in weights.values()), "the style sheet was not weighed"
    assert too_heavy(weights) == {}


def test_guard_sees_a_heavy_page():
    assert list(too_heavy({"light": (8, 60_000), "many": (9, 10), "big": (1, 60_001)})) == ["many", "big"]


@pytest.mark.parametrize(("width", "theme"), [(320, "light"), (1280, "dark")])
def test_axe_finds_nothing_nothing_overflows_and_thumbs_hit(page, portal, journey, axe, width, theme):
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 740})
    for name, address in JOURNEY.items():
        page.goto(portal.url + address(journey))
        axe(page)
        overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(overflow) <= 0, f"{name} is wider than {width} pixels"
        small = page.evaluate(
            """targets => [...document.querySelectorAll(targets)]
               .filter(e => e.getClientRects().length && e.getBoundingClientRect().height < 44)
               .map(e => e.outerHTML)""",
            TARGETS,
        )
        assert small == [], name


@pytest.mark.django_db
@pytest.mark.parametrize("name", JOURNEY)
def test_spanish_page_is_plain(client, name):
    journey = Journey()
    sign_in(client, journey.user)
    response = client.get(JOURNEY[name](journey))

    assert response.status_code == (409 if name == "hold_expired" else 200)
    assert_plain(sentences_of(response.text))


def test_language_switch_keeps_what_was_typed(page, portal, journey):
    page.goto(portal.url + JOURNEY["hold_person"](journey))
    page.fill("[name=given_names]", "Xóchitl")
    page.uncheck("[name=wheelchair]")
    page.get_by_role("button", name="English").click()
    page.wait_for_selector("html[lang=en]")

    assert page.input_value("[name=given_names]") == "Xóchitl"
    assert not page.is_checked("[name=wheelchair]")
    page.reload()
    assert page.input_value("[name=given_names]") == "Beto"  # nothing stays behind in the tab
