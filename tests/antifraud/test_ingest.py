"""From a booking in the portal to the engine: everything, once, in order, and nothing raw on the way."""

import contextlib
import time
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, connections, transaction
from django.urls import reverse

from antifraud.live.events import events_of
from antifraud.live.ingest import portal_events, rebuild_from_ledger
from antifraud.live.reading import Position, position, read_next, settled_below
from antifraud.live.sign_ups import note_missing
from antifraud.models import ReadUpTo, Sighting
from antifraud.records import ATTENDED, BOOKED, CANCELLED, NO_SHOW
from antifraud.services.sightings import note
from appointments.claim import claim_one
from appointments.models import Appointment
from appointments.models.attendance import AttendanceState
from appointments.services import Entry, cancel_appointments, confirm_hold, hold_seats, release_hold
from appointments.services.callers import register_caller
from appointments.services.day import take_step, undo_step
from appointments.services.hold import Wish
from consulates.models import Session
from mexitel.accounts.models import User
from mexitel.accounts.services import tell_opened
from mexitel.accounts.signals import contact_verified
from tests.antifraud.portal_history import (
    ALL,
    Memory,
    a_broker,
    a_mother_with,
    booked,
    engine_of,
    held,
    take_in,
    texts_of,
)
from tests.appointments.test_booking_pages import ADA, fill, hold
from tests.factories import appointments as make
from tests.factories.accounts import UserFactory, sign_in
from tests.factories.appointments import NOW, offered
from tests.factories.scenes import houston
from tests.races.together import DEADLINE_SECONDS, Aside

LATER = NOW + timedelta(minutes=11)


def facts(*kinds):
    """Kinds of all facts that wait, or the events of some kinds."""
    events = events_of(read_next(Position(), below=ALL, limit=1000))
    return [event for event in events if event.kind in kinds]


def test_a_broker_is_found_from_what_the_portal_wrote_and_a_family_is_not(db, django_capture_on_commit_callbacks):
    memory = Memory()
    with django_capture_on_commit_callbacks(execute=True):
        theirs, family = a_broker(), a_mother_with(4)
        take_in(memory)
    assert memory.flagged() == {str(pk) for pk in theirs}
    assert {str(pk) for pk in family} <= memory.store.bookings.keys()


def test_taking_in_again_takes_in_what_is_new_alone(db):
    memory = Memory()
    a_mother_with(1)
    assert take_in(memory) == 3  # held, and two booked
    assert take_in(memory) == 0
    [one] = booked(make.account(), make.slot(), make.entry())
    assert take_in(memory) == 2
    assert set(memory.store.bookings) == {str(pk) for pk in Appointment.objects.values_list("pk", flat=True)}
    assert str(one) in memory.store.bookings


def test_nothing_is_read_while_another_ingest_has_the_memory(db):
    @contextlib.contextmanager
    def taken(*, now):
        yield None

    a_mother_with(1)
    memory = Memory()
    memory.open = taken
    assert take_in(memory) == 0
    assert not ReadUpTo.objects.filter(name="memory").exists()


def test_a_crash_before_the_commit_loses_nothing_and_doubles_nothing(db):
    a_mother_with(2)
    broken = Memory(breaks=True)
    with pytest.raises(ConnectionError):
        take_in(broken)
    assert len(broken.store.bookings) == 3  # it had got that far
    again = Memory()
    assert take_in(again) == 4
    assert len(again.store.bookings) == 3
    assert take_in(again) == 0


def wait_for(check):
    """Other tests' transactions on the same server keep the horizon back for a moment."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not check():
        assert time.monotonic() < deadline


@pytest.mark.races
def test_two_transactions_that_commit_in_the_other_order_are_both_seen(live_db):
    memory = Memory()
    first, second = make.account("una@example.com"), make.account("otra@example.com")
    with transaction.atomic():
        note("verify_phone", now=NOW, account_id=first.pk, phone="aa" * 8)  # the lower number, not committed yet
        Aside(lambda: note("verify_phone", now=NOW, account_id=second.pk, phone="bb" * 8)).end()
        assert Aside(lambda: take_in(memory, below=None)).end() == 0  # it waits for whoever was first
        # The control: who follows the numbers alone takes the second, and never meets the first.
        assert Aside(lambda: [row.account_id for row in read_next(Position(), below=ALL, limit=9)]).end() == [second.pk]
    wait_for(lambda: (take_in(memory, below=None), len(memory.taken) == 2)[1])
    assert memory.taken == [str(first.pk), str(second.pk)]
    assert take_in(memory, below=None) == 0
    connections.close_all()


def test_rows_of_both_tables_in_one_transaction_are_read_to_the_last(db):
    """All is one transaction here: small steps pass over nobody."""
    a_mother_with(2)
    note("helper", now=NOW, account_id=1)
    note("helper", now=NOW, account_id=2)
    after, seen = Position(), []
    while rows := read_next(after, below=ALL, limit=1):
        seen += [(row.stream, row.kind) for row in rows]
        after = rows[-1].position
    assert seen == [(0, "held"), *[(0, "booked")] * 3, (1, "helper"), (1, "helper")]


def test_the_horizon_is_not_beyond_an_open_transaction(live_db):
    with transaction.atomic():
        note("helper", now=NOW, account_id=1)
        assert read_next(Position(), below=settled_below(), limit=9) == []


def test_a_hold_that_ran_out_is_told_once_half_a_minute_later(db):
    memory, at = Memory(), make.slot(seats=3)
    hold_id = held(make.account(), at, seats=3)
    take_in(memory, now=NOW + timedelta(minutes=10, seconds=29))
    assert len(memory.store.holds) == 3
    take_in(memory, now=NOW + timedelta(minutes=10, seconds=31))
    take_in(memory, now=NOW + timedelta(minutes=12))
    [expired] = facts("expire")
    assert expired.hold.startswith(f"{hold_id}/")
    assert expired.t == round((NOW + timedelta(minutes=10)).timestamp() * 1000)
    [account] = memory.store.accounts.values()
    assert len(account.expired) == 1  # a party that was let go is one hold that was let go


def test_a_hold_that_is_given_back_counts_as_run_out_and_a_confirmed_one_does_not(db):
    account = make.account()
    hold_id = held(account, make.slot())
    release_hold(account=account, hold_id=hold_id, now=NOW)
    booked(make.account(), make.slot(), make.entry())
    take_in(Memory(), now=LATER)
    assert [event.account for event in facts("expire")] == [str(account.pk)]


def test_a_seat_is_visible_from_the_end_of_its_last_holds_rest(db):
    at = make.slot(seats=1)
    held(make.account(), at)
    held(make.account(), at, now=NOW + timedelta(minutes=25))
    first, second = facts("hold")
    assert first.visible_at == round((NOW - timedelta(days=1)).timestamp() * 1000)
    minute = 60_000
    assert 11 * minute <= second.visible_at - round(NOW.timestamp() * 1000) <= 20 * minute


def test_moves_and_cancellations_are_told(db):
    account, memory = make.account(), Memory()
    [one] = booked(account, make.slot(), make.entry())
    other = make.slot()
    other.session.procedures.set(Appointment.objects.get().session.procedures.all())
    hold_id = hold_seats(
        account=account, wishes=[Wish(other.pk, 1)], procedure_id=offered(other).pk, replaces=[one], now=LATER
    ).hold_id
    confirm_hold(account=account, hold_id=hold_id, people=[], today=other.session.date, now=LATER)
    take_in(memory)
    booking = memory.store.bookings[str(one)]
    assert (booking.slot, booking.state) == (str(other.pk), BOOKED)
    cancel_appointments(account=account, appointment_ids=[one], now=LATER)
    take_in(memory)
    assert booking.state == CANCELLED


def at_noon(at):
    """The same time, in a zone where it is about noon: outcomes are noted on the session's own day."""
    zone = f"Etc/GMT{NOW.hour - 12:+d}"
    Session.objects.filter(pk=at.session_id).update(time_zone=zone, date=at.starts_at.astimezone(ZoneInfo(zone)).date())
    return at


def test_an_outcome_is_told_when_it_cannot_be_taken_back_any_more(db):
    memory, at = Memory(), at_noon(make.slot(seats=2, starts_at=NOW + timedelta(hours=1)))
    came, missed = booked(make.account(), at, make.entry(), make.entry())
    then = NOW + timedelta(hours=2)
    clerk = UserFactory(staff=True)
    take_step(appointment_id=missed, to=AttendanceState.OTHER, by=clerk, now=then)  # a slip of the finger
    undo_step(appointment_id=missed, by=clerk, now=then + timedelta(minutes=1))
    take_step(appointment_id=missed, to=AttendanceState.NO_SHOW, by=clerk, now=then + timedelta(minutes=2))
    take_step(appointment_id=came, to=AttendanceState.ATTENDED, by=clerk, now=then)
    take_in(memory, now=then + timedelta(minutes=5))
    assert {booking.state for booking in memory.store.bookings.values()} == {"booked"}
    take_in(memory, now=then + timedelta(minutes=13))
    assert memory.store.bookings[str(came)].state == ATTENDED
    assert memory.store.bookings[str(missed)].state == NO_SHOW
    assert facts("other_person") == []


def test_what_happens_in_the_practice_office_stays_there(db):
    at = make.slot(seats=1)
    at.consulate.is_practice = True
    at.consulate.save()
    assert claim_one(make.hold_request(make.account(), at, agent=1), now=NOW).ok
    assert facts("hold", "book") == []


def test_sightings_of_other_rooms_become_their_events_and_what_cannot_be_read_is_passed_over(db, caplog):
    [one] = booked(make.account(), make.slot(), make.entry())
    note("review", now=NOW, account_id=5, verdict="broker")
    note("drive", now=NOW, devices=["d1", "d2"], until="2026-12-24T10:00:00Z", office="dallas")
    note("public_device", now=NOW, device="d3")
    note("correct", now=NOW, appointment_id=one, refused=True)
    note("drive", now=NOW, until="someday")
    note("gossip", now=NOW)
    review, drive, public, correct = facts("review", "drive", "public_device", "correct", "gossip")
    assert (review.account, review.verdict) == ("5", "broker")
    assert (drive.devices, drive.until, public.device) == (("d1", "d2"), 1798106400000, "d3")
    assert (correct.appointment, correct.refused, correct.applicant) == (str(one), True, None)
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_a_caller_brings_the_phone_that_they_state_and_the_agent(db, django_capture_on_commit_callbacks):
    agent = UserFactory(staff=True)
    with django_capture_on_commit_callbacks(execute=True):
        caller = register_caller(phone="+1 213 555 0177", agent=agent, now=NOW)
    memory = Memory()
    take_in(memory)
    account = memory.store.accounts[str(caller.pk)]
    assert (len(account.stated), account.phones, account.agent) == (1, (), str(agent.pk))


def test_sign_ups_that_were_never_heard_are_noted_by_night_once(db):
    account = make.account("vieja@gmail.com", phone="+12135550188")
    later = account.date_joined + timedelta(hours=1)
    assert note_missing(now=later) == 2
    assert note_missing(now=later) == 0
    memory = Memory()
    take_in(memory)
    known = memory.store.accounts[str(account.pk)]
    assert known.mailbox is not None
    assert len(known.phones) == 1


def test_nothing_raw_is_written_on_the_way(db, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        account = make.account("planted.person@hotmail.com", phone="+12135550199")
        tell_opened(account, now=NOW)
        contact_verified.send(User, user_id=account.pk, contact="phone", address=account.phone, at=NOW)
        booked(account, make.slot(), Entry("Plantadísima", "Sembrada", "", date(1990, 5, 17), fill_seconds=8))
        take_in(Memory(), now=LATER)
    tables = [name for name in connection.introspection.table_names() if name.startswith("antifraud_")]
    kept = texts_of([*tables, "appointments_trace"])
    assert Sighting.objects.count() == 2
    for raw in ("planted", "hotmail", "2135550199", "Plantad", "Sembrada", "PLANTAD", "SEMBRADA"):
        assert raw not in kept


def test_a_rebuild_reads_what_ingest_read_and_goes_on_from_there(live_db):
    a_broker()
    a_mother_with(3)
    memory = Memory()
    wait_for(lambda: (take_in(memory, below=None), len(memory.store.bookings) == 12)[1])
    rebuilt = []
    rebuild_from_ledger(rebuild=lambda events: rebuilt.append(engine_of(events)))
    assert {pk: bool(one.flag) for pk, one in rebuilt[0].bookings.items()} == {
        pk: bool(one.flag) for pk, one in memory.store.bookings.items()
    }
    assert take_in(memory, below=None) == 0
    with transaction.atomic():
        assert position().stream == 1
    assert [event.t for event in portal_events(below=ALL)] == sorted(event.t for event in portal_events(below=ALL))


def test_bookings_and_their_traces_need_no_redis(live_db, redis_server, client):
    scene = houston()
    sign_in(client, UserFactory())
    redis_server.kill()
    kept, _ = hold(client, scene)
    fill(client, kept, ADA)
    assert client.post(reverse("hold_check", args=[kept.pk])).status_code == 302
    memory = Memory()
    wait_for(lambda: (take_in(memory, below=None), memory.store.bookings)[1])
    assert len(memory.store.bookings) == 1
