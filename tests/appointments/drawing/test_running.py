"""From closed lists to seats: all or nothing, once each, and recomputable."""

import subprocess
import sys
from collections import Counter
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appointments.allocation import folder
from appointments.drawing import running
from appointments.drawing.errors import NothingSuits
from appointments.drawing.joining import withdraw
from appointments.drawing.settling import decline
from appointments.models import Appointment, DrawApplication, Drawing, DrawingRound, DrawWin, Hold
from consulates.models import Seat
from tests.factories import appointments as make
from tests.factories.appointments import NOW
from tests.factories.draws import DAY, DRAWN, OPENS, applied, draw, run, saved

pytestmark = pytest.mark.django_db


def won(made):
    return {w.application_id: w for w in DrawWin.objects.filter(release=made)}


def verified(made, tmp_path):
    """What the script that anybody can download says of the public folder."""
    from pathlib import Path

    from django.conf import settings as conf

    drawing = Drawing.objects.get(release=made)
    archive = tmp_path / "folder.zip"
    archive.write_bytes(drawing.files.get(name=folder.zip_name(made)).content)
    script = Path(conf.BASE_DIR) / "static" / "verify_draw.py"
    return subprocess.run([sys.executable, script, archive], capture_output=True, text=True, check=False)


def test_lots_decide_and_the_holds_last_a_day(tmp_path):
    made = draw(make.session(seats=2, slots=2))
    entries = [applied(made) for _ in range(6)]
    run(made)

    wins = won(made)
    assert len(wins) == 4
    assert {w.expires_at for w in wins.values()} == {DRAWN + DAY}
    holds = Hold.objects.filter(origin="draw")
    assert {h.pk for h in holds} == {w.hold_id for w in wins.values()}
    order = sorted(DrawApplication.objects.filter(release=made), key=lambda a: a.place)
    assert [a.pk in wins for a in order] == [True] * 4 + [False] * 2
    assert len(order) == len(entries) == 6
    result = verified(made, tmp_path)
    assert result.returncode == 0, result.stdout


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parties=st.lists(st.integers(1, 5), min_size=1, max_size=8),
    halves=st.lists(st.sampled_from(["any", "am", "pm"]), min_size=8, max_size=8),
    seats=st.integers(1, 4),
)
def test_a_family_wins_whole_or_not_at_all_and_nobody_twice(parties, halves, seats, tmp_path):
    made = draw(make.session(seats=seats, slots=4, starts_at=(NOW + 14 * DAY).replace(hour=17, minute=0)))
    for party, half in zip(parties, halves, strict=False):
        with suppress(NothingSuits):
            applied(made, party=party, half=half)
    run(made)

    wins = won(made)
    held = {h.pk: h for h in Hold.objects.filter(pk__in=[w.hold_id for w in wins.values()])}
    for application in DrawApplication.objects.filter(pk__in=wins):
        assert held[wins[application.pk].hold_id].party == application.party
    given_seats = Counter(seat for h in held.values() for seat in h.seat_ids)
    assert set(given_seats.values()) <= {1}
    if wins:
        assert verified(made, tmp_path).returncode == 0


def test_a_family_sits_at_hours_next_to_each_other():
    made = draw(make.session(seats=1, slots=6))
    one, family = applied(made), applied(made, party=4)
    run(made)
    held = Hold.objects.get(pk=won(made)[family.pk].hold_id)
    starts = sorted(held.slot_ids)
    assert starts == list(range(starts[0], starts[0] + 4))
    assert one.pk in won(made)


def test_who_has_no_permits_left_is_passed_over_with_a_code(tmp_path):
    made = draw(make.session(seats=1))
    full = make.account()
    made_full = applied(made, account=full)
    make.book(full, make.slot(seats=5), 5)
    other = applied(made)
    run(made)

    assert set(won(made)) == {other.pk}
    first = DrawingRound.objects.get(drawing=made.pk, number=1)
    place = DrawApplication.objects.get(pk=made_full.pk).place
    assert first.refused == ({made_full.code: "full_permits"} if place == 1 else {})
    assert verified(made, tmp_path).returncode == 0


def test_somebody_who_booked_meanwhile_is_passed_over():
    made = draw(make.session(seats=1))
    booker = make.account()
    people = saved(booker, name="Rosa")
    mine = applied(made, account=booker, applicants=people)
    at = make.slot(procedures=[made.procedures.get()])
    held = make.hold(booker, at)
    make.confirm(booker, held, [make.person(booker, "Rosa")])
    run(made)

    assert won(made) == {}
    assert DrawingRound.objects.get(drawing=made.pk, number=1).refused == {mine.code: "person_booked"}


def test_what_is_declined_goes_to_the_next_in_order(tmp_path):
    made = draw(make.session(seats=1))
    for _ in range(3):
        applied(made)
    run(made)
    first, second, third = DrawApplication.objects.filter(release=made).order_by("place")
    decline(application=first, now=DRAWN + timedelta(minutes=1))
    running.tend(now=DRAWN + timedelta(minutes=6))

    wins = won(made)
    assert set(wins) == {first.pk, second.pk}
    assert wins[first.pk].outcome == "declined"
    assert wins[second.pk].number == 2
    later = wins[second.pk].expires_at + timedelta(seconds=1)
    running.tend(now=later)  # a day after the opening it is anybody's
    assert third.pk not in won(made)
    assert verified(made, tmp_path).returncode == 0


def test_what_nobody_answers_goes_to_the_next_and_then_to_all():
    made = draw(make.session(seats=1), opens_to_all_at=OPENS + 3 * DAY)
    for _ in range(2):
        applied(made)
    run(made)
    first, second = DrawApplication.objects.filter(release=made).order_by("place")
    running.tend(now=DRAWN + DAY)

    wins = won(made)
    assert (wins[first.pk].outcome, wins[second.pk].number) == ("lapsed", 2)
    running.tend(now=DRAWN + 2 * DAY)
    assert make.hold(make.account(), made.sessions.get().slots.get(), now=made.opens_to_all_at).ok


def test_who_withdrew_after_the_draw_is_passed_over():
    made = draw(make.session(seats=1))
    for _ in range(3):
        applied(made)
    run(made)
    first, second, third = DrawApplication.objects.filter(release=made).order_by("place")
    withdraw(application_id=second.pk, now=DRAWN)
    decline(application=first, now=DRAWN)
    running.tend(now=DRAWN + timedelta(minutes=6))
    assert set(won(made)) == {first.pk, third.pk}


@pytest.mark.parametrize("step", range(1, 12, 2))
def test_a_kill_after_any_step_leaves_the_same_result_once(step, monkeypatch):
    made = draw(make.session(seats=2, slots=3))
    for party in (1, 2, 1, 3, 1):
        applied(made, party=party)
    monkeypatch.setattr(running, "BATCH", 2)
    kill_after(step, monkeypatch)
    for second in range(10, 30):
        try:
            running.tend(now=OPENS + timedelta(seconds=second - 10))
        except Killed:
            continue

    wins = won(made)
    order = DrawApplication.objects.filter(release=made).order_by("place")
    expected, left = set(), 6
    for application in order:
        if application.party <= left:
            expected.add(application.pk)
            left -= application.party
    assert set(wins) == expected
    assert Hold.objects.filter(origin="draw").count() == len(wins)
    assert Seat.objects.filter(slot__session__release=made, holder__isnull=False).count() == 6 - left
    assert not Appointment.objects.exists()


class Killed(Exception):
    pass


def kill_after(step, monkeypatch):
    """The ``step``-th call of anything that writes raises once, right after it: before or after its commit."""
    from appointments.allocation import drawing
    from appointments.drawing import holding

    calls = iter(range(1, 10_000))

    def dying(real):
        def wrapped(*args, **kwargs):
            result = real(*args, **kwargs)
            if next(calls) == step:
                raise Killed
            return result

        return wrapped

    for module, name in [
        (running, "seal"), (running, "note_order"), (running, "current_round"), (running, "award"),
        (running, "_done"), (drawing, "take_round"), (drawing, "close_round"), (drawing, "seal"), (holding, "_won"),
    ]:  # fmt: skip
        monkeypatch.setattr(module, name, dying(getattr(module, name)))
