"""Each act of the desk through all rooms: decided by people, carried out for real, and remembered by the engine when it
reads on and when it learns everything anew.
"""

from datetime import timedelta

import pytest

from antifraud.desk.deciding import Choice, decide
from antifraud.desk.timeline import WORDS
from antifraud.live.ingest import ingest
from antifraud.live.rebuild import rebuild_portal
from antifraud.live.store import live_store
from antifraud.models import (
    Act,
    Block,
    BlockState,
    Case,
    CaseEvent,
    CaseState,
    Grouping,
    IdentityRequest,
    PriorityToken,
    Standing,
)
from antifraud.services.blocks import confirm_block
from appointments.enums import AppointmentStatus, Channel
from appointments.errors import BookingError
from appointments.guards import StepUpNeeded
from appointments.models import Appointment
from appointments.services import Entry
from consulates.models import Role
from mexitel.utils.time import now as clock
from tests.antifraud.portal_history import _born, a_broker, booked, held, wait_until_settled
from tests.factories import appointments as make
from tests.factories.staff import staff_with


@pytest.fixture
def case(live_db):
    """Eight accounts of one actor, and the case that their bookings opened."""
    a_broker(now=clock() - timedelta(hours=2))
    read_on()
    return Case.objects.get()


def read_on():
    wait_until_settled()
    ingest(now=clock(), open_store=live_store)


def learn_anew():
    """In place of all that is remembered; cases of the desk stay as people left them."""
    before = cases()
    rebuild_portal(now=clock())
    read_on()
    assert cases() == before
    assert set(CaseEvent.objects.values_list("kind", flat=True)) <= {*WORDS, "grew"}


def cases():
    return list(Case.objects.order_by("pk").values_list("pk", "state", "verdict", "seats"))


def decided(case, act, reason):
    choice = Choice(act, reason, "Dos buzones y un aparato.")
    done = decide(case_id=case.pk, choice=choice, reviewer=staff_with(Role.REVIEWER), now=clock())
    assert done.done_at is not None
    read_on()
    case.refresh_from_db()


def book_again(case, channel=Channel.COUNTER):
    """One of the bookers, for somebody else; the engine reads it. On the web a suspect is asked for a step more."""
    account = case.accounts.order_by("account_id").first().account
    later = Entry("Persona Z", "Zapién", "", _born(1971), fill_seconds=8)
    [made] = booked(account, make.slot(), later, now=clock(), channel=channel)
    read_on()
    return made


def open_ones():
    """What waits for somebody's decision."""
    return set(Case.objects.filter(state=CaseState.OPEN).values_list("appointments__appointment", flat=True))


def standing(case):
    return set(case.appointments.values_list("standing", flat=True))


@pytest.mark.parametrize(
    ("act", "reason", "left"),
    [(Act.DISMISS, "coincidence", Standing.KEPT), (Act.VALIDATE, "helper", Standing.VALIDATED)],
)
def test_people_who_were_cleared_are_left_alone(case, act, reason, left):
    decided(case, act, reason)
    assert (case.state, standing(case)) == (CaseState.CLOSED, {left})

    book_again(case, Channel.WEB)
    learn_anew()
    assert Case.objects.count() == 1
    assert open_ones() == set()


def test_cancelled_brokers_stay_confirmed_and_what_they_take_next_is_asked_about(case):
    decided(case, Act.CANCEL, "hoarded")
    mine = Appointment.objects.filter(pk__in=case.appointments.values("appointment_id"))
    assert set(mine.values_list("status", flat=True)) == {AppointmentStatus.CANCELLED}
    assert (PriorityToken.objects.count(), case.verdict, standing(case)) == (8, "broker", {Standing.CANCELLED})
    learn_anew()
    assert open_ones() == set()

    with pytest.raises(StepUpNeeded):
        book_again(case, Channel.WEB)
    again = book_again(case)
    assert open_ones() == {again}
    learn_anew()


def test_blocks_are_proposed_and_hold_once_a_colleague_agrees(case):
    decided(case, Act.BLOCK, "hoarded")
    proposed = list(Block.objects.filter(state=BlockState.PROPOSED))
    assert (len(proposed), case.verdict, standing(case)) == (2, "broker", {Standing.KEPT})
    for block in proposed:
        confirm_block(block_id=block.pk, reviewer=staff_with(Role.REVIEWER), now=clock())

    with pytest.raises(BookingError):
        held(case.accounts.first().account, make.slot(), now=clock())
    learn_anew()


def test_bookers_who_are_counted_together_take_nothing_more(case):
    decided(case, Act.CAP, "hoarded")
    assert (Grouping.objects.standing().get().case, case.verdict) == (case, "broker")

    with pytest.raises(BookingError):
        held(case.accounts.first().account, make.slot(), now=clock())
    learn_anew()


def test_people_who_are_asked_wait_in_the_same_case(case):
    """Whose booker alone has their contact is asked at the window, and a reviewer keeps the case."""
    decided(case, Act.ASK, "hoarded")
    assert IdentityRequest.objects.filter(case=case).count() == 8
    assert standing(case) <= {Standing.ASKED, Standing.WINDOW}

    again = book_again(case)
    learn_anew()
    assert Case.objects.get().appointments.filter(appointment=again).exists()
