""" "I am coming" by the link of a reminder, and the batch that the office looks at and releases with one key."""

import pytest
from django.urls import reverse

from appointments.coming.tokens import token_for
from appointments.models import Appointment, Attendee
from consulates.models import Role
from mexitel.utils.time import now as clock
from tests.appointments.test_coming import booked_long_ago
from tests.browser.hands import enter, look
from tests.factories.staff import staff_with

pytestmark = pytest.mark.browser


def test_one_says_that_they_come_and_the_office_releases_the_others(page, live_db, portal, axe, shoot):
    [one, other, third, minor, caller] = booked_long_ago(5)
    Attendee.objects.filter(appointment=minor.pk).update(is_minor=True)
    type(caller.account).objects.filter(pk=caller.account_id).update(email_bounced_at=clock())
    link = reverse("coming", args=[token_for(one.party_id)])
    look(page, portal, axe, shoot, "ask", link)
    page.get_by_role("button", name="Sí, voy a ir").click()
    page.get_by_text("Ya lo anotamos").wait_for()
    look(page, portal, axe, shoot, "said", link)

    enter(page, portal, one.account)
    look(page, portal, axe, shoot, "mine", reverse("appointment", args=[one.pk]))
    look(page, portal, axe, shoot, "correct", reverse("appointment_correct", args=[one.pk, 1]))

    enter(page, portal, staff_with(Role.OFFICE_MANAGER, one.consulate))
    look(page, portal, axe, shoot, "list", reverse("staff_coming", args=[one.consulate.code]))
    page.get_by_role("button", name="Ver el grupo").click()
    page.get_by_role("button", name="Liberarlos").wait_for()
    axe(page)
    shoot(page, "preview")
    page.get_by_role("button", name="Liberarlos").focus()
    page.keyboard.press("l")
    page.get_by_text("Se liberaron 2 lugares").wait_for()
    released = set(Appointment.objects.filter(cancelled_by="unanswered").values_list("pk", flat=True))
    assert released == {other.pk, third.pk}

    look(page, portal, axe, shoot, "released", reverse("coming", args=[token_for(other.party_id)]))
    enter(page, portal, other.account)
    look(page, portal, axe, shoot, "back", reverse("coming_back", args=[other.pk]))
