"""The clerk: who comes is found, received, called, and settled; then the day is closed."""

from appointments.models import DayClosed
from consulates.models import Session
from tests.browser.hands import press

FOCUSED = "id => document.activeElement.closest('[data-day-line]')?.id === id"


def open_the_roster(page, office, people, look):
    page.goto(office.url("staff_roster"))
    look(page, "roster")
    assert {one.reference for one in people} == {
        text.replace("-", "") for text in page.locator(".mx-turn__reference").all_inner_texts()
    }


def receive_by_keys(page, office, appointment, look):
    """Found by the reference as somebody types it, and there in one key."""
    page.fill("#find", appointment.reference.lower())
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_function(FOCUSED, arg=f"c-{appointment.pk}")
    with page.expect_navigation():
        page.keyboard.press("l")
    page.locator(".mx-turn--arrived").wait_for()
    look(page, "visit")


def key_on_roster(page, office, appointment, key, becomes):
    page.goto(office.url("staff_roster"))
    page.locator(f"#c-{appointment.pk} button").first.focus()
    with page.expect_navigation():
        page.keyboard.press(key)
    page.locator(f"#c-{appointment.pk}.mx-turn--{becomes}").wait_for()


def call_both_to_the_window(page, office, appointment, look):
    """Whose is ``appointment`` comes now too; the portal says who is next."""
    key_on_roster(page, office, appointment, "l", "arrived")
    press(page, ".mx-day-ways a[href$='/ventanilla/']")
    page.fill("#window", "3")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    press_letter(page, "S")
    look(page, "window")
    press_letter(page, "A")
    press_letter(page, "S")
    press_letter(page, "A")


def press_letter(page, letter):
    page.locator(f"button[data-key={letter}]").first.focus()
    with page.expect_navigation():
        page.keyboard.press(letter.lower())


def mark_a_no_show(page, office, appointment):
    key_on_roster(page, office, appointment, "n", "no_show")


def close_the_day(page, office, look):
    """One person is left who never came."""
    press(page, ".mx-day-ways a[href$='/resumen/']")
    look(page, "summary")
    press(page, "main a.govuk-button")
    page.check("#sure")
    look(page, "close")
    press(page, "button[value=rest]")
    press(page, "button[value=close]")
    look(page, "closed")
    session = Session.objects.get(date=office.day)
    day = DayClosed.objects.get(session=session)
    assert (session.status, day.attended, day.no_show) == ("held", 2, 2)
