"""A clerk's day in a real browser: letters, the window, the wall, the check without a network; axe on each page."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from appointments.models import Appointment, Attendance, AttendanceState
from appointments.services import day as services
from appointments.visits import receipt_token
from consulates.models import Session
from tests.factories.accounts import sign_in
from tests.factories.day import a_day, with_priority

pytestmark = pytest.mark.browser
FOCUSED = "id => document.activeElement.closest('[data-day-line]')?.id === id"


@pytest.fixture
def day(live_db):
    made = a_day(seats=4)
    made.one(0, name="Ana María", wheelchair=True)
    with_priority(made.one(1, name="Eulalia", interpreter="maya"))
    made.one(1, name="Luis")
    made.book(2, 2, name="Rosa")
    made.one(5, name="Tomás", guardian_name="Elena Robles")
    return made


def enter(page, day):
    client = sign_in(Client(), day.clerk)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": page.portal}])
    return page


def url(name, day, *more):
    return reverse(name, args=[day.office.code, *more])


def state(appointment):
    row = Attendance.objects.filter(appointment=appointment).first()
    return row.state if row else None


@pytest.fixture
def desk(page, portal, day):
    page.portal = portal.url
    return enter(page, day)


def test_pages_of_the_day_are_accessible_and_fit_a_phone(desk, day, axe, shoot):
    first = Appointment.objects.order_by("starts_at").first()
    for appointment in Appointment.objects.order_by("starts_at")[:4]:
        services.take_step(appointment_id=appointment.pk, to="arrived", by=day.clerk, now=day.now)
    desk.goto(url("staff_roster", day))
    services.take_step(appointment_id=first.pk, to="serving", by=day.clerk, now=day.now, window="3")
    session = day.session.pk
    pages = {
        "roster": url("staff_roster", day),
        "nobody": url("staff_roster_day", day, "2031-01-01"),
        "visit": url("staff_visit", day, first.pk),
        "window": url("staff_next", day, session),
        "find": f"{url('staff_find', day)}?q=ABC",
        "offline": url("staff_offline", day),
        "walk_in": url("staff_walk_in", day, session),
        "summary": url("staff_day_summary", day, session),
        "close": url("staff_day_close", day, session),
        "walls": url("staff_wall", day),
        "sheet": url("staff_roster_print", day, session),
    }
    for name, address in pages.items():
        for width in (360, 1280):
            desk.set_viewport_size({"width": width, "height": 800})
            desk.goto(address)
            axe(desk)
        shoot(desk, name)
    for paper in ("Letter", "A4"):
        desk.pdf(path=str(shoot.folder / f"sheet-{paper}.pdf"), format=paper)
    desk.goto(pages["walls"])
    desk.locator(".mx-rows a").click()
    axe(desk)
    shoot(desk, "wall")


def test_letters_press_the_buttons_of_the_person_with_the_focus(desk, day):
    ana, eulalia = Appointment.objects.order_by("starts_at", "reference")[:2]
    desk.goto(url("staff_roster", day))
    desk.locator(f"#c-{ana.pk} button").first.focus()
    desk.keyboard.press("l")
    desk.wait_for_url(f"**#c-{ana.pk}")
    assert state(ana) == AttendanceState.ARRIVED
    desk.wait_for_function(FOCUSED, arg=f"c-{ana.pk}")

    desk.keyboard.press("ArrowDown")
    desk.wait_for_function(FOCUSED, arg=f"c-{eulalia.pk}")
    desk.locator("#find").focus()
    desk.keyboard.press("n")

    assert desk.locator("#find").input_value() == "n"
    assert state(eulalia) is None


def test_who_was_scanned_is_noted_with_one_more_key(desk, day):
    ana = Appointment.objects.order_by("starts_at").first()
    desk.goto(url("staff_find", day))
    desk.fill("#find", ana.reference)
    with desk.expect_navigation():
        desk.keyboard.press("Enter")
    desk.wait_for_function(FOCUSED, arg=f"c-{ana.pk}")
    with desk.expect_navigation():
        desk.keyboard.press("l")

    assert state(ana) == AttendanceState.ARRIVED


def test_everything_works_without_javascript(page_without_javascript, portal, day):
    page = page_without_javascript
    page.portal = portal.url
    enter(page, day)
    ana = Appointment.objects.order_by("starts_at").first()
    page.goto(url("staff_find", day))
    page.fill("#find", ana.reference.lower())
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{ana.pk}/#c-{ana.pk}")
    page.fill("#window", "5")
    page.keyboard.press("Enter")
    page.locator("button[value=arrived]").click()
    page.goto(url("staff_next", day, day.session.pk))
    page.locator("button[data-key=S]").click()
    assert state(ana) == AttendanceState.SERVING
    page.locator("button[value=attended]").click()

    assert Appointment.objects.get(pk=ana.pk).status == "attended"


def test_receipts_are_checked_without_a_network(desk, day):
    ana, eulalia = Appointment.objects.order_by("starts_at", "reference")[:2]
    good, moved = receipt_token(ana), receipt_token(eulalia)
    elsewhere = receipt_token(a_day().one())
    tomorrow = a_day(office=day.office, starts=timedelta(days=2))
    another_day = receipt_token(tomorrow.one())
    Session.objects.filter(pk=tomorrow.session.pk).update(date=day.session.date + timedelta(days=2))
    Appointment.objects.filter(pk=eulalia.pk).update(starts_at=day.slot(6).starts_at)
    desk.goto(url("staff_offline", day))
    desk.context.set_offline(True)
    asked = [
        (good, "El comprobante es nuestro y es para hoy."),
        (f"https://citas.invalid/verificar/?r={good}", "El comprobante es nuestro y es para hoy."),
        (moved, "la cita cambió de horario"),
        (elsewhere, "otra oficina"),
        (another_day, "otro día"),
        (good[:-4] + "AAAA", "no es un comprobante nuestro"),
        (good.replace(ana.reference, eulalia.reference), "no es un comprobante nuestro"),
        (ana.reference.lower().replace("0", "o"), "folio está en la lista de hoy"),
        ("ZZZZZZZZZ", "no está en la lista de hoy"),
    ]
    for typed, words in asked:
        desk.fill("#offline", typed)
        desk.keyboard.press("Enter")
        desk.locator("[data-offline-answer]", has_text=words).wait_for(timeout=3000)


def test_browser_that_cannot_check_signatures_says_so(desk, day):
    desk.add_init_script("Object.defineProperty(crypto, 'subtle', {value: undefined})")
    desk.goto(url("staff_offline", day))

    assert desk.locator("[data-offline-none]").is_visible()
    assert desk.locator("[data-offline]").is_hidden()


def test_wall_renews_itself_without_loading_again(desk, day):
    ana = Appointment.objects.order_by("starts_at").first()
    desk.goto(url("staff_wall", day))
    desk.locator(".mx-rows a").click()
    desk.evaluate("window.still = true")
    services.take_step(appointment_id=ana.pk, to="serving", by=day.clerk, now=day.now, window="7")

    desk.locator("[data-wall]", has_text=ana.reference[-4:]).wait_for(timeout=8000)

    assert desk.evaluate("window.still")
