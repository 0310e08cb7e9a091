"""No worker, no beat, no relay runs at all: an abandoned seat is found through the search page and booked."""

import re
from datetime import timedelta

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse

from appointments.models import Appointment, Hold, Permit
from consulates.models import Seat
from consulates.selectors import availability, search
from mexitel.outbox.models import Heartbeat, OutboxMessage
from mexitel.utils.time import now as clock
from tests.factories.accounts import UserFactory, sign_in
from tests.factories.ledger import assert_books_balance
from tests.factories.scenes import houston

pytestmark = pytest.mark.faults

LUIS = {"given_names": "Luis", "surname_1": "Sol", "birth_date_day": "5", "birth_date_month": "4"}
LUIS |= {"birth_date_year": "1988"}


@pytest.fixture
def abandoned(live_db):
    """The last free seat of the portal, held by somebody who went away half an hour ago."""
    scene = houston(windows=1)
    Seat.objects.exclude(pk=Seat.objects.order_by("pk").first().pk).update(withdrawn_at=clock())

    leaving = sign_in(Client(), UserFactory())
    assert leaving.post(reverse("hold_create"), offer(leaving, scene)).status_code == 302
    assert offer(Client(), scene) is None
    wait = timedelta(minutes=30)
    held = Hold.objects.get()
    Hold.objects.update(created_at=F("created_at") - wait, expires_at=F("expires_at") - wait)
    Permit.objects.update(until=F("until") - wait)
    Seat.objects.filter(holder=held.pk).update(until=F("until") - wait)
    return scene, leaving, held


def offer(client, scene):
    """What the first button of the search page would send, or None when it offers nothing."""
    page = client.get(reverse("search"), {"tramite": scene.adults.code, "lugar": "77002"})
    assert page.status_code == 200
    found = re.search(r'name="slots" value="([^"]+)"', page.content.decode())
    return {"procedure": scene.adults.code, "slots": found[1]} if found else None


def take(client, scene, offered):
    client.post(reverse("hold_create"), offered)
    held = Hold.objects.order_by("-created_at").first()
    client.post(reverse("hold_person", args=[held.pk, 1]), LUIS)
    return client.post(reverse("hold_check", args=[held.pk]))


def test_abandoned_seat_is_found_and_booked(abandoned):
    scene, leaving, held = abandoned
    newcomer = sign_in(Client(), UserFactory())

    take(newcomer, scene, offer(newcomer, scene))

    booked = Appointment.objects.get()
    assert (booked.seat_id, booked.account_id != held.account_id) == (held.seat_ids[0], True)
    assert booked.reference in newcomer.get(reverse("my_appointments")).content.decode().replace("-", "")
    assert offer(Client(), scene) is None
    leaving.post(reverse("hold_check", args=[held.pk]))  # who comes back takes nothing from anybody
    assert Appointment.objects.get() == booked
    assert_books_balance(now=clock())
    assert not Heartbeat.objects.exists()
    assert not OutboxMessage.objects.exclude(handed_at=None, done_at=None).exists()


def test_control_a_search_that_waits_for_a_sweeper_finds_nothing(abandoned, monkeypatch):
    scene, _leaving, _held = abandoned
    past = " OR seat.until <= %(now)s"
    for module, name in ((search, "FIRST_FITS"), (availability, "FREE_SLOTS")):
        query = getattr(module, name)
        assert past in query
        monkeypatch.setattr(module, name, query.replace(past, ""))

    assert offer(Client(), scene) is None


def test_control_a_claim_that_waits_for_a_sweeper_refuses(abandoned, owner_connection):
    scene, _leaving, _held = abandoned
    newcomer = sign_in(Client(), UserFactory())
    offered = offer(newcomer, scene)
    with owner_connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION seat_is_free(p_visible_at timestamptz, p_withdrawn_at timestamptz,"
            " p_until timestamptz, p_now timestamptz) RETURNS boolean LANGUAGE sql IMMUTABLE AS"
            " 'SELECT p_visible_at <= p_now AND p_withdrawn_at IS NULL AND p_until IS NULL'"
        )

    newcomer.post(reverse("hold_create"), offered)

    assert Hold.objects.count() == 1
