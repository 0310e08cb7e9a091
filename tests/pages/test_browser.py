import re

import pytest
from django.urls import reverse

from tests.pages.registry import PUBLIC_PAGES

# Links inside a sentence are as high as their line, which WCAG allows.
TARGETS = (
    "nav a, header a, header button, main button, .govuk-button, .mx-time, a.mx-day, .mx-footer li a, summary, "
    "input:not([type=hidden]), select"
)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_overflows(page, portal, axe, theme):
    page.emulate_media(color_scheme=theme)
    for name in PUBLIC_PAGES:
        for width in (320, 1280):
            page.set_viewport_size({"width": width, "height": 740})
            page.goto(portal.url + reverse(name))
            axe(page)
            overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert page.evaluate(overflow) <= 0, f"{name} is wider than {width} pixels"


def test_targets_are_big_enough_for_a_thumb(phone_page, portal):
    for name in PUBLIC_PAGES:
        phone_page.goto(portal.url + reverse(name))
        small = phone_page.evaluate(
            """targets => [...document.querySelectorAll(targets)]
               .filter(e => e.getClientRects().length && e.getBoundingClientRect().height < 44)
               .map(e => e.outerHTML)""",
            TARGETS,
        )
        assert small == [], name


def test_error_summary_has_the_focus_and_leads_to_the_field(page, portal):
    page.goto(portal.url + reverse("patterns"))

    assert page.evaluate("document.activeElement.hasAttribute('data-mx-error-summary')")
    page.locator(".govuk-error-summary a").first.click()
    assert page.evaluate("document.activeElement.id") == "id_nacimiento_day"


def test_skip_link_is_the_first_stop_of_the_keyboard(page, portal):
    page.goto(portal.url + reverse("help"))
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"


def test_language_changes_without_javascript(page_without_javascript, portal):
    page = page_without_javascript
    page.goto(portal.url + reverse("free"))
    page.get_by_role("button", name="English").click()

    assert page.url == portal.url + reverse("free")
    assert page.locator("html").get_attribute("lang") == "en"


def test_countdown_runs_from_the_seconds_of_the_server(page, portal):
    page.goto(portal.url + reverse("patterns"))

    text = page.locator("[data-mx-countdown]").text_content()

    assert re.fullmatch(r"[89]:\d\d", text)


def test_first_view_weighs_at_most_60_kilobytes(page, portal):
    sizes = []
    page.on("requestfinished", lambda request: sizes.append(request.sizes()))
    page.goto(portal.url + reverse("home"), wait_until="networkidle")

    assert len(sizes) <= 8
    assert sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes) <= 60_000


def test_page_prints_on_one_sheet(page, portal):
    page.goto(portal.url + reverse("free"))

    pdf = page.pdf(format="Letter")

    assert len(re.findall(rb"/Type\s*/Page[^s]", pdf)) == 1
