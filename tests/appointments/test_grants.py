"""Seats outside the public pool: the line, the daily number, the second signature, and the cap for one booking."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from appointments.claim import claim_one
from appointments.emergencies import deciding
from appointments.emergencies.errors import NotOutside, SameSigner, SignatureNeeded
from appointments.emergencies.grants import Signatures, give_seats, grant_hold
from appointments.errors import BookerBlocked, SlotFull
from appointments.models import Appointment, CapOverride, EmergencyRequest, Grant, GrantRule, Permit, Scope
from appointments.services.recount import recount
from consulates.models import Role, Seat
from tests.factories import appointments as make
from tests.factories.accounts import UserFactory
from tests.factories.emergencies import NOW, emergency
from tests.factories.staff import staff_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    return emergency()


@pytest.fixture
def signer(scene):
    return staff_with(Role.OFFICE_MANAGER, scene.office)


def only_signed(scene, allowed=0):
    GrantRule.objects.create(consulate=scene.office, daily_grants=allowed)


@pytest.mark.parametrize("pool", ["emergency", "staff"])
def test_claim_confirms_no_seat_outside_the_public_pool_without_a_line(scene, pool):
    held = make.hold(scene.account, scene.slot, pools=[pool], procedure=scene.procedure.pk)

    assert make.confirm(scene.account, held).code == "not_granted"
    grant_hold(hold_id=held.facts["hold"], pool=pool, signatures=Signatures(scene.officer, "Vino en persona."), now=NOW)
    assert make.confirm(scene.account, held).ok


def test_move_into_such_a_seat_needs_a_line_too(scene):
    later = make.session(consulate=scene.office, procedures=[scene.procedure]).slots.get()
    [booked] = make.book(scene.account, later)
    held = make.hold(scene.account, scene.slot, pools=["staff"], procedure=scene.procedure.pk, replaces=[booked])

    assert make.confirm(scene.account, held, []).code == "not_granted"


def test_line_for_fewer_seats_than_the_hold_has_is_no_line(scene):
    held = make.hold(scene.account, scene.slot, 2, pools=["emergency"], procedure=scene.procedure.pk)
    Grant.objects.create(
        hold_id=held.facts["hold"], consulate=scene.office, pool="emergency", seats=1, day=NOW.date(), last_number=1,
        allowed=5, author=scene.officer, reason="-", created_at=NOW,
    )  # fmt: skip

    assert make.confirm(scene.account, held, n=2).code == "not_granted"


def test_public_seat_needs_no_line(scene):
    held = make.hold(scene.account, scene.slot, procedure=scene.procedure.pk)

    with pytest.raises(NotOutside):
        grant_hold(hold_id=held.facts["hold"], pool="public", signatures=Signatures(scene.officer, "-"), now=NOW)
    assert make.confirm(scene.account, held).ok


def test_staff_seat_is_given_with_a_line_by_the_same_service(scene):
    [given] = give_seats(
        account=scene.account, slot=scene.slot, procedure=scene.procedure, people=[make.entry()], pool="staff",
        signatures=Signatures(scene.officer, "Vino desde lejos."), origin="counter", channel="counter", now=NOW,
    )  # fmt: skip

    assert Appointment.objects.get(pk=given).channel == "counter"
    assert (Grant.objects.get().pool, Grant.objects.get().request) == ("staff", None)


def test_full_pool_leaves_nothing_behind(scene):
    asked = scene.taken()
    Seat.objects.filter(pool="emergency").update(until=NOW + timedelta(days=1))

    with pytest.raises(SlotFull):
        scene.grant(asked)
    assert not Grant.objects.exists()
    assert EmergencyRequest.objects.get().status == "open"


def test_above_the_daily_number_nothing_is_given_until_another_person_signs(scene, signer):
    only_signed(scene, allowed=1)
    scene.grant(scene.taken(account=UserFactory()))
    asked = scene.grant(scene.taken())

    assert (asked.status, Appointment.objects.count()) == ("to_sign", 1)
    with pytest.raises(SameSigner):
        deciding.countersign(request_id=asked.pk, slot=scene.slot, pool="emergency", signer=scene.officer, now=NOW)
    deciding.countersign(request_id=asked.pk, slot=scene.slot, pool="emergency", signer=signer, now=NOW)
    grant = Grant.objects.get(request=asked)

    assert (grant.author, grant.countersigned_by, grant.last_number, grant.allowed) == (scene.officer, signer, 2, 1)
    assert Appointment.objects.count() == 2


def test_refused_signature_brings_the_request_back(scene, signer):
    only_signed(scene)
    asked = scene.grant(scene.taken())
    deciding.do_not_sign(request_id=asked.pk, signer=signer, reason="No veo la urgencia.", now=NOW)
    asked.refresh_from_db()

    assert (asked.status, asked.proposal, asked.taken_by) == ("open", None, None)
    deciding.take_request(request_id=asked.pk, officer=signer, now=NOW)


def test_number_begins_anew_each_day_of_the_office(scene):
    only_signed(scene, allowed=1)
    held = make.hold(scene.account, scene.slot, pools=["staff"], procedure=scene.procedure.pk)
    signatures = Signatures(scene.officer, "-")
    grant_hold(hold_id=held.facts["hold"], pool="staff", signatures=signatures, now=NOW)
    tomorrow = NOW + timedelta(days=1)
    other = make.hold(UserFactory(), scene.slot, pools=["emergency"], procedure=scene.procedure.pk)

    with pytest.raises(SignatureNeeded):
        grant_hold(hold_id=other.facts["hold"], pool="emergency", signatures=signatures, now=NOW)
    assert grant_hold(
        hold_id=other.facts["hold"], pool="emergency", signatures=signatures, now=tomorrow
    ).last_number == 1  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"last_number": 6}, "grant_above_the_number_has_two_signatures"),
        ({"reason": ""}, "grant_says_why"),
        ({"pool": "public"}, "grant_outside_the_public_pool"),
        ({"countersigned_by": "author"}, "grant_signed_by_two_people"),
    ],
)
def test_constraint_holds_what_a_line_must_say(scene, changes, constraint):
    held = make.hold(scene.account, scene.slot, pools=["staff"], procedure=scene.procedure.pk)
    columns = {
        "hold_id": held.facts["hold"], "consulate": scene.office, "pool": "staff", "seats": 1, "day": NOW.date(),
        "last_number": 1, "allowed": 5, "author": scene.officer, "reason": "-", "created_at": NOW,
    }  # fmt: skip
    if changes.get("countersigned_by"):
        changes = {"countersigned_by": scene.officer}

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Grant.objects.create(**columns | changes)


@pytest.mark.parametrize("statement", ["UPDATE appointments_grant SET reason = 'x'", "DELETE FROM appointments_grant"])
def test_line_cannot_be_changed_or_taken_back(scene, statement):
    scene.grant(scene.taken())

    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def fill_lock(scene, n=5):
    other = make.session(consulate=make.office(), seats=9)
    return make.book(scene.account, other.slots.get(), n)


def test_booker_at_the_lock_of_five_gets_a_cap_for_this_one_booking(scene):
    fill_lock(scene)
    scene.grant(scene.taken())
    override = CapOverride.objects.get()

    assert (override.kind, override.cap, override.author) == ("emergency", 6, scene.officer)
    assert override.reason == "Acta de defunción vista."
    assert Appointment.objects.filter(account=scene.account).count() == 6
    assert set(Scope.objects.values_list("override_cap", "override_until")) == {(None, None)}
    assert not recount(now=NOW).any
    another = make.hold(scene.account, make.slot())
    assert another.code == "lock_full"


def test_no_cap_is_raised_when_there_is_room(scene):
    fill_lock(scene, 4)
    scene.grant(scene.taken())

    assert not CapOverride.objects.exists()
    assert Permit.objects.filter(until__gt=NOW).count() == 10  # account and mailbox


def test_family_cap_goes_on_afterwards(scene):
    end = NOW + timedelta(days=30)
    fill_lock(scene)
    Scope.objects.update(override_cap=5, override_until=end)
    scene.grant(scene.taken())

    assert set(Scope.objects.values_list("override_cap", "override_until")) == {(5, end)}


def test_failed_grant_leaves_the_cap_as_it_was(scene):
    fill_lock(scene)
    asked = scene.taken()
    Seat.objects.filter(pool="emergency").update(until=NOW + timedelta(days=1))

    with pytest.raises(SlotFull):
        scene.grant(asked)
    assert not CapOverride.objects.exists()
    assert set(Scope.objects.values_list("override_cap", flat=True)) == {None}


def test_block_stops_an_emergency_too(scene):
    fill_lock(scene, 1)
    Scope.objects.update(blocked_until=NOW + timedelta(days=1))

    with pytest.raises(BookerBlocked):
        scene.grant(scene.taken())


def test_hold_of_the_public_is_not_confirmed_by_a_line_of_another(scene):
    """A grant names its hold; another hold of the same person stays without one."""
    first = make.hold(scene.account, scene.slot, pools=["staff"], procedure=scene.procedure.pk)
    signatures = Signatures(scene.officer, "-")
    grant_hold(hold_id=first.facts["hold"], pool="staff", signatures=signatures, now=NOW)
    other = make.hold(UserFactory(), scene.slot, pools=["emergency"], procedure=scene.procedure.pk)

    assert claim_one(make.confirm_request(UserFactory(), first.facts["hold"], []), now=NOW).code == "unknown_hold"
    assert other.ok
