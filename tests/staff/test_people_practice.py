"""The practice office: everybody of the staff may try everything, and no citizen meets it."""

import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse

from appointments.models import Appointment, Hold
from appointments.notifications import handlers
from consulates import practice
from consulates.access import access_of
from consulates.models import Consulate, Role, Seat, Session
from consulates.roles import NEVER_PRACTISED, PERMISSIONS, May
from consulates.selectors import earliest_by_office, next_openings, offices, soonest, stops
from mexitel.audit.models import AuditLine
from mexitel.outbox.models import OutgoingMessage
from mexitel.utils.time import now as clock
from tests.factories import appointments as make
from tests.factories.accounts import sign_in
from tests.factories.consulates import ConsulateFactory, ProcedureFactory
from tests.factories.staff import staff_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return ConsulateFactory(
        code="practica", is_practice=True, city="Práctica", state="ZZ", name_es="Oficina de práctica"
    )


@pytest.fixture
def slot(office):
    return make.slot(consulate=office, seats=3)


@pytest.mark.parametrize("role", list(Role))
def test_every_role_may_there_what_it_may_anywhere(office, role):
    home = None if role in Role.of_the_network() else ConsulateFactory()
    access = access_of(staff_with(role, home), now=clock())

    for permission in May:
        practised = permission in PERMISSIONS[role] and (permission not in NEVER_PRACTISED or home is None)
        assert (permission, access.may(permission, office.pk)) == (permission, practised)


def test_asking_for_the_roles_stays_one_query(office, django_assert_num_queries):
    user = staff_with(Role.PLANNER, ConsulateFactory())
    with django_assert_num_queries(1):
        access_of(user, now=clock())


def test_office_at_hand_is_a_real_one_until_practice_is_chosen(client, office):
    real = ConsulateFactory(city="Zapata", state="ZZ")
    sign_in(client, staff_with(Role.PLANNER, real))
    assert "mx-practice" not in client.get(reverse("staff_home")).content.decode()
    client.get(reverse("staff_office", args=[office.code]))
    assert "mx-practice" in client.get(reverse("staff_home")).content.decode()


def test_reference_data_bring_it_with_a_rolling_fortnight():
    for _ in range(2):
        call_command("load_reference", verbosity=0)
    office = Consulate.objects.get(is_practice=True)
    days = list(Session.objects.filter(consulate=office).values_list("date", flat=True))

    assert office.code == practice.CODE
    assert len(days) == len(set(days)) == 15
    assert Seat.objects.filter(slot__consulate=office).count() == 15 * 12
    assert practice.fill(now=clock() + timedelta(days=3)) == 3


def test_public_selectors_leave_it_out(office, slot):
    now = clock()

    assert list(offices(on=now.date())) == []
    assert stops(now=now, near=None) == []
    assert soonest(now=now) == []
    assert earliest_by_office(now=now) == {}
    assert next_openings(now=now, consulates=offices(on=now.date())) == []
    assert [stop.consulate_id for stop in stops(now=now, near=None, practice=True)] == [office.pk]


@pytest.mark.parametrize("name", ["office", "api_office"])
def test_public_pages_do_not_know_it(client, office, slot, name):
    assert client.get(reverse(name, args=[office.code])).status_code == 404


def test_public_pages_and_the_api_do_not_name_it(client, office, slot):
    ProcedureFactory()
    for address in ("/", reverse("office_list"), reverse("api_offices"), reverse("search")):
        assert "práctica" not in client.get(address).content.decode().lower()


def test_claim_gives_its_places_to_agents_only(slot):
    agent = staff_with(Role.PHONE_AGENT)

    assert make.hold(make.account(), slot).code == "unknown_slot"
    assert make.hold(make.account(), slot, agent=agent.pk).ok


def test_control_a_real_office_gives_the_same_place_to_anybody(slot):
    Consulate.objects.update(is_practice=False)

    assert make.hold(make.account(), slot).ok


def test_nobody_is_moved_into_it_or_out_of_it(slot):
    agent, booker = staff_with(Role.PHONE_AGENT), make.account()
    procedure = make.offered(slot)
    real = make.slot(procedures=[procedure], seats=3)
    [own] = make.book(booker, real)

    assert make.hold(booker, slot, agent=agent.pk, replaces=[own]).code == "not_movable"
    held = make.hold(booker, slot, agent=agent.pk)
    practised = make.confirm(booker, held).facts["appointments"]
    assert make.hold(booker, real, agent=agent.pk, replaces=practised).code == "not_movable"
    assert Hold.objects.filter(closed_at=None).count() == 0


def test_what_is_booked_there_is_told_to_nobody(office, slot):
    booker = make.account(phone="+12135550188")
    held = make.hold(booker, slot, agent=staff_with(Role.PHONE_AGENT).pk)
    appointments = make.confirm(booker, held).facts["appointments"]
    payload = json.loads(json.dumps({"party": str(held.facts["hold"]), "appointments": [str(a) for a in appointments]}))

    handlers.booked(outbox_id=1, payload=payload, now=clock())
    assert not OutgoingMessage.objects.exists()

    Consulate.objects.update(is_practice=False)  # the control
    handlers.booked(outbox_id=1, payload=payload, now=clock())
    assert OutgoingMessage.objects.count() == 2
    assert Appointment.objects.get().consulate == office
    assert not AuditLine.objects.filter(action="role.give").exists()
