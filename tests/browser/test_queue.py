"""Somebody joins a queue on one device, goes on on another, and books; with JavaScript and without."""

import time
from datetime import timedelta

import pytest
from django.db.models import F
from django.urls import reverse

from appointments.models import Appointment, QueueDesk
from appointments.queueing import tending
from consulates.models import Release, ReleaseOffice, Slot
from mexitel.utils.time import now as clock
from tests.browser.hands import enter, press, write_person
from tests.factories import appointments as make
from tests.factories.queues import joined, queue, queue_files
from tests.pages.test_journey import MOST_BYTES, weigh

pytestmark = pytest.mark.browser
__all__ = ["queue_files"]


def open_now(made):
    """The hour of the opening comes: it is a moment ago."""
    back = made.opens_at - clock() + timedelta(seconds=5)
    Release.objects.filter(pk=made.pk).update(opens_at=F("opens_at") - back, joins_from=F("joins_from") - back)
    ReleaseOffice.objects.filter(release=made).update(opens_at=F("opens_at") - back)
    Slot.objects.filter(session__release=made).update(opens_at=F("opens_at") - back)


def tend_until_called(made):
    """What the task does every two seconds."""
    deadline = time.monotonic() + 30
    while not QueueDesk.objects.filter(release=made, called_to__gt=0).exists():
        assert time.monotonic() < deadline
        tending.tend(Release.objects.get(pk=made.pk), now=clock())


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
def test_a_place_goes_from_one_device_to_another_and_to_a_booking(request, portal, another_page, axe, shoot, script):
    page = request.getfixturevalue("phone_page" if script else "page_without_javascript")
    made, me = queue(opens_at=clock() + timedelta(hours=3), seats=1, slots=8), make.account("rosa.prueba@example.com")
    joined(made, 3, now=clock())
    room = portal.url + reverse("queue_room", args=[made.pk])

    def see(name):
        if script:
            axe(page)
            shoot(page, f"queue_{name}")

    page.goto(room)
    see("stranger")
    enter(page, portal, me)
    page.goto(room)
    see("before")
    press(page, "main form button.govuk-button")
    assert page.locator(".mx-ticket").count() == 1
    see("joined")
    page.close()

    open_now(made)
    page = another_page()
    enter(page, portal, me)
    tending.tend(Release.objects.get(pk=made.pk), now=clock())
    page.goto(room)
    see("drawing")
    tend_until_called(made)
    if script:
        page.wait_for_selector("form[action$='/pasar/']", timeout=30_000)  # it finds out by itself
    else:
        page.goto(room)
    see("called")
    if script:
        assert weigh(page.context, room)[1] <= MOST_BYTES
    press(page, "form[action$='/pasar/'] button")
    see("wanted")
    press(page, "form.mx-card button")  # the only procedure is chosen; for how many is asked
    see("times")
    press(page, "button.mx-time")
    page.wait_for_url("**/persona/1/")
    write_person(page, "Rosa")
    press(page, "main form button.govuk-button")
    press(page, "main form button.govuk-button")
    page.wait_for_url("**/cita/**")

    [booked] = Appointment.objects.filter(account=me)
    assert booked.session.release_id == made.pk
    tend_until_called(made)
    tending.tend(Release.objects.get(pk=made.pk), now=clock() + timedelta(seconds=2))
    page.goto(room)
    see("booked")
