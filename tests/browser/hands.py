"""What hands do on a page: come in, look at it, press and type, with the mouse or by keyboard alone."""

from django.conf import settings
from django.test import Client

from tests.factories.accounts import sign_in


def enter(page, portal, user):
    """Signed in, for staff with both factors."""
    cookie = sign_in(Client(), user).cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": portal.url}])


def look(page, portal, axe, shoot, name, address):
    """On a desk and on a phone; ``shoot`` says whether it fits both."""
    page.goto(portal.url + address)
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 800})
        axe(page)
    shoot(page, name)


def press(page, selector, **options):
    """What brings another page."""
    with page.expect_navigation():
        page.locator(selector).first.click(**options)


def type_in(page, **values):
    for name, value in values.items():
        page.fill(f"[name={name}]", str(value))


def type_day(page, name, day):
    type_in(page, **{f"{name}_day": day.day, f"{name}_month": day.month, f"{name}_year": day.year})


def write_person(page, name, *, prefix=""):
    type_in(page, **{f"{prefix}given_names": name, f"{prefix}surname_1": "Ríos"})
    type_in(page, **dict(zip((f"{prefix}birth_date_{p}" for p in ("day", "month", "year")), (5, 4, 1988), strict=True)))


def strike(page, key):
    """A key that brings another page."""
    with page.expect_navigation():
        page.keyboard.press(key)


def reach(page, selector):
    """With the tabulator, as whoever has no mouse."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is not reached")
