"""The pictures of the staff's help, taken from the running portal with invented people.

``MEXITEL_HELP_PICTURES=1 python3 manage.py test tests/browser/test_help_pictures.py -n 0`` makes them anew in
static/img/help. Without it one picture is taken and thrown away, so that a page that moved is noticed.
"""

import base64
import json
import os
from pathlib import Path
from urllib.parse import urljoin

import pytest
from django.conf import settings
from django.urls import reverse

from consulates.help_texts import HELP
from consulates.models import Role
from tests.browser.help_scene import a_week, caller_at_hand, cookie_of, signed_in

pytestmark = pytest.mark.browser
MAKE = os.environ.get("MEXITEL_HELP_PICTURES") == "1"
WIDTH, TALLEST = 680, 460
MOST_BYTES = 40 * 1024
# Who looks at the page of each step; the console has an agent of its own, and nobody is signed in at the door.
EYES = {
    "start": Role.OFFICE_MANAGER,
    "practice": Role.PLANNER,
    "week": Role.PLANNER,
    "planning": Role.PLANNER,
    "publish": Role.PLANNER,
    "tours": Role.PLANNER,
    "transfer": Role.PLANNER,
    "roster": Role.DESK_CLERK,
    "closures": Role.OFFICE_MANAGER,
    "emergencies": Role.OFFICE_MANAGER,
    "sign": Role.OFFICE_MANAGER,
    "grants": Role.OFFICE_MANAGER,
    "invite": Role.OFFICE_MANAGER,
    "person": Role.OFFICE_MANAGER,
    "recovery": Role.OFFICE_MANAGER,
    "audit": Role.AUDITOR,
    "campaigns": Role.NETWORK_COORDINATOR,
    "admin": Role.ADMINISTRATOR,
}
# Where a picture begins, when not with the page's own heading.
FROM = {
    "practice": ".mx-practice",
    "admin": "body",
    "audit": ".mx-scroll",
    "roster": ".mx-hour",
    "console": "#times",
    "sign_in": "h1",
}
HEADING = "main :is(.govuk-caption-l, .govuk-caption-m, h1)"
# Said in words alone.
WITHOUT = {
    "verify", "export", "review", "blocks", "appeals", "second_looks", "identity", "cases", "helpers", "lanes",
    "reports", "rules", "dashboard", "releases", "drawings", "coming",
    "draws", "callers", "adverts", "demand",
}  # fmt: skip
AS_WEBP = """async ([png, width, height]) => {
  const image = new Image();
  image.src = 'data:image/png;base64,' + png;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = width; canvas.height = height;
  canvas.getContext('2d').drawImage(image, 0, 0, width, height);
  return canvas.toDataURL('image/webp', 0.72).split(',')[1];
}"""


@pytest.fixture
def week(live_db):
    made = a_week()
    made.addresses |= {
        "sign_in": reverse("staff_sign_in"),
        "start": reverse("staff_home"),
        "practice": reverse("staff_office", args=[made.practice.code]),
    }
    return made


def test_every_step_has_a_picture_or_is_said_in_words_alone():
    steps = {step.name for page in HELP.values() for step in page.steps}

    assert steps == set(EYES) | WITHOUT | {"sign_in", "console", "urgent"}


def test_pictures_are_taken_of_the_pages_as_they_are(browser, portal, week, tmp_path):
    folder = Path(settings.BASE_DIR) / "static" / "img" / "help" if MAKE else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    agent = caller_at_hand(week)
    eyes = {name: signed_in(week.team[role]) for name, role in EYES.items()}
    eyes |= {"sign_in": None, "console": agent, "urgent": agent}
    sizes = {}
    for name in sorted(eyes) if MAKE else ["roster"]:
        picture, sizes[name] = taken(browser, portal, eyes[name], week.addresses[name], FROM.get(name, HEADING))
        (folder / f"{name}.webp").write_bytes(picture)
        assert (name, len(picture) <= MOST_BYTES) == (name, True)
    if MAKE:
        (folder / "sizes.json").write_text(json.dumps(sizes, indent=1) + "\n", "utf-8")

    assert all(height >= 60 for _width, height in sizes.values())


def taken(browser, portal, client, address, start):
    """The page of ``address`` from ``start`` on, in Spanish, as WebP with its size."""
    context = browser.new_context(viewport={"width": WIDTH, "height": 900}, locale="es-MX", color_scheme="light")
    if client is not None:
        context.add_cookies([{**cookie_of(client), "url": portal.url}])
    page = context.new_page()
    answer = page.goto(urljoin(portal.url, address))
    assert (address, answer.status) == (address, 200)
    page.wait_for_timeout(300) if start == "body" else None
    box = page.locator(start).first.bounding_box()
    end = page.evaluate("document.querySelector('main')?.getBoundingClientRect().bottom ?? 900")
    top = max(0, box["y"] - 12)
    height = int(min(TALLEST, max(end - top, 60)))
    png = page.screenshot(clip={"x": 0, "y": top, "width": WIDTH, "height": height}, full_page=True)
    canvas = context.new_page()
    webp = canvas.evaluate(AS_WEBP, [base64.b64encode(png).decode(), WIDTH, height])
    context.close()
    return base64.b64decode(webp), (WIDTH, height)
