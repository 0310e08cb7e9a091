"""From a flag to an appeal by keyboard alone, with nothing in anybody's place: a broker's bookings open a case, one
reviewer decides and a second agrees, the booker reads why and asks for a review, and a third gives the place back.
"""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from antifraud.live.ingest import ingest
from antifraud.live.store import live_store
from antifraud.models import Appeal, Case, Decision, Standing, Verdict
from appointments.models import Appointment
from consulates.models import Role
from mexitel.utils.time import now as clock
from tests.antifraud.portal_history import a_broker, a_mother_with, wait_until_settled
from tests.browser.hands import enter, reach, strike
from tests.browser.office import last_mail_to
from tests.factories import appointments as make
from tests.factories.staff import staff_with

pytestmark = pytest.mark.browser
NOTE = "Dos buzones y un aparato para diez familias que no se conocen."
WORDS = "Cada persona me pidió su cita. Nadie pagó."
SORRY = "Hablamos con ellas: usted ayuda a sus vecinas. Disculpe."


def heading(page, name):
    page.get_by_role("heading", level=1, name=name).wait_for()


def flagged():
    """The case that a broker's bookings open, each in less than two days; a family beside it stays out."""
    at, before = make.slot(seats=8, starts_at=clock() + timedelta(hours=40)), clock() - timedelta(hours=2)
    theirs = a_broker(now=before, at=at)
    a_mother_with(3, now=before)
    wait_until_settled()
    ingest(now=clock(), open_store=live_store)
    case = Case.objects.get()
    assert set(case.appointments.values_list("appointment_id", flat=True)) == set(theirs)
    return case


def decide_to_cancel(page, portal, axe, case):
    page.goto(portal.url + reverse("staff_cases"))
    axe(page)
    strike(page, "t")
    page.get_by_text("Lo tiene usted").wait_for()
    axe(page)
    strike(page, "c")
    heading(page, "Cancelar citas")
    axe(page)
    reach(page, "[name=reason]")
    page.keyboard.press("Space")
    reach(page, "[name=note]")
    page.keyboard.type(NOTE)
    reach(page, "form button.govuk-button--warning")
    strike(page, "Enter")
    assert Decision.objects.get(case=case).done_at is None  # it waits for a second person


def approve(page, portal, axe, case):
    page.goto(portal.url + reverse("staff_decisions"))
    axe(page)
    reach(page, f"main a[href='{reverse('staff_decision', args=[Decision.objects.get(case=case).pk])}']")
    strike(page, "Enter")
    heading(page, "Cancelar citas")
    axe(page)
    reach(page, "button[value=aprobar]")
    strike(page, "Enter")
    case.refresh_from_db()
    assert (case.is_closed, case.verdict, standing(case)) == (True, Verdict.BROKER, {Standing.CANCELLED})


def ask_for_a_review(page, axe, booker):
    page.goto(re.search(r"https?://\S+/cita-cancelada/[\w:-]+/", last_mail_to(booker.email)).group())
    heading(page, "Su cita se canceló")
    axe(page)
    reach(page, "[name=words]")
    page.keyboard.type(WORDS)
    reach(page, "main form button")
    strike(page, "Enter")
    page.get_by_text("Espera respuesta").wait_for()
    axe(page)


def answer(page, portal, axe):
    page.goto(portal.url + reverse("staff_appeals"))
    axe(page)
    reach(page, f"main a[href='{reverse('staff_appeal', args=[Appeal.objects.get().pk])}']")
    strike(page, "Enter")
    page.get_by_text(WORDS).wait_for()
    axe(page)
    reach(page, "[name=found]")
    page.keyboard.press("Space")  # the first one: it was a mistake, for everybody
    reach(page, "[name=answer]")
    page.keyboard.type(SORRY)
    reach(page, "main form button")
    strike(page, "Enter")


def read_the_answer(page, axe, booker):
    letter = last_mail_to(booker.email)
    assert SORRY in letter
    page.goto(re.search(r"https?://\S+/cita-cancelada/[\w:-]+/", letter).group())
    page.get_by_text(SORRY).wait_for()
    axe(page)
    page.get_by_text("tiene cita otra vez").wait_for()
    reach(page, "main p a")
    strike(page, "Enter")
    heading(page, re.compile("^Su cita"))
    axe(page)


def standing(case):
    return set(case.appointments.values_list("standing", flat=True))


def test_case_goes_from_flag_to_appeal_by_keyboard_alone(page, live_db, portal, axe, another_page):
    case = flagged()
    lost = Appointment.objects.filter(pk__in=case.appointments.values("appointment_id")).first()
    booker = lost.account

    enter(page, portal, staff_with(Role.REVIEWER))
    decide_to_cancel(page, portal, axe, case)
    enter(page, portal, staff_with(Role.SENIOR_REVIEWER))
    approve(page, portal, axe, case)
    theirs = another_page()
    ask_for_a_review(theirs, axe, booker)
    enter(page, portal, staff_with(Role.REVIEWER))
    answer(page, portal, axe)
    read_the_answer(theirs, axe, booker)

    again = Appointment.objects.filter(account=booker).exclude(pk=lost.pk).get()
    case.refresh_from_db()
    assert (again.slot_id, again.status, standing(case)) == (lost.slot_id, "booked", {Standing.RESTORED})
    assert case.verdict == Verdict.LEGITIMATE
