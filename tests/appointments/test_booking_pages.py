"""The pages from a tapped time to "Mis citas", through Django's client: what a person sees and what nobody else may."""

import re
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from appointments.models import Appointment, BookingDraft, Hold, Permit
from appointments.services import hold_seats
from appointments.services.hold import Wish
from consulates.models import Seat
from mexitel.utils.time import now as clock
from tests.factories.accounts import UserFactory, sign_in
from tests.factories.resting import LONGEST
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
    Hold.objects.filter(pk=held.pk).update(expires_at=clock() - timedelta(minutes=2))
    response = client.get(reverse("hold", args=[held.pk]))
    assert response.status_code == 409
    assert reverse("office", args=["houston"]) in response.content.decode()
    again, _ = hold(client, scene, seats=2, session=scene.second)
    assert client.get(reverse("hold", args=[again.pk])).url == reverse("hold_person", args=[again.pk, 2])


def test_answers_sent_after_the_hold_ran_out_are_kept(client, scene, citizen):
    held, _ = hold(client, scene)
    Hold.objects.filter(pk=held.pk).update(expires_at=clock() - timedelta(minutes=2))
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
    assert timedelta(minutes=14) < seat.visible_at - clock() <= LONGEST


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
    client.get(reverse("my_appointments"))  # where the good news is read
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


def test_a_form_that_somebody_typed_for_another_procedure_is_asked_again(client, scene, citizen):
    child = ADA | {"given_names": "Noé", "birth_date_year": str(clock().year - 6), "guardian_name": "Ada Ríos"}
    held, _ = hold(client, scene, procedure=scene.minors)
    fill(client, held, child)
    adults, _ = hold(client, scene, session=scene.second)
    url = reverse("hold_person", args=[adults.pk, 1])
    assert client.get(reverse("hold", args=[adults.pk])).url == url
    assert "birth_date" in client.get(url).context["form"].errors
    assert client.post(reverse("hold_check", args=[adults.pk])).url == url
    assert not Appointment.objects.exists()


def test_brothers_come_with_the_same_adult(client, scene, citizen):
    child = ADA | {"birth_date_year": str(clock().year - 6), "guardian_name": "Ada Ríos"}
    held, _ = hold(client, scene, seats=2, procedure=scene.minors)
    fill(client, held, child)
    assert 'value="Ada Ríos"' in client.get(reverse("hold_person", args=[held.pk, 2])).content.decode()


def test_same_person_twice_is_said_beside_the_name(client, scene, citizen):
    held, _ = hold(client, scene, seats=2)
    fill(client, held, ADA)
    response = client.post(reverse("hold_person", args=[held.pk, 2]), ADA | {"given_names": "ADÁ"})
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["given_names"]


def test_superseded_hold_leads_to_the_one_that_stands(client, scene, citizen):
    first, _ = hold(client, scene)
    fill(client, first, ADA)
    second, _ = hold(client, scene, session=scene.second)
    stands = reverse("hold", args=[second.pk])
    assert client.get(reverse("hold", args=[first.pk])).url == stands
    assert client.get(reverse("hold_person", args=[first.pk, 1])).url == stands
    assert client.post(reverse("hold_check", args=[first.pk])).url == stands
    assert not Appointment.objects.exists()  # the button of the old tab books nothing


def test_left_hold_offers_the_one_that_stands(client, scene, citizen):
    left, _ = hold(client, scene)
    client.post(reverse("hold_release", args=[left.pk]))
    stands, _ = hold(client, scene, session=scene.second)
    response = client.get(reverse("hold", args=[left.pk]))
    assert response.status_code == 409
    assert reverse("hold", args=[stands.pk]) in response.content.decode()


def test_back_button_after_booking_leads_to_the_receipt(client, scene, citizen):
    receipt = book(client, scene, ADA).url
    held = Hold.objects.get()
    for url in (reverse("hold", args=[held.pk]), reverse("hold_person", args=[held.pk, 1])):
        assert client.get(url).url == receipt


def test_bigger_party_keeps_its_own_seats(client, citizen, db):
    scene = houston(windows=3)
    first, _ = hold(client, scene, seats=2)
    second, response = hold(client, scene, seats=3)
    assert response.url == reverse("hold", args=[second.pk])
    assert second.party == 3
    assert Hold.objects.get(pk=first.pk).outcome == "superseded"


def test_full_time_names_the_hold_that_stands(client, scene, citizen):
    stands, _ = hold(client, scene)
    session = client.session
    session.pop("hold")  # made in another browser
    session.save()
    Seat.objects.filter(slot__session=scene.second).update(withdrawn_at=clock())
    _, response = hold(client, scene, session=scene.second)
    assert response.status_code == 409
    assert reverse("hold", args=[stands.pk]) in response.content.decode()


def test_more_time_and_leaving_are_forms_that_the_portal_believes(scene):
    browser = Client(enforce_csrf_checks=True)
    sign_in(browser, user := UserFactory())
    held = hold_seats(
        account=user,
        wishes=[Wish(scene.first.slots.first().pk, 1)],
        procedure_id=scene.adults.pk,
        now=clock(),
    )
    page = browser.get(reverse("hold_person", args=[held.hold_id, 1])).content.decode()
    for name in ("hold_extend", "hold_release"):
        url = reverse(name, args=[held.hold_id])
        token = re.search(rf'action="{url}">.*?name="csrfmiddlewaretoken" value="(\w+)"', page, re.DOTALL).group(1)
        assert browser.post(url).status_code == 403
        assert browser.post(url, {"csrfmiddlewaretoken": token}).status_code == 302
    assert Hold.objects.get().outcome == "released"


# -- several people in one appointment ------------------------------------------------------------------------------

BETO = ADA | {"given_names": "Beto", "surname_1": "Núñez"}


@pytest.fixture
def power(scene):
    """A procedure to which up to four people go together."""
    scene.adults.min_applicants, scene.adults.max_applicants = 1, 4
    scene.adults.save()
    return scene


@pytest.fixture
def wedding(scene):
    scene.adults.min_applicants, scene.adults.max_applicants = 2, 2
    scene.adults.save()
    return scene


def test_couple_goes_to_one_appointment(client, power, citizen):
    held, _ = hold(client, power)
    added = client.post(reverse("hold_person", args=[held.pk, 1]), ADA | {"con": "1"})
    assert added.url == reverse("hold_attendee", args=[held.pk, 1, 2])
    assert client.post(added.url, BETO).url == reverse("hold", args=[held.pk])
    check = reverse("hold_check", args=[held.pk])
    page = client.get(check).content.decode()
    assert "Ada Ríos Luna" in page
    assert "Beto Núñez Luna" in page
    receipt = client.post(check).url
    appointment = Appointment.objects.get()
    assert [one.full_name for one in appointment.attendees.order_by("position")] == ["Ada Ríos Luna", "Beto Núñez Luna"]
    assert Permit.objects.filter(until__gt=clock()).values("holder").distinct().count() == 1
    assert "Ada Ríos Luna y Beto Núñez Luna" in client.get(reverse("my_appointments")).content.decode()
    public = client.get(receipt).content.decode()
    assert "B. N. L." in public
    assert "Beto" not in public


def test_wedding_asks_for_the_second_person(client, wedding, citizen):
    held, _ = hold(client, wedding)
    fill(client, held, ADA)
    second = reverse("hold_attendee", args=[held.pk, 1, 2])
    assert client.get(reverse("hold", args=[held.pk])).url == second
    assert client.post(reverse("hold_check", args=[held.pk])).url == second
    assert not Appointment.objects.exists()
    client.post(second, BETO)
    client.post(reverse("hold_check", args=[held.pk]))
    assert Appointment.objects.get().attendees.count() == 2


def test_procedure_for_one_has_no_second_person(client, scene, citizen):
    held, _ = hold(client, scene)
    fill(client, held, ADA)
    assert client.get(reverse("hold_attendee", args=[held.pk, 1, 2])).url == reverse("hold", args=[held.pk])
    assert "/con/2/" not in client.get(reverse("hold_check", args=[held.pk])).content.decode()
    assert client.post(reverse("hold_person", args=[held.pk, 1]), ADA | {"con": "1"}).url == reverse(
        "hold", args=[held.pk]
    )


def test_at_most_four_go_together(client, power, citizen):
    held, _ = hold(client, power)
    fill(client, held, ADA)
    for number, name in enumerate(("Eva", "Iris", "Olga"), start=2):
        client.post(reverse("hold_attendee", args=[held.pk, 1, number]), ADA | {"given_names": name})
    response = client.post(reverse("hold_attendee", args=[held.pk, 1, 5]), ADA | {"given_names": "Úrsula"})
    assert response.url == reverse("hold", args=[held.pk])
    client.post(reverse("hold_check", args=[held.pk]))
    assert Appointment.objects.get().attendees.count() == 4


def test_companion_is_changed_and_taken_out(client, power, citizen):
    held, _ = hold(client, power)
    fill(client, held, ADA)
    second = reverse("hold_attendee", args=[held.pk, 1, 2])
    client.post(second, BETO)
    client.post(second, BETO | {"given_names": "Alberto"})
    assert "Alberto Núñez" in client.get(reverse("hold_check", args=[held.pk])).content.decode()
    client.post(reverse("hold_attendee_remove", args=[held.pk, 1, 2]))
    client.post(reverse("hold_attendee_remove", args=[held.pk, 1, 1]))  # the principal stays
    client.post(reverse("hold_check", args=[held.pk]))
    assert [one.full_name for one in Appointment.objects.get().attendees.all()] == ["Ada Ríos Luna"]


def test_companion_is_somebody_else(client, power, citizen):
    held, _ = hold(client, power)
    fill(client, held, ADA)
    response = client.post(reverse("hold_attendee", args=[held.pk, 1, 2]), ADA)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["given_names"]


def test_companions_survive_an_expired_hold_and_not_another_procedure(client, power, citizen):
    held, _ = hold(client, power)
    fill(client, held, ADA)
    client.post(reverse("hold_attendee", args=[held.pk, 1, 2]), BETO)
    Hold.objects.update(expires_at=clock() - timedelta(minutes=2))
    again, _ = hold(client, power, session=power.second)
    assert "Beto" in client.get(reverse("hold_check", args=[again.pk])).content.decode()
    power.adults.max_applicants = 1
    power.adults.save()
    assert "Beto" not in client.get(reverse("hold_check", args=[again.pk])).content.decode()


def test_check_page_says_what_to_bring_who_comes_and_the_fee(client, scene, citizen):
    scene.adults.requires, scene.adults.companions = ["photo_id"], ["two_witnesses"]
    scene.adults.fee_usd, scene.adults.fee_year = 101, clock().year
    scene.adults.fee_source = "https://example.org/fees"
    scene.adults.save()
    held, _ = hold(client, scene)
    fill(client, held, ADA)
    page = client.get(reverse("hold_check", args=[held.pk])).content.decode()
    for words in ("dos testigos", "Identificación oficial con foto", "101 dólares", str(clock().year), "example.org"):
        assert words in page
