"""The pages of the calendar with something on them: readable for everybody, on a narrow phone, and in a browser whose
content security policy lets blocks of data be.
"""

import json

from tests.factories import appointments as make
from tests.factories import release_drafts


def test_axe_finds_nothing_on_the_pages_of_the_calendar(page, portal, axe):
    office = make.office("el-paso")
    made = release_drafts.announce(release_drafts.draft(*release_drafts.sessions(office), name="Lugares de junio"))
    own = f"/aperturas/{made.pk}/"
    page.set_viewport_size({"width": 320, "height": 740})
    for address in (
        "/aperturas/", "/aperturas/?estado=AK", own, f"{own}cartel/", f"{own}cumplimiento/",
        "/aperturas/suscribirse/?oficina=el-paso", office.get_absolute_url(), "/datos/",
    ):  # fmt: skip
        page.goto(portal.url + address)
        axe(page)
        overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(overflow) <= 0, address

    page.goto(portal.url + own)
    block = json.loads(page.locator('script[type="application/ld+json"]').text_content())
    assert (block["@type"], block["name"]) == ("Event", "Lugares de junio")
