"""The pages from a tapped time to "Mis citas", through Django's client: what a person sees and what nobody else may."""

import re
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from appointments.models import Appointment, BookingDraft, Hold, Permit
from consulates.models import Seat
from mexitel.utils.time import now as clock
from tests.factories.accounts import UserFactory, sign_in
from tests.factories.scenes import houston

pytestmark = pytest.mark.django_db

ADA = {
    "given_names": "Ada",
    "surname_1": "Ríos",
    "surname_2": "Luna",
    "birth_date_day": "5",
    "birth_date_month": "4",
    "birth_date_year": "1988",
}


@pytest.fixture
def scene(db):
    return houston()


@pytest.fixture
def citizen(client, db):
    user = UserFactory()
    sign_in(client, user)
    return user


def wish(scene, *, seats=1, session=None, procedure=None):
    slot = (session or scene.first).slots.order_by("starts_at").first()
    return {"slots": f"{slot.pk}:{seats}", "procedure": (procedure or scene.adults).code}


def hold(client, scene, **kwargs):
    response = client.post(reverse("hold_create"), wish(scene, **kwargs))
    return Hold.objects.order_by("-created_at").first(), response


def fill(client, held, *people):
    for place, person in enumerate(people, start=1):
        response = client.post(reverse("hold_person", args=[held.pk, place]), person)
        assert response.status_code == 302, response.context["form"].errors
    return response


def book(client, scene, *people, **kwargs):
    held, _ = hold(client, scene, seats=len(people), **kwargs)
    fill(client, held, *people)
    return client.post(reverse("hold_check", args=[held.pk]))


def test_time_waits_for_the_sign_in(client, scene):
    response = client.post(reverse("hold_create"), wish(scene))
    assert response.url == f"{reverse('sign_in')}?next={reverse('hold_create')}"
    assert not Hold.objects.exists()
    user = UserFactory()
    sign_in(client, user)  # as the code page does, in the same session
    response = client.get(reverse("hold_create"))
    held = Hold.objects.get()
    assert response.url == reverse("hold", args=[held.pk])
    assert held.account == user
    assert abs(held.expires_at - held.created_at - timedelta(minutes=10)) < timedelta(milliseconds=1)


def test_whole_booking_of_one(client, scene, citizen):
    response = book(client, scene, ADA)
    appointment = Appointment.objects.get()
    assert response.status_code == 302
    assert appointment.attendees.get().full_name == "Ada Ríos Luna"
    assert appointment.reference in client.get(reverse("my_appointments")).content.decode().replace("-", "")
    assert not BookingDraft.objects.exists()


def test_second_tap_gives_the_same_hold_and_the_same_appointment(client, scene, citizen):
    first, _ = hold(client, scene)
    second, _ = hold(client, scene)
    assert first == second
    fill(client, first, ADA)
    url = reverse("hold_check", args=[first.pk])
    assert client.post(url).url == client.post(url).url
    assert Appointment.objects.count() == 1


def test_another_time_gives_the_first_one_back(client, scene, citizen):
    hold(client, scene)
    hold(client, scene, session=scene.second)
    assert Hold.objects.open(now=clock()).count() == 1


def test_empty_form_names_each_field_and_keeps_what_was_typed(client, scene, citizen):
    held, _ = hold(client, scene)
    response = client.post(reverse("hold_person", args=[held.pk, 1]), ADA | {"surname_1": "", "birth_date_year": ""})
    page = response.content.decode()
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["surname_1", "birth_date"]
    assert 'value="Ada"' in page
    assert "govuk-error-summary" in page


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"birth_date_year": "0001"}, "birth_date"),
        ({"birth_date_year": "9999"}, "birth_date"),
        ({"birth_date_day": "31", "birth_date_month": "2"}, "birth_date"),
        ({"given_names": "A\x00da"}, "given_names"),
        ({"given_names": "A" * 101}, "given_names"),
        ({"curp": "BOXW310820HNERXN0"}, "curp"),
        ({"curp": "BOXW310820HNERXN09"}, "curp"),
        ({"interpreter": "klingon"}, "interpreter"),
        ({"birth_date_year": "2024"}, "birth_date"),
    ],
)
def test_bad_answers_get_a_sentence(client, scene, citizen, changes, field):
    held, _ = hold(client, scene)
    response = client.post(reverse("hold_person", args=[held.pk, 1]), ADA | changes)
    assert response.status_code == 422
    assert field in response.context["form"].errors


def test_minor_needs_a_guardian(client, scene, citizen):
    child = ADA | {"given_names": "Noé", "birth_date_year": str(clock().year - 6)}
    held, _ = hold(client, scene, procedure=scene.minors)
    url = reverse("hold_person", args=[held.pk, 1])
    assert "guardian_name" in client.post(url, child).context["form"].errors
    assert client.post(url, child | {"guardian_name": "Ada Ríos"}).status_code == 302


def test_expired_hold_keeps_the_answers_for_the_next_one(client, scene, citizen):
    held, _ = hold(client, scene, seats=2)
    client.post(reverse("hold_person", args=[held.pk, 1]), ADA)
    Hold.objects.filter(pk=held.pk).update(expires_at=clock() - timedelta(seconds=1))
    response = client.get(reverse("hold", args=[held.pk]))
    assert response.status_code == 409
    assert reverse("office", args=["houston"]) in response.content.decode()
    again, _ = hold(client, scene, seats=2, session=scene.second)
    assert client.get(reverse("hold", args=[again.pk])).url == reverse("hold_person", args=[again.pk, 2])


def test_answers_sent_after_the_hold_ran_out_are_kept(client, scene, citizen):
    held, _ = hold(client, scene)
    Hold.objects.filter(pk=held.pk).update(expires_at=clock() - timedelta(seconds=1))
    client.post(reverse("hold_person", args=[held.pk, 1]), ADA)
    again, _ = hold(client, scene, session=scene.second)
    assert client.get(reverse("hold", args=[again.pk])).url == reverse("hold_check", args=[again.pk])


def test_more_time_once(client, scene, citizen):
    held, _ = hold(client, scene)
    url = reverse("hold_extend", args=[held.pk])
    client.post(url)
    held.refresh_from_db()
    extended = held.expires_at
    assert extended > held.created_at + timedelta(minutes=10)
    client.post(url)
    held.refresh_from_db()
    assert held.expires_at == extended


def test_full_time_says_where_else(client, scene, citizen):
    slot = scene.first.slots.order_by("starts_at").first()
    Seat.objects.filter(slot=slot).update(withdrawn_at=clock())
    response = client.post(reverse("hold_create"), wish(scene))
    assert response.status_code == 409
    assert reverse("search") in response.content.decode()


def test_person_with_an_appointment_is_named_and_nothing_is_lost(client, scene, citizen):
    book(client, scene, ADA)
    response = book(client, scene, ADA, session=scene.second)
    assert response.status_code == 409
    assert "Ada Ríos Luna" in response.content.decode()
    assert Hold.objects.open(now=clock()).count() == 1
    assert Appointment.objects.count() == 1


def test_sixth_appointment_is_refused_with_the_limit(client, scene, citizen):
    people = [ADA | {"given_names": name} for name in ("Ana", "Eva", "Iris", "Olga", "Úrsula")]
    book(client, scene, *people[:4])
    book(client, scene, people[4], session=scene.second)
    assert Appointment.objects.count() == 5
    _, response = hold(client, scene, session=scene.second)
    assert response.status_code == 409
    assert "5" in response.content.decode()


def test_family_moves_together_though_it_holds_five(client, scene, citizen):
    names = ("Ana", "Eva", "Iris", "Olga", "Úrsula")
    slots = list(scene.first.slots.order_by("starts_at"))
    client.post(reverse("hold_create"), {"slots": f"{slots[0].pk}:4,{slots[1].pk}:1", "procedure": scene.adults.code})
    held = Hold.objects.get()
    fill(client, held, *[ADA | {"given_names": name} for name in names])
    client.post(reverse("hold_check", args=[held.pk]))
    ids = list(Appointment.objects.values_list("pk", flat=True))
    later = list(scene.second.slots.order_by("starts_at"))
    url = reverse("appointment_move", args=[ids[0]])
    response = client.post(url, {"cita": ids, "slots": f"{later[0].pk}:4,{later[1].pk}:1"})
    assert response.status_code == 302, response.context["errors"]
    client.post(response.url)
    assert set(Appointment.objects.values_list("session", flat=True)) == {scene.second.pk}
    assert set(Appointment.objects.values_list("pk", flat=True)) == set(ids)
    assert Permit.objects.filter(until__gt=clock()).values("holder").distinct().count() == 5


def test_cancelling_one_of_a_family_keeps_the_other(client, scene, citizen):
    book(client, scene, ADA, ADA | {"given_names": "Eva"})
    first, second = Appointment.objects.order_by("pk")
    url = reverse("appointment_cancel", args=[first.pk])
    assert client.post(url).status_code == 422  # nobody ticked
    client.post(url, {"cita": [second.pk]})
    assert set(Appointment.objects.values_list("pk", "status")) == {(first.pk, "booked"), (second.pk, "cancelled")}


def test_freed_seat_does_not_reappear_at_once(client, scene, citizen):
    book(client, scene, ADA)
    appointment = Appointment.objects.get()
    client.post(reverse("appointment_cancel", args=[appointment.pk]))
    seat = Seat.objects.get(pk=appointment.seat_id)
    assert timedelta(minutes=14) < seat.visible_at - clock() <= timedelta(minutes=240)


PRIVATE = [
    ("get", "hold", "hold"),
    ("get", "hold_check", "hold"),
    ("post", "hold_check", "hold"),
    ("post", "hold_extend", "hold"),
    ("post", "hold_release", "hold"),
    ("get", "appointment", "appointment"),
    ("get", "appointment_cancel", "appointment"),
    ("post", "appointment_cancel", "appointment"),
    ("get", "appointment_move", "appointment"),
    ("post", "appointment_move", "appointment"),
]


@pytest.mark.parametrize(("method", "name", "kind"), PRIVATE)
def test_other_peoples_ids_look_like_unknown_ones(client, scene, citizen, method, name, kind):
    book(client, scene, ADA)
    held, _ = hold(client, scene, session=scene.second)
    own = {"hold": held.pk, "appointment": Appointment.objects.get().pk}[kind]
    sign_in(client, UserFactory())
    theirs, unknown = (getattr(client, method)(reverse(name, args=[pk])) for pk in (own, uuid.uuid4()))
    assert theirs.status_code == unknown.status_code == 404
    assert without_ids(theirs) == without_ids(unknown)


def without_ids(response) -> str:
    """The page without the address that was asked and the masked token of its forms."""
    page = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "", response.content.decode())
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"slots": "x", "procedure": "passport-adult-first"},
        {"slots": "1:9", "procedure": "passport-adult-first"},
        {"slots": f"{10**30}:1", "procedure": "passport-adult-first"},
        {"slots": "1:1\x00", "procedure": "passport-adult-first"},
        {"slots": "1:0", "procedure": "nothing"},
        {"slots": "²:1", "procedure": "passport-adult-first"},
    ],
)
def test_nonsense_wishes_get_a_sentence(client, citizen, typed):
    response = client.post(reverse("hold_create"), typed)
    assert response.status_code == 400
    assert reverse("search") in response.content.decode()


def test_unknown_slot_and_wrong_procedure_get_a_sentence(client, scene, citizen):
    assert client.post(reverse("hold_create"), {"slots": "99999:1", "procedure": scene.adults.code}).status_code == 409
    assert client.post(reverse("hold_create"), wish(scene) | {"procedure": "no-such"}).status_code == 400


def test_mine_needs_a_sign_in_and_is_not_stored(client, scene):
    assert client.get(reverse("my_appointments")).status_code == 302
    sign_in(client, UserFactory())
    assert "no-store" in client.get(reverse("my_appointments"))["Cache-Control"]


def test_mine_costs_the_same_for_one_and_for_four(client, scene, citizen):
    book(client, scene, ADA)
    url = reverse("my_appointments")
    client.get(url)
    with CaptureQueriesContext(connection) as one:
        client.get(url)
    for name in ("Eva", "Iris", "Olga"):
        book(client, scene, ADA | {"given_names": name}, session=scene.second)
    with CaptureQueriesContext(connection) as four:
        client.get(url)
    assert len(four) == len(one)


def test_somebody_in_a_hurry_is_told_to_wait(client, scene, citizen, settings, own_redis):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"booking": ("mexitel.utils.ratelimits.account", "2/m")}
    answers = [client.post(reverse("hold_create"), wish(scene)) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [302, 302, 429]
    assert int(answers[-1]["Retry-After"]) > 0
