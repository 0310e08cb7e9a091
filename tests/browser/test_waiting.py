"""Somebody joins the waiting list, is offered a freed place by the link of the message, and accepts. Without JavaScript
somebody does in tests/browser/test_draws.py, where whoever lost goes on here.
"""

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from appointments.models import Appointment, WaitingEntry
from appointments.waiting import messages
from mexitel.outbox.models import OutgoingMessage
from mexitel.utils.time import now as clock
from tests.browser.hands import enter, look, type_in
from tests.factories.accounts import UserFactory
from tests.factories.scenes import houston
from tests.factories.waiting import offer_now

pytestmark = pytest.mark.browser


def test_somebody_waits_and_accepts_what_is_kept(page, live_db, portal, axe, shoot):
    scene, user = houston(), UserFactory()
    enter(page, portal, user)
    page.goto(f"{portal.url}{reverse('search')}?tramite={scene.adults.code}&lugar=77002&fin_de_semana=on")
    page.get_by_role("link", name="Esperar un lugar").click()
    for day in ("Sábado", "Domingo"):
        assert page.get_by_label(day).is_checked()
        page.get_by_label(day).uncheck()
    until = clock() + timedelta(days=40)
    type_in(page, hasta_day=str(until.day), hasta_month=str(until.month), hasta_year=str(until.year))
    page.get_by_role("button", name="Continuar").click()
    type_in(
        page, given_names="Rosa", surname_1="Marín", birth_date_day="5", birth_date_month="4", birth_date_year="1988"
    )
    page.get_by_role("button", name="Agregar a esta persona").click()
    page.get_by_role("button", name="Esperar un lugar").click()
    page.get_by_role("heading", level=1, name="Mi lugar en la lista").wait_for()
    place = WaitingEntry.objects.get()
    look(page, portal, axe, shoot, "place", reverse("waiting_entry", args=[place.pk]))

    offer = offer_now(place, now=clock())
    messages.offered(outbox_id=1, payload={"offer": str(offer.pk)}, now=clock())
    text = json.loads(OutgoingMessage.objects.get(channel="mail").body)["text"]
    link = next(word for word in text.split() if f"/espera/{offer.code}/" in word)
    address = link[link.index("/espera/") :]
    page.context.clear_cookies()  # on the phone, without signing in
    look(page, portal, axe, shoot, "offer", address)
    page.get_by_text("R. M.").wait_for()
    page.get_by_role("button", name="Aceptar la cita").click()
    page.get_by_role("heading", level=1, name="Listo: la cita es suya").wait_for()
    assert Appointment.objects.get().account == user
