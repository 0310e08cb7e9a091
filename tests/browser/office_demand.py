"""Those who need the office: on the telephone, on the web, in an emergency, and after a stop was closed."""

import re

from django.urls import reverse

from appointments.models import Appointment
from tests.browser.hands import press, type_day, type_in, write_person
from tests.browser.office import code_for, last_mail_to
from tests.factories.emergencies import JPEG


def book_by_telephone(page, office, look):
    """Without the mouse, for a caller who has a telephone and no e-mail."""
    keys = page.keyboard
    page.goto(reverse("staff_console"))
    look(page, "telephone")
    keys.press("Escape")
    with page.expect_navigation():
        keys.press("n")
    page.fill("[name=phone]", "713 555 0123")
    look(page, "register-caller")
    with page.expect_navigation():
        keys.press("Enter")
    page.select_option("[name=tramite]", office.passport.code)
    page.fill("[name=lugar]", "77002")
    with page.expect_navigation():
        page.press("[name=lugar]", "Enter")
    look(page, "times-to-read-out")
    with page.expect_navigation():
        keys.press("1")
    write_person(page, "Rosa", prefix="p1-1-")
    look(page, "who-attends")
    with page.expect_navigation():
        keys.press("Enter")
    with page.expect_navigation():
        keys.press("s")
    look(page, "reference-to-read-out")
    booked = Appointment.objects.get()
    assert page.inner_text(".mx-reference").replace("-", "") == booked.reference
    assert (booked.channel, booked.account.email) == ("phone", None)
    return booked


def sign_in_by_code(page, email):
    page.fill("input[type=email]", email)
    press(page, "main form button.govuk-button")
    page.fill("input[autocomplete=one-time-code]", code_for(email))
    press(page, "main form button.govuk-button")


def book_on_the_web(page, office, name):
    page.goto(f"{office.url('office_day', office.day)}?tramite={office.passport.code}&personas=1")
    press(page, "button.mx-time >> nth=-1")
    sign_in_by_code(page, f"{name.lower()}@example.com")
    write_person(page, name)
    press(page, "main form button.govuk-button")
    press(page, "main form button.govuk-button")
    return Appointment.objects.get(account__email=f"{name.lower()}@example.com")


def ask_urgently(page, office):
    page.goto(reverse("emergency_ask"))
    sign_in_by_code(page, "eva@example.com")
    page.check("[name=kind][value=bereavement]")
    type_in(page, words="Murió mi mamá en Oaxaca. El entierro es el jueves.")
    type_day(page, "needed_by", office.stop_day)
    page.select_option("[name=procedure]", office.passport.code)
    page.select_option("[name=consulate]", office.consulate.code)
    press(page, "main form button.govuk-button")
    write_person(page, "Eva")
    press(page, "main form button.govuk-button")
    page.set_input_files("[name=prueba]", {"name": "acta.jpg", "mimeType": "image/jpeg", "buffer": JPEG})
    press(page, "main form button.govuk-button")
    press(page, "main a.govuk-button")
    press(page, "main form button.govuk-button")


def accept_with_one_tap(page, appointment, look):
    link = re.search(r"https?://[^\s\"\\]+/oferta/[\w-]+/", last_mail_to(appointment.account.email)).group()
    page.goto(link)
    look(page, "offer")
    press(page, "main form button.govuk-button")
    page.get_by_role("heading", level=1, name="Listo").wait_for()
    appointment.refresh_from_db()
    assert (appointment.status, appointment.session.city) == ("booked", "Houston")
