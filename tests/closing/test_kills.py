"""Issue 3, "What it must show" 2: a day of 300 appointments is closed, 20 people cannot be reached, and the process is
killed at any statement: run again it comes to the same end.
"""

from datetime import timedelta

import pytest

from appointments.closing import acts, offers
from appointments.models import Appointment, Closure, Event, Hold, Orphan
from consulates.models import Seat, Slot
from mexitel.audit.models import AuditLine
from mexitel.outbox.models import OutboxMessage
from tests.closing.scene import STORM, Town, states, town
from tests.factories.appointments import NOW
from tests.factories.ledger import assert_books_balance, number
from tests.faults.killed import run_and_kill, statements

pytestmark = pytest.mark.faults


def small_town() -> Town:
    """Seven people: a couple and three who can be told, one who cannot, and room for all but the family of three."""
    here = town(seats=3, slots=4, room=1)
    here.people([1, 2], contact=True)
    here.people([1], contact=False)
    here.people([3], contact=True)
    return here


def the_whole_act(here: Town) -> None:
    """What a request and the task that goes on after it do; each step is safe to come again."""
    author = Closure.objects.filter(consulate=here.office).first()
    if author is None:
        acts.close(consulate=here.office, session_ids=[here.day.pk], reason=STORM, by=here.bookers[0], now=NOW)
    offers.tend(now=NOW)


def the_end(here: Town) -> dict:
    """Everything that may be told of the end, in words that are the same for every town."""
    closure = Closure.objects.get(consulate=here.office)
    people = Appointment.objects.filter(account__in=here.bookers).order_by("starts_at", "pk")
    times = {slot.pk: f"{slot.starts_at - NOW}" for slot in Slot.objects.filter(consulate=here.office)}
    ids = [str(one.pk) for one in people]
    orphans = {orphan.appointment_id: orphan for orphan in Orphan.objects.filter(closure=closure)}
    said = OutboxMessage.objects.filter(kind__startswith="closure.", payload__closure=closure.pk)
    lines = AuditLine.objects.filter(object_type="appointments.closure", object_id=str(closure.pk))
    return {
        "closure": (closure.state, closure.counted),
        "people": [
            (one.status, orphans[one.pk].state, orphans[one.pk].offers, sorted(_offered(one, times))) for one in people
        ],
        "listed once": Orphan.objects.filter(appointment__in=ids).count(),
        "orphaned once": Event.objects.filter(subject__in=ids, kind="orphaned").count(),
        "told": sorted((m.kind, len(m.payload["appointments"])) for m in said),
        "lines": sorted((line.action, str(line.detail.get("code", ""))) for line in lines),
        "closed": Slot.objects.filter(session=here.day).exclude(closed_at=None).count(),
        "withdrawn": Seat.objects.filter(slot__session=here.day, holder=None).exclude(withdrawn_at=None).count(),
        "held": Seat.objects.filter(slot__consulate=here.office, until__gt=NOW).count(),
    }


def _offered(one: Appointment, times: dict) -> list[str]:
    hold = Hold.objects.filter(pk=one.move_hold_id, closed_at=None).first()
    return [times[hold.slot_ids[hold.replaces.index(one.pk)]]] if hold else []


@pytest.fixture
def expected(live_db):
    """The end of a run that nobody disturbed, and how many statements and commits it took."""
    here = small_town()
    counted = statements(lambda: the_whole_act(here))
    end = the_end(here)
    assert [state for _status, state, *_rest in end["people"]] == ["offered"] * 3 + ["to_call"] + ["no_seat"] * 3
    return end, counted


def killed_at(step: int, end: dict) -> bool:
    here = small_town()
    finished = run_and_kill(lambda: the_whole_act(here), after=step)
    for _again in range(2):  # and once more, for nothing
        the_whole_act(here)
        assert the_end(here) == end, step
    return finished


def test_killed_at_a_spread_of_statements_it_comes_to_the_same_end(expected):
    end, counted = expected
    assert [killed_at(step, end) for step in range(1, counted, 4)].count(True) == 0
    assert_books_balance(now=NOW)
    assert nobody_is_lost()


@pytest.mark.long
def test_killed_at_every_statement_it_comes_to_the_same_end(expected):
    end, counted = expected
    step = 0
    while not killed_at(step, end):
        step += 1
    assert step > counted
    assert_books_balance(now=NOW)
    assert nobody_is_lost()


def nobody_is_lost() -> bool:
    """No person has two seats that are confirmed, and whoever has none is on exactly one list."""
    two = number(
        "SELECT count(*) FROM (SELECT holder FROM consulates_seat JOIN appointments_appointment a ON a.id = holder"
        " WHERE consulates_seat.until > %s GROUP BY 1 HAVING count(*) > 1) AS twice",
        NOW,
    )
    none = number(
        "SELECT count(*) FROM appointments_appointment a WHERE status = 'orphaned' AND 1 <> ("
        " SELECT count(*) FROM appointments_orphan o WHERE o.appointment_id = a.id AND o.ended_at IS NULL)"
    )
    seatless = number(
        "SELECT count(*) FROM appointments_appointment a WHERE status = 'booked' AND NOT EXISTS ("
        " SELECT FROM consulates_seat s WHERE s.id = a.seat_id AND s.holder = a.id)"
    )
    return (two, none, seatless) == (0, 0, 0)


def test_day_of_three_hundred_of_whom_twenty_cannot_be_reached(live_db):
    here = town(seats=30, slots=10, room=40, days=(9, 11))
    here.people([2, 1, 3, 4, 2, 3] * 18 + [2, 2, 2, 2, 2])
    here.people([1, 2, 1, 3, 2, 1] * 2, contact=False)
    assert Appointment.objects.filter(session=here.day).count() == 300
    closure = acts.close(consulate=here.office, session_ids=[here.day.pk], reason=STORM, by=here.manager(), now=NOW)
    assert (closure.state, closure.counted) == ("waiting", 300)
    acts.sign(closure, by=here.manager(), now=NOW)

    kills = 0
    while not run_and_kill(lambda: offers.tend(now=NOW), after=120 + 37 * (kills % 5)):
        kills += 1
        assert kills < 200
    assert kills > 3
    offers.tend(now=NOW)

    assert states(closure) == {"offered": 280, "to_call": 20}
    assert Orphan.objects.filter(hold_id=None).count() == 0
    assert nobody_is_lost()
    assert_books_balance(now=NOW)
    assert_books_balance(now=NOW + timedelta(hours=49))


def test_control_without_the_list_in_the_same_transaction_somebody_is_lost(live_db, owner_connection):
    """The seats are taken away first and the list is written later: a kill in between drops people."""
    with owner_connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('orphan_batch'::regproc)")
        body = cursor.fetchone()[0]
        start, end = body.index("    INSERT INTO appointments_orphan"), body.index("    RETURN cardinality(ids);")
        cursor.execute(body[:start] + body[end:])
    here = small_town()
    the_whole_act(here)
    assert not nobody_is_lost()
