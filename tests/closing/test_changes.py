"""Changed hours keep whom they can, and a suspended procedure is offered nowhere."""

from datetime import date, time, timedelta

import pytest

from appointments.closing import acts, counts
from appointments.closing.acts import Reason
from appointments.models import Appointment, Closure, Orphan
from consulates.models import Seat, Session, Slot, Suspension
from consulates.selectors import next_openings, office_day, office_month, soonest
from consulates.services import NotPublished
from consulates.services.changes import NewHours
from consulates.services.suspensions import AlreadySuspended, resume
from tests.closing.scene import STORM, colleague, states, tend, town
from tests.factories import appointments as make
from tests.factories.appointments import NOW
from tests.factories.consulates import ConsulateFactory, ProcedureFactory, published_session
from tests.factories.ledger import assert_books_balance
from tests.factories.resting import LONGEST

pytestmark = pytest.mark.django_db
REASON = Reason("No hay luz.", "There is no light.")


def day(windows=3, **changes):
    """Nine to eleven in half hours, a week from now, in Houston."""
    session = published_session(
        ConsulateFactory(), make.procedure(), kind="mobile", day=(NOW + timedelta(days=7)).date(), windows=windows,
        opens_at=NOW - timedelta(days=1), now=NOW - timedelta(days=1), **changes,
    )  # fmt: skip
    return session


def times(session):
    return list(session.slots.order_by("starts_at"))


def change(session, now=NOW, **changes):
    session.refresh_from_db()
    values = {"opens": time(9), "closes": time(11), "windows": session.windows, "slot_minutes": session.slot_minutes}
    new = NewHours(**values | changes)
    preview = counts.preview_hours(session, new, now=now)
    manager = colleague("office_manager", session.consulate)
    closure = acts.close_hours(session=session, new=new, reason=REASON, by=manager, now=now)
    acts.carry_out(closure.pk, now=now)
    session.refresh_from_db()
    return preview, closure


def test_shorter_hours_orphan_only_those_who_come_later():
    session = day()
    first, *_middle, last = times(session)
    booker = make.account()
    make.book(booker, first, 2)
    make.book(make.account(), last, 3)
    preview, closure = change(session, closes=time(10))

    assert (preview.stay, preview.close, preview.add, preview.lost.appointments) == (2, 2, 0, 3)
    assert states(closure) == {"to_offer": 3}
    assert Appointment.objects.filter(status="booked", slot_id=first.pk).count() == 2
    assert make.hold(make.account(), last).code == "closed"
    assert session.closes_local == time(10)
    assert_books_balance(now=NOW)


def test_longer_hours_and_more_windows_give_seats():
    session = day(windows=2)
    preview, closure = change(session, closes=time(12), windows=3)
    assert (preview.add, preview.seats_before, preview.seats_after, preview.lost.appointments) == (2, 8, 18, 0)
    assert (states(closure), closure.kind) == ({}, "hours")
    assert Seat.objects.free(now=NOW).filter(slot__session=session).count() == 18
    assert make.hold(make.account(), times(session)[-1], 3).ok


def test_hours_that_come_back_give_their_seats_back():
    session = day()
    change(session, closes=time(10), windows=1)
    assert Seat.objects.free(now=NOW).filter(slot__session=session, slot__closed_at=None).count() == 2
    change(session, closes=time(11), windows=3)
    assert Seat.objects.free(now=NOW).filter(slot__session=session, slot__closed_at=None).count() == 12


def test_fewer_windows_move_people_within_their_time_first():
    session = day(windows=3)
    slot = times(session)[0]
    booked = [make.book(make.account(), slot)[0] for _ in range(3)]
    gone = Appointment.objects.get(pk=booked[0])
    make.cancel(gone.account, str(gone.pk))
    preview, closure = change(session, windows=2)

    assert preview.lost.appointments == 0
    assert states(closure) == {}
    assert set(Seat.objects.filter(slot=slot, holder__isnull=False).values_list("unit", flat=True)) == {1, 2}
    assert_books_balance(now=NOW)


def test_fewer_windows_orphan_whom_no_window_is_left_for():
    session = day(windows=3)
    slot = times(session)[0]
    make.book(make.account(), slot, 3)
    preview, closure = change(session, windows=1)
    assert preview.lost.appointments == 2
    assert states(closure) == {"to_offer": 2}
    assert Appointment.objects.filter(status="booked").count() == 1
    assert Orphan.objects.filter(closure=closure).count() == 2
    tend()
    assert_books_balance(now=NOW)


def test_hold_in_a_window_that_is_gone_is_not_confirmed():
    session = day(windows=2)
    slot = times(session)[0]
    first, second = make.account(), make.account()
    make.hold(first, slot)
    held = make.hold(second, slot)
    change(session, windows=1)
    assert make.confirm(second, held).code == "closed"


def test_slots_of_another_length_keep_who_comes_at_a_time_that_stays():
    session = day()
    slots = times(session)
    make.book(make.account(), slots[0])
    make.book(make.account(), slots[1])
    preview, closure = change(session, slot_minutes=20)
    assert (preview.stay, preview.add, preview.close) == (2, 4, 2)
    assert states(closure) == {"to_offer": 1}
    assert Slot.objects.get(pk=slots[0].pk).ends_at - slots[0].starts_at == timedelta(minutes=20)


def test_hours_are_those_of_published_sessions_that_are_not_over():
    session = day()
    Session.objects.filter(pk=session.pk).update(status="held", held_at=NOW)
    session.refresh_from_db()
    with pytest.raises(NotPublished):
        change(session)


def test_closed_session_has_no_hours_to_change():
    session = day()
    manager = colleague("office_manager", session.consulate)
    closure = acts.close(consulate=session.consulate, session_ids=[session.pk], reason=STORM, by=manager, now=NOW)
    acts.carry_out(closure.pk, now=NOW)
    with pytest.raises(acts.ClosedAlready):
        change(session)


# -- suspensions -------------------------------------------------------------------------------


def suspended(here, now=NOW, first=None, last=None):
    closure = acts.close_procedure(
        consulate=here.office, procedure=here.offered, first=first or here.day.date, last=last or here.day.date,
        reason=REASON, by=here.manager(), now=now,
    )  # fmt: skip
    acts.carry_out(closure.pk, now=now)
    return closure


def two_procedures():
    here, other = town(), make.procedure()
    here.day.procedures.add(other)
    return here, other


def test_suspended_procedure_is_refused_and_others_are_not():
    here, other = two_procedures()
    slot = here.day.slots.first()
    suspended(here)
    assert make.hold(make.account(), slot, procedure=here.offered.pk).code == "not_offered"
    assert make.hold(make.account(), slot, procedure=other.pk).ok


def test_hold_of_a_suspended_procedure_is_not_confirmed():
    here, _other = two_procedures()
    booker = make.account()
    held = make.hold(booker, here.day.slots.first(), procedure=here.offered.pk)
    suspended(here)
    assert make.confirm(booker, held).code == "not_offered"


def test_who_booked_it_comes_on_a_list_and_the_seat_serves_others():
    here, other = two_procedures()
    slot = here.day.slots.first()
    held = make.hold(make.account(), slot, procedure=other.pk)
    here.people([2])
    closure = suspended(here)
    tend()
    assert states(closure) == {"offered": 2}
    assert held.ok
    assert not Seat.objects.filter(slot__session=here.day, withdrawn_at__isnull=False).exists()
    assert Seat.objects.free(now=NOW + LONGEST).filter(slot__session=here.day).count() == 24
    assert_books_balance(now=NOW)


def test_suspended_procedure_is_offered_nowhere_and_again_when_it_ends():
    office, procedure = ConsulateFactory(), ProcedureFactory()
    now = NOW - timedelta(days=1)
    on = NOW.date() + timedelta(days=7)
    published_session(office, procedure, kind="mobile", day=on, opens_at=now, now=now)
    published_session(office, procedure, kind="mobile", day=on + timedelta(days=1), opens_at=NOW + timedelta(days=1),
                      now=now)  # fmt: skip

    def seen():
        month = office_month(office, first=on, last=on, now=NOW, procedure=procedure)
        openings = next_openings(now=NOW, consulates=[office], procedure=procedure)
        found = [hit.session.date for hit in soonest(now=NOW, procedure=procedure)]
        return len(month), len(office_day(office, on, now=NOW, procedure=procedure)), found, len(openings)

    assert seen() == (1, 1, [on], 1)
    by = colleague("office_manager", office)
    acts.close_procedure(
        consulate=office, procedure=procedure, first=on, last=on + timedelta(days=1), reason=REASON, by=by, now=NOW
    )
    assert seen() == (0, 0, [], 0)
    assert len(office_month(office, first=on, last=on, now=NOW)) == 1
    resume(Suspension.objects.get(), by=by, now=NOW)
    resume(Suspension.objects.get(), by=by, now=NOW)
    assert seen() == (1, 1, [on], 1)


def test_days_that_are_suspended_are_not_suspended_twice():
    here = town()
    suspended(here)
    with pytest.raises(AlreadySuspended):
        suspended(here, first=here.day.date - timedelta(days=1), last=here.day.date + timedelta(days=1))


def test_suspension_of_many_waits_for_the_second_signature():
    here = town(seats=10)
    here.people([3] * 17)
    closure = acts.close_procedure(
        consulate=here.office, procedure=here.offered, first=here.day.date, last=date(2099, 1, 1), reason=REASON,
        by=here.manager(), now=NOW,
    )  # fmt: skip
    assert (closure.state, Suspension.objects.count()) == ("waiting", 0)
    acts.sign(closure, by=here.manager(), now=NOW)
    acts.carry_out(closure.pk, now=NOW)
    assert Closure.objects.get().state == "done"
    assert states(closure) == {"to_offer": 51}
