"""The office manager: a seat is granted in an emergency, and a stop of a tour is closed."""

from django.urls import reverse

from appointments.models import Appointment, Closure, Grant
from tests.browser.hands import press, type_in
from tests.browser.office import work_of_the_minute


def grant_a_seat(page, office, look):
    page.goto(reverse("staff_emergencies"))
    look(page, "emergencies")
    press(page, ".mx-queue a")
    look(page, "emergency-to-take")
    press(page, "button[value=tomar]")
    page.locator("[name=si-time]").first.check()
    type_in(page, **{"si-reason": "Acta de defunción vista."})
    look(page, "emergency-to-decide")
    press(page, ".mx-decide button.govuk-button")
    page.goto(office.url("staff_grants"))
    look(page, "grants")
    assert Grant.objects.get().pool == "emergency"
    return Appointment.objects.get(account__email="eva@example.com")


def close_the_stop(page, office, look):
    page.goto(office.url("staff_closures"))
    type_in(page, desde=office.stop_day, hasta=office.stop_day)
    page.select_option("[name=lugar]", label="Biblioteca Rosenberg, Galveston")
    look(page, "closures")
    press(page, "main form button.govuk-button")
    type_in(page, reason_es="Hay una tormenta.", reason_en="There is a storm.")
    look(page, "who-loses-a-place")
    press(page, "main form button.govuk-button")
    work_of_the_minute()
    page.reload()
    look(page, "work-list")
    press(page, "main th a")
    look(page, "a-new-time")
    assert Closure.objects.get().counted == 1
