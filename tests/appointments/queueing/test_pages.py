"""The room as people see it, on the real clock: each stage says what is so and what can be done."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from appointments.allocation import drawing
from appointments.models import Appointment, Hold, QueueDesk, QueueTicket
from appointments.queueing import facts, messages, tending
from appointments.queueing.joining import join
from consulates.models import Release, Seat
from mexitel.outbox.models import OutgoingMessage
from mexitel.utils.time import now as clock
from tests.factories import appointments as make
from tests.factories.accounts import sign_in
from tests.factories.queues import queue, ticket
from tests.factories.releases import times_of

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def me(client):
    account = make.account()
    sign_in(client, account)
    return account


def stage(client, made):
    response = client.get(reverse("queue_room", args=[made.pk]))
    assert response.status_code == 200
    return response.context["room"].stage


def drawn(made, *, people=5):
    """``people`` more have joined, and the order was drawn in the past of the pages."""
    for _ in range(people):
        join(account=make.account(), release_id=made.pk, now=made.joins_from)
    for seconds in (3, 10):
        tending.tend(made, now=made.opens_at + timedelta(seconds=seconds))


def test_a_stranger_reads_how_it_works_and_signs_in_to_come_back(client):
    made = queue()
    page = client.get(reverse("queue_room", args=[made.pk]))
    assert page.context["room"].stage == "before"
    assert f"/entrar/?next=%2Faperturas%2F{made.pk}%2Ffila%2F" in page.content.decode()
    assert client.post(reverse("queue_join", args=[made.pk])).url.startswith("/entrar/")


def test_what_is_not_a_queue_or_not_announced_is_not_found(client):
    later = queue(opens_at=clock() + timedelta(days=30), announced_at=clock() + timedelta(days=1))
    assert client.get(reverse("queue_room", args=[later.pk])).status_code == 404
    assert client.get(reverse("queue_file", args=[later.pk + 1])).status_code == 404


def test_joining_is_one_write_and_a_redirect(client, me, django_assert_max_num_queries):
    made = queue()
    client.get(reverse("queue_room", args=[made.pk]))
    tending.promise(made, clock())
    with django_assert_max_num_queries(6) as asked:  # session, account, the ticket; and a sign of life now and then
        response = client.post(reverse("queue_join", args=[made.pk]), {"remind": "1"})
    assert (response.status_code, response.content) == (302, b"")
    assert len([one for one in asked.captured_queries if "join_queue" in one["sql"]]) == 1
    assert ticket(made, me).remind
    assert stage(client, made) == "joined"
    assert ticket(made, me).code[:5] in client.get(response.url).content.decode()


def test_another_account_of_the_mailbox_gets_a_kind_sentence_and_no_more(client):
    made = queue()
    join(account=make.account("rosa.perez@gmail.com"), release_id=made.pk, now=clock())
    sign_in(client, make.account("rosaperez@gmail.com"))
    response = client.post(reverse("queue_join", args=[made.pk]))
    assert response.status_code == 409
    assert response.context["room"].ticket is None


def test_the_way_from_the_ticket_to_the_seat(client, me):
    made = queue(opens_at=clock() - 5 * MINUTE, seats=1, slots=6)
    join(account=me, release_id=made.pk, now=made.joins_from)
    drawn(made, people=1)
    assert stage(client, made) == "called"

    assert client.get(reverse("queue_times", args=[made.pk])).url == reverse("queue_room", args=[made.pk])
    response = client.post(reverse("queue_enter", args=[made.pk]))
    assert response.url == reverse("queue_times", args=[made.pk])
    assert stage(client, made) == "choosing"
    page = client.get(response.url + "?tramite=" + make.offered(times_of(made)[0]).code)
    assert page.context["choice"].asks_for == "time"
    assert len(page.context["choice"].times) == 6
    assert 'name="turn"' in page.content.decode()

    wish = {
        "slots": page.context["choice"].times[2]["value"],
        "procedure": page.context["choice"].procedure.code,
        "turn": page.context["turn"],
    }
    assert client.post(reverse("hold_create"), wish).url.startswith("/apartado/")
    assert Hold.objects.get().slot_ids == [times_of(made)[2].pk]


def test_waiting_says_place_people_and_what_is_left(client, me):
    made = queue(opens_at=clock() - 5 * MINUTE, seats=1, slots=2)
    drawn(made)
    join(account=me, release_id=made.pk, now=clock())
    tending.tend(made, now=clock())
    page = client.get(reverse("queue_room", args=[made.pk])).context["room"]
    assert (page.stage, page.rank, page.ahead, page.facts.free) == ("waiting", 6, 3, 2)
    assert page.wait.least <= page.wait.most
    assert client.post(reverse("queue_enter", args=[made.pk])).url == reverse("queue_room", args=[made.pk])
    client.post(reverse("queue_leave", args=[made.pk]))
    assert stage(client, made) == "left"


def test_sold_out_cancelled_and_over_say_so(client, me):
    made = queue(opens_at=clock() - 30 * MINUTE, seats=1, slots=1)
    join(account=me, release_id=made.pk, now=made.joins_from)
    drawn(made)
    Seat.objects.filter(slot__session__release=made).update(holder=None, until=clock() + timedelta(days=40))
    QueueTicket.objects.filter(account=me).update(admitted_at=None, admitted_until=None)
    facts.publish(made, now=clock())
    assert stage(client, made) == "full"

    gone = queue()
    join(account=me, release_id=gone.pk, now=clock())
    Release.objects.filter(pk=gone.pk).update(
        state="cancelled", cancel_reason="Tormenta", cancelled_at=clock(), cancelled_by=gone.approved_by
    )
    facts.publish(Release.objects.get(pk=gone.pk), now=clock())
    assert "Tormenta" in client.get(reverse("queue_room", args=[gone.pk])).content.decode()
    over = queue(opens_at=clock() - timedelta(days=3))
    assert stage(client, over) == "open"


def test_with_every_worker_dead_the_pages_keep_the_queue_going(client, me):
    made = queue(opens_at=clock() - MINUTE)
    join(account=me, release_id=made.pk, now=made.joins_from)
    assert stage(client, made) == "drawing"
    tending.draw(made, clock() + 10 * MINUTE)
    facts.cache.clear()
    facts.path_of(made.pk).unlink()
    QueueDesk.objects.update(looked_at=clock() - MINUTE)
    assert stage(client, made) == "called"


def test_the_file_is_read_without_a_session_and_known_by_its_mark(client, me, django_assert_num_queries):
    made = queue(opens_at=clock() - MINUTE)
    address = reverse("queue_file", args=[made.pk])
    first = client.get(address)
    client.cookies.clear()
    with django_assert_num_queries(0):
        again = client.get(address)
        same = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert json.loads(again.content)["phase"] == "drawing"
    assert (same.status_code, same.content) == (304, b"")


def test_an_office_leads_to_the_room_instead_of_times(client):
    made = queue(opens_at=clock() - MINUTE)
    session = made.sessions.get()
    code = make.offered(times_of(made)[0]).code
    day = reverse("office_day", args=[session.consulate.code, session.date]) + f"?tramite={code}"
    for address in (session.consulate.get_absolute_url(), day):
        page = client.get(address).content.decode()
        assert reverse("queue_room", args=[made.pk]) in page
    assert "mx-time" not in page


def inside(client, me, made):
    """In their ten minutes: the page of times with the only procedure chosen."""
    drawn(made, people=0)
    client.post(reverse("queue_enter", args=[made.pk]))
    return reverse("queue_times", args=[made.pk]) + f"?tramite={made.procedures.get().code}&personas=1"


def booked_elsewhere(procedure, account):
    elsewhere = make.session(procedures=[procedure], starts_at=clock() + timedelta(days=20))
    return Appointment.objects.get(pk=make.book(account, elsewhere.slots.get(), now=clock())[0])


def in_line(me, **facts):
    made = queue(opens_at=clock() - MINUTE, **facts)
    drawing.commit(made, made.joins_from)
    join(account=me, release_id=made.pk, now=made.joins_from)
    return made


def test_whoever_finds_nothing_is_told_so_and_led_on(client, me):
    made = in_line(me)
    times = inside(client, me, made)
    Seat.objects.update(until=clock() + timedelta(days=90))
    facts.publish(made, now=clock())
    for address in (times, reverse("queue_room", args=[made.pk])):
        page = client.get(address).content.decode()
        assert all(reverse(name) in page for name in ("waiting_join", "releases", "search")), address


def test_an_appointment_moves_to_a_time_of_the_queue_in_ones_turn(client, me):
    made = in_line(me, slots=3)
    procedure = made.procedures.get()
    own = booked_elsewhere(procedure, me)
    page = client.get(inside(client, me, made))
    [party] = page.context["movable"]
    assert party.first.pk == own.pk
    wish = {"procedure": procedure.code, "slots": page.context["choice"].times[0]["value"], "mover": own.pk}

    assert client.post(reverse("hold_create"), wish).status_code == 409  # without the turn
    check = client.post(reverse("hold_create"), wish | {"turn": page.context["turn"]})
    assert client.post(check.url).status_code == 302
    own.refresh_from_db()
    assert (own.session.release_id, own.times_moved) == (made.pk, 1)


def test_a_stranger_s_appointment_does_not_move(client, me):
    made = in_line(me, slots=3)
    procedure = made.procedures.get()
    other = booked_elsewhere(procedure, make.account())
    page = client.get(inside(client, me, made))
    wish = {"procedure": procedure.code, "slots": page.context["choice"].times[0]["value"]}
    sent = wish | {"turn": page.context["turn"], "mover": other.pk}
    assert client.post(reverse("hold_create"), sent).status_code == 409


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_call_says_how_much_is_left_and_when_nothing_is(me, language):
    made = in_line(me)
    me.language = language
    me.save()
    drawn(made, people=0)
    payload = {"ticket": QueueTicket.objects.get(account=me).pk}
    QueueTicket.objects.update(admitted_at=clock(), admitted_until=clock() + MINUTE)
    facts.publish(made, now=clock())
    messages.called(outbox_id=1, payload=payload, now=clock())
    Seat.objects.update(until=clock() + timedelta(days=90))
    facts.publish(made, now=clock())
    messages.called(outbox_id=2, payload=payload, now=clock())
    told = OutgoingMessage.objects.filter(channel="mail").order_by("pk")
    assert [one.kind for one in told] == ["queue.called", "queue.full"]
    assert ("4 lugares" if language == "es" else "4 places") in told[0].body
    assert reverse("waiting_join") in told[1].body
