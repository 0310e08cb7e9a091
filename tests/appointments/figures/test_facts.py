"""What the facts of a day say, and that they say it again."""

from datetime import timedelta

import pytest

from appointments.models import Appointment, FiguresSeen, OfferFact, SupplyFact, UseFact, WaitFact
from appointments.statistics import facts, freezing, upkeep, waits
from consulates.calendars import to_utc
from consulates.models import Consulate
from tests.appointments.figures.scene import a_full_day, cancel, close, move, one_booked
from tests.factories import appointments as make
from tests.factories.appointments import NOW

pytestmark = pytest.mark.django_db
USE = ("booked", "kept", "no_show", "cancelled", "moved_away", "displaced", "freed", "reused")


def use(**which):
    return UseFact.objects.filter(**which).values(*USE).get()


def month_of(scene):
    return scene.day.replace(day=1)


def test_a_day_counts_places_and_what_became_of_its_appointments():
    scene = a_full_day()

    scene.make_facts()

    supply = SupplyFact.objects.get(consulate=scene.office)
    assert (supply.day, supply.kind, supply.sessions, supply.sessions_held) == (scene.day, "mobile", 1, 0)
    assert (supply.nominal, supply.offered, supply.reserved) == (10, 6, 1)
    assert OfferFact.objects.get(consulate=scene.office).offered == 6
    assert use(consulate=scene.office) == {
        "booked": 3, "kept": 1, "no_show": 1, "cancelled": 1, "moved_away": 1, "displaced": 0, "freed": 2, "reused": 1,
    }  # fmt: skip


def test_days_ahead_count_from_the_day_of_booking_in_the_zone_of_the_session():
    at = make.slot(starts_at=NOW + timedelta(days=14))
    one_booked(at)
    expected = (at.session.date - NOW.astimezone(freezing.zone(at.session.time_zone)).date()).days

    facts.make([facts.OfficeDay(at.consulate_id, at.session.date)])

    assert UseFact.objects.get().lead_days == expected


def test_a_place_that_the_office_closed_is_not_offered_and_frees_nothing():
    at = make.slot(seats=2)
    gone = one_booked(at)
    Appointment.objects.filter(pk=gone).update(status="orphaned")
    at.seats.update(holder=None, until=None)
    type(at).objects.filter(pk=at.pk).update(closed_at=NOW)

    facts.make([facts.OfficeDay(at.consulate_id, at.session.date)])

    supply = SupplyFact.objects.get()
    assert (supply.sessions, supply.nominal, supply.offered) == (0, 2, 0)
    assert use() == dict.fromkeys(USE, 0) | {"displaced": 1}


def test_the_same_ledger_gives_the_same_bytes_however_the_days_came():
    scenes = [a_full_day(), a_full_day(starts_at=NOW + timedelta(days=15))]
    for scene in scenes[::-1]:
        scene.make_facts()
    months = {month_of(scene) for scene in scenes}
    incremental = [b"".join(freezing.canonical(month)) for month in sorted(months)]

    for month in months:
        facts.make(facts.all_office_days(month, freezing.last_day(month)))

    assert [b"".join(freezing.canonical(month)) for month in sorted(months)] == incremental
    assert incremental[0].count(b"\n") >= 3


def test_a_run_reckons_days_that_are_over_in_their_own_zone_and_no_others():
    scene = a_full_day()
    midnight = to_utc(scene.day + timedelta(days=1), scene.session.opens_local.replace(hour=0), scene.office.time_zone)

    upkeep.tend(now=midnight - timedelta(seconds=1))
    before = SupplyFact.objects.filter(consulate=scene.office).count()
    upkeep.tend(now=midnight)

    assert (before, SupplyFact.objects.filter(consulate=scene.office).count()) == (0, 1)
    assert FiguresSeen.objects.get().until == midnight


def test_a_run_reckons_again_what_changed_afterwards_and_only_that():
    scene, other = a_full_day(), a_full_day(starts_at=NOW + timedelta(days=13))
    upkeep.tend(now=scene.over)
    later = scene.over + timedelta(hours=4)
    quiet = upkeep.due_days(now=later)

    close(scene, at=later)

    assert (quiet, upkeep.due_days(now=later)) == ([], [scene.office_day])
    upkeep.tend(now=later + timedelta(hours=1))
    assert SupplyFact.objects.get(consulate=scene.office).sessions_held == 1
    assert use(consulate=scene.office)["kept"] == 2
    assert use(consulate=other.office)["kept"] == 1


def test_a_move_away_from_a_day_that_is_over_is_found_by_the_place_that_it_left():
    scene = a_full_day()
    upkeep.tend(now=scene.over)
    booked = Appointment.objects.filter(session=scene.session, status="booked").first()
    Appointment.objects.filter(pk=booked.pk).update(status="orphaned", until=scene.over + timedelta(days=9))
    later = scene.over + timedelta(hours=4)

    to = make.slot(procedures=[scene.procedure], starts_at=scene.over + timedelta(days=20))
    move(str(booked.pk), to, now=later)

    assert upkeep.due_days(now=later) == [scene.office_day]


def test_what_staff_practise_is_in_no_figure():
    scene = a_full_day()
    Consulate.objects.filter(pk=scene.office.pk).update(is_practice=True)

    upkeep.tend(now=scene.over)

    assert not SupplyFact.objects.filter(consulate=scene.office).exists()


def test_each_office_is_looked_at_once_a_day_from_noon_on():
    at = make.slot(seats=1)
    noon = to_utc(NOW.date(), at.session.opens_local.replace(hour=12), at.session.time_zone)

    counts = [waits.look(now=noon - timedelta(seconds=1)), waits.look(now=noon)]
    one_booked(at, now=noon)
    counts.append(waits.look(now=noon + timedelta(hours=1)))
    counts.append(waits.look(now=noon + timedelta(days=1)))

    assert counts == [0, 1, 0, 1]
    looks = WaitFact.objects.order_by("day").values_list("days", flat=True)
    assert list(looks) == [(at.session.date - NOW.date()).days, None]


def test_cancelling_what_was_taken_again_frees_the_place_twice():
    at = make.slot(seats=1)
    for hours in (0, 48):
        cancel(one_booked(at, now=NOW + timedelta(hours=hours)), now=NOW + timedelta(hours=hours + 1))
    one_booked(at, now=NOW + timedelta(hours=96))

    facts.make([facts.OfficeDay(at.consulate_id, at.session.date)])

    assert use() == dict.fromkeys(USE, 0) | {"booked": 1, "cancelled": 2, "freed": 2, "reused": 2}
