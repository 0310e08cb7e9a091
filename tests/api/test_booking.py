from datetime import timedelta

import pytest

from appointments.models import Appointment, Hold
from mexitel.accounts.models import User
from mexitel.api.tokens import open_token
from mexitel.utils.time import now as clock
from tests.api.conftest import Api, in_utc, person, take_hold


def confirm(api, hold, *people, **options):
    return api.post(f"/holds/{hold['id']}/confirm", {"people": list(people)}, **options)


def test_family_books_and_sees_its_appointments(api, supply):
    hold = take_hold(api, supply, seats=2)
    assert hold["state"] == "open"
    assert in_utc(hold["expires_at"]) - clock() > timedelta(minutes=9)
    booked = confirm(api, hold, person(), person("Ana"))
    assert booked.status_code == 200
    names = [one["people"][0]["given_names"] for one in booked.json()["appointments"]]
    assert names == ["Rosa María", "Ana"]
    listed = api.get("/appointments?upcoming=true").json()["items"]
    assert {one["id"] for one in listed} == {one["id"] for one in booked.json()["appointments"]}
    assert listed[0]["starts_at"].endswith(("-08:00", "-07:00"))
    assert listed[0]["time_zone"] == "America/Los_Angeles"
    assert Appointment.objects.values_list("channel", flat=True).distinct().get() == "api"


def test_hold_is_created_where_location_says(api, supply):
    response = api.post("/holds", {"procedure": supply.adult.code, "slots": [{"slot": supply.slots[0].pk, "seats": 1}]})
    assert api.get(response["Location"]).json() == response.json()
    assert response["Cache-Control"] == "no-store"


def test_hold_is_extended_once(api, hold):
    longer = api.post(f"/holds/{hold['id']}/extend", key="")
    assert (longer.status_code, longer.json()["can_extend"]) == (200, False)
    again = api.post(f"/holds/{hold['id']}/extend", key="")
    assert (again.status_code, again.json()["code"]) == (409, "already_extended")


def test_hold_is_released(api, hold):
    assert api.delete(f"/holds/{hold['id']}").status_code == 204
    assert api.get(f"/holds/{hold['id']}").json()["state"] == "released"


def test_sixth_appointment_is_refused_with_the_scope_that_is_full(api, supply):
    take_hold(api, supply, seats=2)
    take_hold(api, supply, seats=2, slot=1)
    slots = [{"slot": supply.slots[2].pk, "seats": 2}]
    refused = api.post("/holds", {"procedure": supply.adult.code, "slots": slots}).json()
    assert (refused["code"], refused["cap"], refused["active"], refused["stored"]) == ("lock_full", 5, 4, True)


def test_cancel_is_all_or_nothing(api, stranger, supply):
    [mine] = confirm(api, take_hold(api, supply), person()).json()["appointments"]
    [theirs] = confirm(stranger, take_hold(stranger, supply, slot=1), person()).json()["appointments"]
    refused = api.post("/appointments/cancel", {"appointments": [mine["id"], theirs["id"]]})
    assert refused.status_code == 404
    assert api.get(f"/appointments/{mine['id']}").json()["status"] == "booked"
    done = api.post("/appointments/cancel", {"appointments": [mine["id"]]})
    assert [one["status"] for one in done.json()["appointments"]] == ["cancelled"]


def test_move_keeps_the_appointment_and_its_people(api, supply):
    [mine] = confirm(api, take_hold(api, supply), person()).json()["appointments"]
    hold = take_hold(api, supply, slot=3, replaces=[mine["id"]])
    refused = confirm(api, hold, person("Otra"))
    assert refused.json()["errors"][0]["pointer"] == "#/people"
    moved = api.post(f"/holds/{hold['id']}/confirm", {})
    [after] = moved.json()["appointments"]
    assert (after["id"], after["reference"], after["times_moved"]) == (mine["id"], mine["reference"], 1)
    assert in_utc(after["starts_at"]) == supply.slots[3].starts_at


def test_saved_person_is_named_by_number(api, supply):
    saved = api.post("/applicants", person(curp="")).json()
    booked = confirm(api, take_hold(api, supply), {"applicant": saved["id"], "wheelchair": True})
    [attendee] = booked.json()["appointments"][0]["people"]
    assert (attendee["given_names"], attendee["wheelchair"]) == ("Rosa María", True)
    assert [one["id"] for one in api.get("/applicants").json()["items"]] == [saved["id"]]


def test_same_person_cannot_have_two_of_a_kind(api, supply):
    confirm(api, take_hold(api, supply), person())
    clash = confirm(api, take_hold(api, supply, slot=1), person())
    assert (clash.status_code, clash.json()["code"]) == (409, "applicant_booked")
    assert clash.json()["applicant"] == api.get("/applicants").json()["items"][0]["id"]


@pytest.mark.parametrize(
    ("typed", "pointer"),
    [
        ({"birth_date": "2020-01-01"}, "#/people/0/birth_date"),  # too young for that procedure
        ({"birth_date": "0001-01-01"}, "#/people/0/birth_date"),
        ({"birth_date": "9999-12-31"}, "#/people/0/birth_date"),
        ({"birth_date": "1985-03-27T00:00:00+14:00"}, "#/people/0/birth_date"),
        ({"curp": "LOPR850327MDFPRS0"}, "#/people/0/curp"),
        ({"given_names": ""}, "#/people/0/given_names"),
        ({"surname": "x"}, "#/people/0/surname"),
        ({"with": [person("Luis")]}, "#/people/0"),
    ],
)
def test_what_is_wrong_is_named_and_the_hold_stays(api, hold, typed, pointer):
    refused = confirm(api, hold, person(**typed))
    assert (refused.status_code, refused.json()["stored"]) == (400, False)
    assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]
    assert api.get(f"/holds/{hold['id']}").json()["state"] == "open"


def test_child_needs_a_guardian(api, supply):
    slots = [{"slot": supply.slots[0].pk, "seats": 1}]
    hold = api.post("/holds", {"procedure": supply.child.code, "slots": slots}).json()
    refused = confirm(api, hold, person(birth_date="2020-01-01")).json()
    assert refused["errors"][0]["pointer"] == "#/people/0/guardian_name"
    booked = confirm(api, hold, person(birth_date="2020-01-01", guardian_name="Rosa López"))
    assert booked.json()["appointments"][0]["people"][0]["is_minor"] is True


def test_expired_hold_is_refused(api, hold):
    Hold.objects.filter(pk=hold["id"]).update(expires_at=clock() - timedelta(seconds=1))
    assert api.get(f"/holds/{hold['id']}").json()["state"] == "expired"
    refused = confirm(api, hold, person())
    assert (refused.status_code, refused.json()["code"]) == (409, "hold_expired")


def test_guards_are_asked_and_their_no_is_not_stored(api, supply, settings):
    slots = [{"slot": supply.slots[0].pk, "seats": 1}]
    body = {"procedure": supply.adult.code, "slots": slots}
    settings.BOOKING_GUARDS = ["tests.api.guards.refuse_everything"]
    refused = api.post("/holds", body, key="k")
    assert (refused.status_code, refused.json()["code"], refused.json()["stored"]) == (409, "step_up", False)
    settings.BOOKING_GUARDS = []
    assert api.post("/holds", body, key="k").status_code == 201


def test_others_holds_and_appointments_look_like_unknown_ones(api, stranger, supply, hold):
    unknown = "0190aaaa-7a60-7c1e-8a1b-2f6f0c1d2e3f"
    [mine] = confirm(api, take_hold(api, supply, slot=2), person()).json()["appointments"]
    saved = api.get("/applicants").json()["items"][0]["id"]
    asked = [
        lambda pk: stranger.get(f"/holds/{pk if pk else hold['id']}"),
        lambda pk: stranger.delete(f"/holds/{pk if pk else hold['id']}"),
        lambda pk: stranger.post(f"/holds/{pk if pk else hold['id']}/extend"),
        lambda pk: stranger.post(f"/holds/{pk if pk else hold['id']}/confirm", {"people": [person()]}),
        lambda pk: stranger.get(f"/appointments/{pk if pk else mine['id']}"),
        lambda pk: stranger.post("/appointments/cancel", {"appointments": [pk if pk else mine["id"]]}),
        lambda pk: stranger.get(f"/applicants/{999999 if pk else saved}"),
    ]
    for ask in asked:
        theirs, nobodys = ask(None), ask(unknown)
        assert theirs.status_code == nobodys.status_code == 404
        assert theirs.content == nobodys.content
        varying = {"RateLimit", "Date"}
        assert {k: v for k, v in theirs.items() if k not in varying} == {
            k: v for k, v in nobodys.items() if k not in varying
        }


def test_no_endpoint_of_a_person_opens_without_a_token(anybody, hold):
    for method, path in [
        ("GET", "/appointments"), ("GET", "/applicants"), ("POST", "/applicants"), ("POST", "/holds"),
        ("GET", f"/holds/{hold['id']}"), ("DELETE", f"/holds/{hold['id']}"), ("POST", f"/holds/{hold['id']}/extend"),
        ("POST", f"/holds/{hold['id']}/confirm"), ("POST", "/appointments/cancel"), ("DELETE", "/sessions"),
    ]:  # fmt: skip
        refused = anybody.request(method, path, {})
        assert (refused.status_code, refused["WWW-Authenticate"]) == (401, "Bearer")


def test_staff_token_opens_nothing(db):
    staff = User.objects.create_user("ventanilla@example.org", is_staff=True)
    refused = Api(open_token(account=staff, now=clock()).token).get("/appointments")
    assert (refused.status_code, refused.json()["code"]) == (401, "token_invalid")


def test_lists_keep_one_query_count(api, supply, django_assert_num_queries):
    confirm(api, take_hold(api, supply), person())
    with django_assert_num_queries(3):
        api.get("/appointments")
    confirm(api, take_hold(api, supply, seats=2, slot=1), person("Ana"), person("Eva"))
    with django_assert_num_queries(3):
        api.get("/appointments")
