"""Killed before any statement or commit of a move, a cancellation or a draw: never both seats, never neither, and who
asks again has what they asked for, once. (The closure of a day: tests/closing/test_kills.py.)
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from appointments.models import Appointment, DrawApplication, DrawWin, Hold, Permit
from appointments.services import cancel_appointments, confirm_hold, hold_seats
from appointments.services.hold import Wish
from consulates.models import Seat, Slot
from mexitel.outbox.models import OutboxMessage
from tests.factories import appointments as make
from tests.factories import draws
from tests.factories.appointments import NOW
from tests.factories.ledger import assert_books_balance
from tests.faults.killed import run_and_kill, statements

pytestmark = pytest.mark.faults


@dataclass
class Scene:
    """``act`` is what a process does, and what is tried again; ``whole`` whether nothing is half done; ``done`` whether
    all is done, and once.
    """

    act: Callable[[], None]
    whole: Callable[[], bool]
    done: Callable[[], bool]


def seats_of(name: str) -> list[int]:
    return list(Seat.objects.filter(holder=name, until__gt=NOW).values_list("slot_id", flat=True))


def booked() -> tuple[Appointment, Slot]:
    """An appointment, and another time at its office."""
    session = make.session(seats=2, slots=2)
    first, second = session.slots.order_by("starts_at")
    booker = make.account()
    [name] = make.book(booker, first)
    return Appointment.objects.get(pk=name), second


def told(kind: str, appointment: Appointment) -> int:
    return OutboxMessage.objects.filter(kind=kind, payload__appointments__contains=[str(appointment.pk)]).count()


def a_move() -> Scene:
    appointment, other = booked()

    def act() -> None:
        asked = {"wishes": [Wish(other.pk, 1)], "replaces": [appointment.pk], "procedure_id": appointment.procedure_id}
        account = appointment.account
        held = hold_seats(account=account, key=make.key(f"hold {appointment.pk}"), now=NOW, **asked)
        key = make.key(f"move {appointment.pk}")
        confirm_hold(account=account, hold_id=held.hold_id, people=[], today=NOW.date(), key=key, now=NOW)

    def whole() -> bool:
        row = Appointment.objects.get(pk=appointment.pk)
        return seats_of(row.pk) == [row.slot_id] and row.status == "booked"

    def done() -> bool:
        row = Appointment.objects.get(pk=appointment.pk)
        moved = (row.slot_id, row.times_moved, told("appointment.moved", row))
        return moved == (other.pk, 1, 1) and Hold.objects.filter(replaces=[row.pk]).count() == 1

    return Scene(act, whole, done)


def a_cancellation() -> Scene:
    appointment, _other = booked()

    def act() -> None:
        key = make.key(f"cancel {appointment.pk}")
        cancel_appointments(account=appointment.account, appointment_ids=[appointment.pk], key=key, now=NOW)

    def state() -> tuple[str, int, int, int]:
        row = Appointment.objects.get(pk=appointment.pk)
        permits = Permit.objects.filter(holder=row.pk, until__gt=NOW).count()
        return row.status, len(seats_of(row.pk)), min(permits, 1), told("appointment.cancelled", row)

    return Scene(
        act,
        whole=lambda: state() in {("booked", 1, 1, 0), ("cancelled", 0, 0, 1)},
        done=lambda: state() == ("cancelled", 0, 0, 1),
    )


def a_draw() -> Scene:
    """Four seats, three who apply."""
    release = draws.draw()
    for _ in range(3):
        draws.applied(release)

    def won() -> list[DrawWin]:
        return list(DrawWin.objects.filter(release=release))

    def whole() -> bool:
        """Whoever won has the seat. (Nobody wins twice: a win is its application's own row.)"""
        return all(len(seats_of(win.hold_id)) == 1 for win in won())

    def done() -> bool:
        placed = DrawApplication.objects.filter(release=release, place__isnull=False).count()
        return (len(won()), placed) == (3, 3)

    return Scene(lambda: draws.run(release), whole, done)


@pytest.mark.parametrize("scene", [a_move, a_cancellation])
def test_killed_at_every_statement(live_db, scene):
    killed_and_asked_again(scene, range(statements(scene().act)))


def test_a_draw_killed_at_a_spread_of_statements(live_db):
    """Each step of it: tests/appointments/drawing/test_running.py."""
    number = statements(a_draw().act)
    killed_and_asked_again(a_draw, range(0, number, number // 10))


def killed_and_asked_again(scene: Callable[[], Scene], steps: range) -> None:
    for step in steps:
        here = scene()
        assert not run_and_kill(here.act, after=step)
        assert here.whole(), f"killed at {step}"
        for _again in range(2):  # and once more, for nothing
            here.act()
            assert here.done(), f"killed at {step}"
    assert_books_balance(now=NOW)
