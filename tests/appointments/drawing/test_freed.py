"""Freed seats that an office puts into its next draw: decided when they are freed, given as they were sealed, and back
with the public whatever becomes of the draw.
"""

from datetime import timedelta

import pytest

from appointments.claim import claim_one
from appointments.drawing import running
from appointments.drawing.settling import decline
from appointments.models import DrawingRound
from appointments.waiting.answering import accept
from consulates.models import FreedIntoDraw, FreedPolicy, Release, Seat, Slot
from tests.appointments.drawing.test_running import verified, won
from tests.appointments.waiting_scene import NOON, offers, waits
from tests.factories import appointments as make
from tests.factories.draws import DAY, applied, draw
from tests.factories.resting import could_be_seen

pytestmark = pytest.mark.django_db
OPENS = NOON + timedelta(hours=5)
DRAWN = OPENS + timedelta(seconds=10)
MINUTE = timedelta(minutes=1)


def puts_into_draws(office, into_draws=True):
    FreedPolicy.objects.create(
        consulate=office, into_draws=into_draws, changed_at=NOON - DAY, changed_by=make.account()
    )


class Scene:
    """An office that puts freed seats into its draws, a day of it, and a draw of one seat of another day."""

    def __init__(self, *, policy=True, seats=1, opens_at=OPENS, **changes):
        self.day = make.session(seats=seats, starts_at=NOON + 14 * DAY, **changes.pop("day", {}))
        self.office, self.procedure = self.day.consulate, self.day.procedures.get()
        if policy is not None:
            puts_into_draws(self.office, policy)
        self.draw = self.announced(opens_at, **changes)
        self.seats = list(Seat.objects.filter(slot__session=self.day))
        self.freer = make.account()

    def announced(self, opens_at, procedures=(), office=None, **columns):
        procedures = procedures or [self.procedure]
        starts_at = NOON + (20 + Release.objects.count()) * DAY
        drawn = make.session(consulate=office or self.office, procedures=procedures, starts_at=starts_at)
        return draw(drawn, opens_at=opens_at, **columns)

    def free(self, *, at=NOON, seats=1):
        """The freer books and cancels; the seats as they stand then."""
        booked = make.book(self.freer, self.day.slots.get(), seats, now=at)
        assert make.cancel(self.freer, *booked, now=at).ok
        return list(Seat.objects.filter(pk__in=[one.pk for one in self.seats], visible_at__gt=at))

    def run(self):
        running.tend(now=self.draw.opens_at)
        running.tend(now=self.draw.opens_at + timedelta(seconds=10))

    def is_bookable(self, at):
        return make.hold(make.account(), self.day.slots.get(), now=at).ok


def test_it_waits_for_the_draw_and_is_back_by_itself_when_that_never_comes():
    scene = Scene()
    [seat] = scene.free()
    row = FreedIntoDraw.objects.get()
    assert (row.seat_id, row.release, row.visible_at, row.sealed_at) == (seat.pk, scene.draw, seat.visible_at, None)
    place = {"starts_at": scene.day.starts_at, "time_zone": scene.day.time_zone}
    assert could_be_seen(row.offers_until, freed=NOON, **place)
    assert could_be_seen(seat.visible_at, freed=scene.draw.opens_to_all_at, **place)
    Release.objects.filter(pk=scene.draw.pk).update(
        state="cancelled", cancelled_at=NOON, cancelled_by=make.account(), cancel_reason="Tormenta"
    )
    assert not scene.is_bookable(seat.visible_at - timedelta(seconds=1))
    assert scene.is_bookable(seat.visible_at)


def test_it_is_drawn_with_the_others_and_what_is_sealed_is_given(tmp_path):
    scene = Scene(seats=3)
    scene.free(seats=2)  # the third is anybody's, and no part of the draw
    entries = [applied(scene.draw, now=NOON) for _ in range(5)]
    scene.run()

    assert len(won(scene.draw)) == 3
    assert FreedIntoDraw.objects.filter(sealed_at=OPENS).count() == 2
    taken = set(Seat.objects.filter(slot__session=scene.day, holder__isnull=False).values_list("pk", flat=True))
    assert taken == set(FreedIntoDraw.objects.values_list("seat", flat=True))
    lots = DrawingRound.objects.get(drawing=scene.draw.pk).lots
    assert sum(int(lot[4]) for lot in lots) == 3
    assert len(entries) == 5
    result = verified(scene.draw, tmp_path)
    assert result.returncode == 0, result.stdout
    assert scene.is_bookable(DRAWN)  # the third
    assert not scene.is_bookable(DRAWN)


def test_what_nobody_wants_goes_to_the_next_in_order_and_then_to_the_public():
    scene = Scene()
    [seat] = scene.free()
    for _ in range(2):
        applied(scene.draw, now=NOON)
    scene.run()
    for win in won(scene.draw).values():
        decline(application=win.application, now=DRAWN)
    applied_later = len(won(scene.draw))
    running.tend(now=DRAWN + 10 * MINUTE)
    assert (applied_later, len(won(scene.draw))) == (2, 2)
    assert not scene.is_bookable(seat.visible_at - timedelta(seconds=1))
    assert scene.is_bookable(seat.visible_at)


@pytest.mark.parametrize(
    "changes",
    [
        {"policy": None},
        {"policy": False},
        {"opens_at": NOON + 4 * MINUTE},  # its lists may be closed when this is committed
        {"opens_at": NOON + 13 * DAY},  # what is left would come back too late
        {"announced_at": NOON + MINUTE},
        {"state": "cancelled", "cancelled_at": NOON, "cancel_reason": "Tormenta", "cancelled_by_id": "freer"},
        {"procedures": "others"},
        {"office": "another"},
        {"mode": "queue"},
        {"gate": "queue"},  # the day itself is still behind a queue when the draw opens
        {"gate": "draw"},  # it goes to the next in the order of its own draw
    ],
    ids=str,
)
def test_otherwise_it_comes_back_the_ordinary_way(changes):
    changes = dict(changes)
    if "cancelled_by_id" in changes:
        changes["cancelled_by_id"] = make.account().pk
    if "procedures" in changes:
        changes["procedures"] = [make.procedure()]
    if "office" in changes:
        changes["office"] = make.office()
    gate, mode = changes.pop("gate", None), changes.pop("mode", None)
    scene = Scene(**changes)
    if mode:
        Release.objects.filter(pk=scene.draw.pk).update(mode=mode)
    booked = make.book(scene.freer, scene.day.slots.get(), now=NOON)
    if gate:
        Slot.objects.filter(session=scene.day).update(gate=gate, opens_to_all_at=OPENS + MINUTE)
    assert make.cancel(scene.freer, *booked, now=NOON).ok
    seat = Seat.objects.get(slot__session=scene.day)
    assert not FreedIntoDraw.objects.exists()
    place = {"starts_at": scene.day.starts_at, "time_zone": scene.day.time_zone}
    assert could_be_seen(seat.visible_at, freed=NOON, **place)


def test_the_next_draw_is_meant_and_behind_a_queue_the_one_after_it():
    scene = Scene(seats=2)
    sooner = scene.announced(OPENS - timedelta(hours=1))
    booked = make.book(scene.freer, scene.day.slots.get(), 2, now=NOON)
    make.cancel(scene.freer, booked[0], now=NOON)
    assert FreedIntoDraw.objects.get().release == sooner
    Slot.objects.filter(session=scene.day).update(gate="queue", opens_to_all_at=OPENS - MINUTE)
    make.cancel(scene.freer, booked[1], now=NOON)
    assert FreedIntoDraw.objects.exclude(release=sooner).get().release == scene.draw


def test_who_waits_comes_first_until_it_is_kept_for_the_draw():
    scene = Scene()
    scene.free()
    waits(scene.day, at=NOON - DAY)
    FreedIntoDraw.objects.update(offers_until=NOON + 31 * MINUTE)
    assert offers(now=NOON + 2 * MINUTE) == []
    [offer] = offers(now=NOON + MINUTE)
    accept(offer, now=NOON + 2 * MINUTE)
    applied(scene.draw, now=NOON)
    scene.run()
    assert not FreedIntoDraw.objects.filter(sealed_at__isnull=False).exists()
    assert len(won(scene.draw)) == 1


def test_who_freed_it_does_not_win_it_within_a_day():
    scene = Scene()
    Seat.objects.filter(slot__session__release=scene.draw).update(withdrawn_at=NOON)  # the freed seat is all there is
    scene.free()
    mine = applied(scene.draw, account=scene.freer, now=NOON)
    scene.run()
    assert won(scene.draw) == {}
    assert DrawingRound.objects.get(drawing=scene.draw.pk, number=1).refused == {mine.code: "refused"}


def test_control_somebody_else_wins_it():
    scene = Scene()
    Seat.objects.filter(slot__session__release=scene.draw).update(withdrawn_at=NOON)
    scene.free()
    applied(scene.draw, now=NOON)
    scene.run()
    assert len(won(scene.draw)) == 1


def test_the_claim_gives_only_what_stands_on_the_sealed_list():
    scene = Scene()
    scene.free()

    def claimed():
        ask = make.hold_request(make.account(), [scene.day.slots.get()], now=DRAWN, origin="draw")
        return claim_one(ask | {"allotted": scene.draw.pk}, now=DRAWN).code

    assert claimed() == "full"
    FreedIntoDraw.objects.update(sealed_at=OPENS)
    assert claimed() == "ok"
    assert claimed() == "full"


def test_a_seat_that_was_somebodys_when_the_lists_were_closed_is_the_publics():
    scene = Scene()
    [seat] = scene.free()
    Seat.objects.filter(pk=seat.pk).update(until=OPENS + MINUTE)  # held by whoever was wronged
    for _ in range(3):
        applied(scene.draw, now=NOON)
    scene.run()
    running.tend(now=OPENS + 20 * MINUTE)
    assert len(won(scene.draw)) == 1
    assert scene.is_bookable(seat.visible_at)
