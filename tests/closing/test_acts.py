"""Closing a day: counted, signed, carried out, and nobody dropped."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from appointments.closing import acts, counts
from appointments.models import Appointment, Closure, Orphan, Permit
from appointments.models.closure import ORPHAN_STEPS, OrphanState
from consulates.models import Seat, Slot
from mexitel.audit.models import AuditLine
from tests.closing.scene import STORM, states, tend, town, without_contact
from tests.factories import appointments as make
from tests.factories.appointments import NOW
from tests.factories.ledger import assert_books_balance, permits_in_use

pytestmark = pytest.mark.django_db


def test_count_says_how_people_can_be_told():
    here = town()
    here.people([1, 2, 3])
    without_contact(here.bookers[0])
    phone = make.account(phone="+12135550177")
    make.book(phone, here.day.slots.last())
    type(phone).objects.filter(pk=phone.pk).update(email=None)

    count = counts.count_lost([here.day.pk], now=NOW)

    assert (count.appointments, count.families) == (7, 2)
    assert (count.mail, count.phone, count.nothing) == (5, 1, 1)
    assert [(line.session_id, line.appointments) for line in count.lines] == [(here.day.pk, 7)]


def test_everybody_of_a_closed_day_is_on_the_list_and_nothing_is_bookable():
    here = town()
    people = here.people([1, 2, 3])
    closure = here.close()

    assert closure.state == "done"
    assert states(closure) == {"to_offer": 6}
    assert set(Orphan.objects.values_list("appointment_id", flat=True)) == {one.pk for one in people}
    assert set(Appointment.objects.values_list("status", flat=True)) == {"orphaned"}
    assert not Slot.objects.filter(session=here.day, closed_at=None).exists()
    assert not Seat.objects.filter(slot__session=here.day, withdrawn_at=None).exists()
    assert make.hold(make.account(), here.day.slots.first()).code == "closed"
    assert_books_balance(now=NOW)


def test_orphaned_keep_their_permits_longer_than_the_day_that_was_closed():
    here = town()
    here.people([4])
    here.close()
    later = here.day.ends_at + timedelta(days=3)

    assert permits_in_use(here.bookers[0], now=later) == {"account": 4, "email": 4}
    assert_books_balance(now=later)


def test_people_on_a_list_are_kept_for_as_long_as_they_stand_on_it():
    here = town(room=0)
    here.people([1])
    closure = here.close()
    now = NOW
    for _ in range(8):
        now += timedelta(days=7)
        tend(now)
    assert states(closure) == {"no_seat": 1}
    assert permits_in_use(here.bookers[0], now=now)["account"] == 1
    assert_books_balance(now=now)


def test_nothing_of_what_has_begun_is_touched():
    here = town(slots=4)
    here.people([4, 4, 4, 4])
    during = here.day.starts_at + timedelta(minutes=40)
    closure = here.close(now=during)

    assert Appointment.objects.filter(status="booked").count() == 8
    assert states(closure) == {"to_offer": 8}
    assert_books_balance(now=during)


def test_closing_again_finds_nothing_to_close():
    here = town()
    here.close()
    with pytest.raises(acts.NothingToClose):
        here.close()


def test_above_fifty_nothing_happens_before_somebody_else_signs():
    here = town(seats=10, slots=6)
    here.people([3] * 17)
    author, colleague = here.manager(), here.manager()
    closure = acts.close(consulate=here.office, session_ids=[here.day.pk], reason=STORM, by=author, now=NOW)

    assert (closure.state, closure.counted) == ("waiting", 51)
    assert acts.carry_out(closure.pk, now=NOW) == 0
    assert Appointment.objects.filter(status="booked").count() == 51
    with pytest.raises(acts.OwnSignature):
        acts.sign(closure, by=author, now=NOW)
    with pytest.raises(acts.AlreadyClosing):
        acts.close(consulate=here.office, session_ids=[here.day.pk], reason=STORM, by=colleague, now=NOW)
    acts.sign(closure, by=colleague, now=NOW)
    acts.carry_out(closure.pk, now=NOW)
    assert states(closure) == {"to_offer": 51}
    with pytest.raises(acts.NotWaiting):
        acts.sign(closure, by=here.manager(), now=NOW)


def test_fifty_need_no_second_signature():
    here = town(seats=10, slots=6)
    here.people([5] * 10)
    assert here.close().signed_by is None


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"counted": 51}, "closure_of_many_has_two_signatures"),
        ({"signed_by": "author"}, "closure_signed_by_somebody_else"),
        ({"state": "waiting"}, "closure_begins_with_its_moment"),
    ],
)
def test_signatures_are_a_constraint(changes, constraint):
    here = town()
    closure = here.close()
    if changes.get("signed_by"):
        changes = {"signed_by": closure.created_by}
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Closure.objects.filter(pk=closure.pk).update(done_at=None, **{"state": "running"} | changes)


def test_refused_closure_changes_nothing():
    here = town(seats=10, slots=6)
    here.people([3] * 17)
    closure = acts.close(consulate=here.office, session_ids=[here.day.pk], reason=STORM, by=here.manager(), now=NOW)
    acts.refuse(closure, by=here.manager(), now=NOW)

    assert acts.carry_out(closure.pk, now=NOW) == 0
    assert make.hold(make.account(), here.day.slots.last()).ok


def test_steps_are_the_same_here_and_in_the_database():
    with connection.cursor() as cursor:
        cursor.execute("SELECT s.key, t.value FROM jsonb_each(orphan_steps()) s,"
                       " jsonb_array_elements_text(s.value) t")  # fmt: skip
        told = cursor.fetchall()
    # Standing still is no step.
    assert {(a, b) for a, b in told if a != b} == {
        (str(state), str(to)) for state, steps in ORPHAN_STEPS.items() for to in steps if to != state
    }


@pytest.mark.parametrize("state", [OrphanState.ACCEPTED, OrphanState.MOVED, OrphanState.CANCELLED])
def test_an_end_is_an_end(state):
    here = town()
    here.people([1])
    here.close()
    Orphan.objects.update(state=state, ended_at=NOW)
    with pytest.raises(IntegrityError, match="no step to to_call"), transaction.atomic():
        Orphan.objects.update(state="to_call", ended_at=None)


def test_nobody_is_taken_off_a_list():
    here = town()
    here.people([1])
    here.close()
    with pytest.raises(IntegrityError, match="nobody is taken off"), transaction.atomic():
        Orphan.objects.all().delete()
    with pytest.raises(IntegrityError, match="orphan_leaves_by_an_end"), transaction.atomic():
        Orphan.objects.update(ended_at=NOW)


def test_recount_sees_who_lost_their_seat_and_stands_on_no_list():
    from appointments.services.recount import recount

    here = town()
    [one] = here.people([1])
    Seat.objects.filter(pk=one.seat_id).update(holder=None, until=None)
    Appointment.objects.update(status="orphaned")
    assert recount(now=NOW).unlisted == 1


def test_recount_sees_a_person_of_an_orphan_whose_place_is_gone():
    from appointments.models import ApplicantClaim
    from appointments.services.recount import recount

    here = town()
    here.people([1])
    here.close()
    ApplicantClaim.objects.all().delete()
    Permit.objects.all().delete()
    difference = recount(now=NOW)
    assert (difference.people, difference.permits_missing) == (1, 2)


def test_every_step_of_the_act_leaves_its_line():
    here = town()
    here.people([1, 2])
    closure = here.close()
    lines = AuditLine.objects.filter(object_type="appointments.closure", object_id=str(closure.pk)).order_by("id")
    assert [(line.action, line.office_id) for line in lines] == [
        ("closure.close", here.office.pk),
        ("closure.orphan", here.office.pk),
        ("closure.done", here.office.pk),
    ]
    assert lines[0].reason == STORM.es
