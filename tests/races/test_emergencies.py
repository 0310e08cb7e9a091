"""Two officers and one request, two grants and one daily number; each with its guard taken away as a control."""

import threading

from django.db import IntegrityError

from appointments.emergencies import asking, deciding, grants
from appointments.emergencies.errors import EmergencyError, NotYours
from appointments.models import Appointment, EmergencyRequest, Grant, GrantRule
from consulates.models import Role
from mexitel.accounts.models import User
from tests.factories import appointments as make
from tests.factories.accounts import UserFactory
from tests.factories.emergencies import NOW, emergency
from tests.factories.staff import staff_with
from tests.races import guards
from tests.races.together import errors, together

OFFICERS = 6


def take(asked: EmergencyRequest, officer: User):
    return lambda: deciding.take_request(request_id=asked.pk, officer=officer, now=NOW)


def test_one_of_many_officers_takes_a_request(live_db):
    scene = emergency()
    asked = scene.asked()
    officers = [staff_with(Role.OFFICE_MANAGER, scene.office) for _ in range(OFFICERS)]

    results = together([take(asked, officer) for officer in officers])

    assert [type(error) for error in errors(results)] == [NotYours] * (OFFICERS - 1)
    assert EmergencyRequest.objects.get().taken_by == officers[results.index(None)]


def test_control_looking_before_writing_lets_two_take_it(live_db):
    """The same by check and write, with the gap held open, has more than one winner."""
    scene = emergency()
    asked = scene.asked()
    officers = [staff_with(Role.OFFICE_MANAGER, scene.office) for _ in range(2)]
    looked = threading.Barrier(2)

    def carelessly(officer):
        found = EmergencyRequest.objects.get(pk=asked.pk)
        free = found.taken_by is None
        looked.wait(30)
        if not free:
            raise NotYours
        EmergencyRequest.objects.filter(pk=asked.pk).update(taken_by=officer, taken_until=NOW + deciding.TAKEN_FOR)

    assert errors(together([lambda one=one: carelessly(one) for one in officers])) == []


def decide_both_ways(scene, asked):
    def no():
        deciding.refuse_request(request_id=asked.pk, officer=scene.officer, why="no_seat", answer="-", now=NOW)

    return together([lambda: scene.grant(asked), lambda: scene.grant(asked), no, no])


def test_request_is_decided_once_though_two_windows_say_yes_and_no(live_db):
    scene = emergency()
    asked = scene.taken()

    results = decide_both_ways(scene, asked)

    refusals = errors(results)
    assert len(refusals) == 3
    assert all(isinstance(error, EmergencyError) for error in refusals)
    asked.refresh_from_db()
    assert Appointment.objects.count() == Grant.objects.count() == (1 if asked.status == "granted" else 0)


def test_control_without_the_rows_lock_it_is_decided_twice(live_db, monkeypatch):
    scene = emergency()
    asked = scene.taken()
    read = threading.Barrier(2)

    def unlocked(request_id):
        found = EmergencyRequest.objects.select_related("consulate", "procedure", "account").get(pk=request_id)
        read.wait(30)
        return found

    monkeypatch.setattr(deciding, "locked", unlocked)

    def no(why):
        return lambda: deciding.refuse_request(request_id=asked.pk, officer=scene.officer, why=why, answer="-", now=NOW)

    assert errors(together([no("no_seat"), no("not_urgent")])) == []


def proposals(scene, allowed=1):
    GrantRule.objects.create(consulate=scene.office, daily_grants=allowed)
    asked = [scene.taken(account=UserFactory()) for _ in range(3)]
    return together([lambda one=one: scene.grant(one) for one in asked])


def test_daily_number_is_never_passed_by_grants_at_once(live_db):
    results = proposals(emergency())

    assert errors(results) == []
    assert sorted(EmergencyRequest.objects.values_list("status", flat=True)) == ["granted", "to_sign", "to_sign"]
    assert Grant.objects.get().last_number == 1


def test_control_without_the_rules_lock_the_numbers_constraint_speaks(live_db, monkeypatch):
    scene = emergency()
    GrantRule.objects.create(consulate=scene.office, daily_grants=1)
    asked = [scene.taken(account=UserFactory()) for _ in range(2)]
    counted = threading.Barrier(2)

    def unlocked(office):
        return GrantRule.objects.get(consulate=office)

    real, seen = grants.seats_granted, threading.local()

    def counting(office, *, now):
        found = real(office, now=now)
        if not getattr(seen, "met", False):
            seen.met = True
            counted.wait(30)
        return found

    for module in (grants, deciding):
        monkeypatch.setattr(module, "locked_rule", unlocked)
        monkeypatch.setattr(module, "seats_granted", counting)
    results = together([lambda one=one: scene.grant(one) for one in asked])

    assert [type(error) for error in errors(results)] in ([IntegrityError], [grants.SignatureNeeded])


def test_third_request_does_not_fit_though_four_are_sent_at_once(live_db):
    scene = emergency()
    agent = staff_with(Role.PHONE_AGENT, scene.office)

    def ask():
        return asking.ask_emergency(
            account=scene.account, plea=scene.plea(), people=[make.entry()], agent=agent, now=NOW
        )

    assert len(errors(together([ask] * 4))) == 2
    assert EmergencyRequest.objects.count() == 2


def test_control_without_the_check_the_seat_is_given(live_db, owner_connection):
    scene = emergency()
    with owner_connection.cursor() as cursor:
        guards.rewrite(cursor, "claim_confirm", "pool IN ('staff', 'emergency')", "false")
    held = make.hold(scene.account, scene.slot, pools=["staff"], procedure=scene.procedure.pk)

    assert make.confirm(scene.account, held).ok
