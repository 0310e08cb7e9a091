"""The recount sees each kind of difference, says counts only, and corrects nothing."""

from dataclasses import asdict
from datetime import timedelta

import pytest

from appointments.models import ApplicantClaim, Appointment, FreedSeat, Hold, IdempotencyKey, Permit
from appointments.selectors import LastRecount, last_recount
from appointments.services.recount import ACTION, HEARTBEAT, recount, report_difference
from consulates.models import Seat
from mexitel.audit.models import AuditLine
from mexitel.outbox.models import Heartbeat
from mexitel.utils import retention
from tests.factories import appointments as make
from tests.factories.appointments import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def books():
    """Two appointments, one open hold, one cancelled and one expired."""
    booker, at = make.account(), make.slot(seats=20)
    make.book(booker, at, 2)
    make.hold(make.account(), at, 2)
    gone = make.account()
    make.cancel(gone, *make.book(gone, at))
    make.hold(make.account(), at, now=NOW - timedelta(minutes=11))
    return booker


def test_books_in_step_differ_in_nothing(books):
    assert not recount(now=NOW).any


def differences():
    return {field: count for field, count in asdict(recount(now=NOW)).items() if count}


@pytest.mark.parametrize(
    ("expected", "gone"),
    [
        ({"permits_missing": 1}, lambda: Permit.objects.filter(ordinal=1, until__gt=NOW + timedelta(days=1))[:1]),
        ({"permits_stray": 4, "seats_stray": 2}, lambda: Appointment.objects.filter(status="booked")),
        ({"permits_stray": 2, "seats_stray": 2}, lambda: Hold.objects.filter(outcome="", expires_at__gt=NOW)),
        ({"people": 1}, lambda: ApplicantClaim.objects.filter(until__gt=NOW)[:1]),
    ],
)
def test_what_is_gone_is_counted(books, expected, gone):
    for row in gone():
        row.delete()
    assert differences() == expected


def test_what_ends_at_another_moment_is_counted(books):
    Permit.objects.filter(until__gt=NOW + timedelta(days=1), ordinal=1).update(until=NOW + timedelta(days=1))
    assert differences() == {"permits_end": 2}


def test_seat_of_somebody_else_is_counted(books):
    Seat.objects.filter(pk=Appointment.objects.filter(status="booked").first().seat_id).update(holder=None)
    assert differences() == {"seats": 1, "seats_stray": 1}


def test_difference_is_reported_with_counts_only(books, caplog):
    Permit.objects.filter(ordinal=1).delete()
    difference = report_difference(now=NOW)
    line = AuditLine.objects.get(action=ACTION)
    assert line.detail == asdict(difference)
    assert "permits differ" in caplog.text
    assert Heartbeat.objects.get(name=HEARTBEAT).seen_at == NOW
    assert last_recount() == LastRecount(NOW, asdict(difference))


def test_agreement_leaves_only_the_heartbeat(books, caplog):
    report_difference(now=NOW)
    assert last_recount() == LastRecount(NOW, {})
    assert not AuditLine.objects.filter(action=ACTION).exists()
    assert Heartbeat.objects.get(name=HEARTBEAT).seen_at == NOW


def test_no_recount_yet(db):
    assert last_recount() is None


def test_what_is_over_is_tidied_and_nothing_that_counts(books):
    make.hold(books, make.slot(), idempotency=make.key())
    retention.apply(now=NOW + timedelta(hours=24, minutes=11))
    assert (Hold.objects.count(), FreedSeat.objects.count(), IdempotencyKey.objects.count()) == (0, 0, 0)
    assert Appointment.objects.filter(status="booked").count() == 2
    assert not recount(now=NOW + timedelta(hours=24, minutes=11)).any


def test_open_holds_and_fresh_keys_are_not_tidied(books):
    make.hold(books, make.slot(), idempotency=make.key())
    kept = Hold.objects.count(), FreedSeat.objects.count(), IdempotencyKey.objects.count()
    retention.apply(now=NOW)
    assert (Hold.objects.count(), FreedSeat.objects.count(), IdempotencyKey.objects.count()) == kept
