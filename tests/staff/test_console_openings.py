"""Openings on the telephone: a caller's queue, and the places that a release keeps for whoever calls."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from appointments.allocation import drawing
from appointments.models import Appointment, QueueTicket
from appointments.phone.share import count_use, kept_for_callers
from appointments.queueing.joining import join
from consulates.models import Gate, ReleaseOffice, Seat
from mexitel.accounts.models import User
from mexitel.utils.time import now as clock
from tests.factories import appointments as make
from tests.factories.queues import queue, queue_files, run
from tests.factories.releases import keep_for_phone, release, times_of
from tests.staff.console import Agent, person

pytestmark = pytest.mark.django_db
__all__ = ["queue_files"]
HOUR = timedelta(hours=1)


@pytest.fixture
def agent():
    agent = Agent()
    agent.register(phone="(213) 555-0142")
    return agent


@pytest.fixture
def opened():
    """First come, first served since an hour ago; its one time is full but for the telephone's place."""
    now = clock()
    made = release(make.session(seats=3, slots=1), mode=Gate.OPEN, opens_at=now - HOUR, phone_until=now + HOUR)
    [at] = times_of(made)
    keep_for_phone(at, 2)
    Seat.objects.filter(slot=at, pool="public").update(until=now + 9 * HOUR)
    ReleaseOffice.objects.filter(release=made).update(seats=3, phone_seats=2)
    return made


def take(agent, made):
    procedure = made.procedures.get()
    page = agent.get("staff_console_queue_times", apertura=made.pk, tramite=procedure.code, personas=1)
    [time] = page.context["choice"].times
    agent.post("staff_console_choose", procedure=procedure.code, slots=time["value"])
    agent.people(**person())
    assert agent.confirm().url == reverse("staff_console_done")
    return Appointment.objects.get(pk=agent.call.booked[-1])


def test_a_caller_gets_a_place_of_the_share_that_the_web_does_not_see(agent, opened):
    [(kept, _about, _until)] = agent.get("staff_console_queues").context["kept"]
    assert (kept.release.pk, kept.free) == (opened.pk, 2)
    assert opened.name in agent.get("staff_console").content.decode()

    booked = take(agent, opened)
    assert Seat.objects.get(pk=booked.seat_id).pool == "phone"
    assert kept_for_callers(now=clock())[0].free == 1

    at = opened.phone_until + timedelta(seconds=1)
    assert kept_for_callers(now=at) == []  # it is everybody's then, and in every search


def test_how_many_callers_took_is_published_and_then_stays(agent, opened):
    page = reverse("release", args=[opened.pk])
    assert "Quienes llaman" not in Client().get(page).content.decode()
    booked = take(agent, opened)

    count_use(now=clock())
    assert "Quienes llaman han tomado menos de 5 hasta ahora" in Client().get(page).content.decode()
    [office] = Client().get(reverse("api_release", args=[opened.pk])).json()["offices"]
    assert (office["phone_seats"], office["phone_taken"]) == (2, None)  # one to four are left out
    ReleaseOffice.objects.filter(release=opened).update(phone_taken=5)
    assert "Quienes llaman han tomado 5 hasta ahora" in Client().get(page).content.decode()
    [office] = Client().get(reverse("api_release", args=[opened.pk])).json()["offices"]
    assert office["phone_taken"] == 5

    # Later the share is anybody's: what is taken then is not the telephone's.
    after = opened.phone_until + timedelta(minutes=1)
    free = Seat.objects.exclude(pk=booked.seat_id).filter(pool="phone").get()
    Appointment.objects.filter(pk=booked.pk).update(seat_id=free.pk, created_at=after)
    assert count_use(now=after) == [opened.pk]
    assert ReleaseOffice.objects.get(release=opened).phone_taken == 0
    assert count_use(now=after + HOUR) == []
    assert "Quienes llamaron tomaron 0" in Client().get(page).content.decode()


def test_an_agent_joins_for_the_caller(agent):
    made = queue(opens_at=clock() + timedelta(minutes=10))
    agent.post("staff_console_queues", do="join", apertura=made.pk)

    assert QueueTicket.objects.get(release=made).channel == "phone"
    assert "Ya está en la fila" in agent.get("staff_console_queues").content.decode()
    assert agent.get("staff_console_queue_times", apertura=made.pk).status_code == 302  # not their turn


def test_an_agent_chooses_for_the_caller_in_their_turn_alone(agent):
    opened_at = clock() - timedelta(seconds=30)
    before, drawn = opened_at - timedelta(minutes=5), opened_at + timedelta(seconds=10)
    made = queue(seats=1, slots=3, opens_at=opened_at)
    drawing.commit(made, before)
    caller = User.objects.get(pk=agent.call.account_id)
    join(account=caller, release_id=made.pk, now=before, channel="phone")
    run(made, opened_at + timedelta(seconds=3), drawn)

    assert agent.post("staff_console_queues", do="enter", apertura=made.pk).status_code == 302
    procedure = made.procedures.get()
    page = agent.get("staff_console_queue_times", apertura=made.pk, tramite=procedure.code)
    time, turn = page.context["choice"].times[0], page.context["turn"]
    agent.post("staff_console_choose", procedure=procedure.code, slots=time["value"])
    assert not agent.call.hold
    agent.post("staff_console_choose", procedure=procedure.code, slots=time["value"], turn=turn)
    agent.people(**person())
    agent.confirm()
    assert Appointment.objects.get().account == caller


def test_what_opens_later_is_read_out(agent):
    made = release(mode=Gate.OPEN, opens_at=clock() + 30 * HOUR)
    [(shown, when, joins)] = agent.get("staff_console_queues").context["coming"]
    assert (shown.release.pk, bool(when), bool(joins)) == (made.pk, True, True)
    assert agent.get("staff_console_queue_times", apertura=made.pk).status_code == 404
