"""The public pages of the waiting list, as somebody uses them without JavaScript."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from appointments.models import Appointment, WaitingEntry
from appointments.waiting import messages, personal_data
from mexitel.outbox.models import OutgoingMessage
from mexitel.utils.crypto import keyed_hash
from mexitel.utils.time import now as clock
from tests.factories.accounts import UserFactory, sign_in
from tests.factories.scenes import ADA, houston
from tests.factories.waiting import wait_for

pytestmark = pytest.mark.django_db
ROSA = {
    "given_names": "Rosa",
    "surname_1": "Marín",
    "birth_date_day": "5",
    "birth_date_month": "4",
    "birth_date_year": "1988",
}


@pytest.fixture
def scene():
    return houston()


def wish(scene, **changes):
    day = clock() + timedelta(days=30)
    told = {
        "tramite": scene.adults.code,
        "lugar": "77002",
        "millas": "100",
        "dias": ["6", "7"],
        "horas": "manana",
        "hasta_day": day.day,
        "hasta_month": day.month,
        "hasta_year": day.year,
    }
    return told | changes


def test_somebody_joins_in_two_pages_and_sees_where_they_stand(client, scene):
    asked = client.post(reverse("waiting_join"), wish(scene))
    assert asked.url == reverse("waiting_who")
    assert client.get(asked.url).url.startswith(reverse("sign_in"))
    sign_in(client, UserFactory())
    client.post(reverse("waiting_join"), wish(scene))
    added = client.post(reverse("waiting_who"), ROSA | {"agregar": "1"})
    page = client.get(added.url)
    [person] = page.context["saved"]
    assert page.context["who"]["personas"].value() == [person.pk]

    joined = client.post(reverse("waiting_who"), {"personas": [person.pk]})
    entry = WaitingEntry.objects.get()
    assert joined.url == reverse("waiting_entry", args=[entry.pk])
    assert (entry.weekdays, entry.from_hour, entry.to_hour, entry.miles) == ([6, 7], 0, 12, 100)
    assert entry.offices == [scene.office.pk]
    text = client.get(joined.url).content.decode()
    assert "Rosa Marín" in text
    assert entry.code in text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"tramite": ""}, "tramite"),
        ({"lugar": ""}, "lugar"),
        ({"lugar": "99999"}, "lugar"),
        ({"hasta_year": "2020"}, "hasta"),
        ({"hasta_day": ""}, "hasta"),
        ({"dias": ["9"]}, "dias"),
        ({"oficinas": ["nowhere\x00"]}, "oficinas"),
        ({"tramite": "\x00"}, "tramite"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_the_rest_stays(client, scene, changes, field):
    page = client.post(reverse("waiting_join"), wish(scene, **changes))
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]


def test_a_full_search_and_a_full_office_lead_to_the_list(client, scene):
    search = client.get(reverse("search"), {"tramite": scene.adults.code, "lugar": "77002", "fin_de_semana": "on"})
    link = f"{reverse('waiting_join')}?tramite={scene.adults.code}&amp;lugar=77002&amp;fin_de_semana=on"
    assert link in search.content.decode()
    form = client.get(link.replace("&amp;", "&")).context["form"]
    assert (form["tramite"].value(), form["lugar"].value(), form["dias"].value()) == (
        scene.adults.code,
        "77002",
        ["6", "7"],
    )
    far = client.get(reverse("office", args=[scene.office.code]), {"mes": "2030-01"})
    assert f"{reverse('waiting_join')}?oficina={scene.office.code}" in far.content.decode()


def test_the_link_of_the_message_accepts_without_a_sign_in_and_shows_initials(client, scene):
    account = UserFactory()
    place, offer = wait_for(scene.adults, [scene.office], account, ADA)
    page = reverse("waiting_offer", args=[offer.code])
    shown = client.get(page).content.decode()
    assert "A. R. L." in shown
    assert "Ríos" not in shown

    assert client.post(page, {"si": "1"}).url == page
    assert Appointment.objects.get().account == account
    place.refresh_from_db()
    assert place.end_reason == "booked"
    assert client.get(page).context["state"] == "accepted"
    assert client.get(reverse("waiting_offer", args=["NOSUCHOFFER2"])).status_code == 404


def test_saying_no_keeps_the_place_and_gives_the_seat_on(client, scene):
    place, offer = wait_for(scene.adults, [scene.office], UserFactory(), ADA)
    page = reverse("waiting_offer", args=[offer.code])
    client.post(page, {"no": "1"})
    assert client.get(page).context["state"] == "declined"
    assert place.is_live(now=clock())
    assert not Appointment.objects.exists()


def test_a_hold_of_the_list_has_no_page_where_others_could_be_named(client, scene):
    account = UserFactory()
    _place, offer = wait_for(scene.adults, [scene.office], account, ADA)
    sign_in(client, account)
    for name in ("hold", "hold_check"):
        assert client.get(reverse(name, args=[offer.hold_id])).url == reverse("waiting_offer", args=[offer.code])
    mine = client.get(reverse("my_appointments")).content.decode()
    assert reverse("waiting_offer", args=[offer.code]) in mine
    assert reverse("hold", args=[offer.hold_id]) not in mine


def test_a_place_is_its_owners_alone(client, scene):
    place, _offer = wait_for(scene.adults, [scene.office], UserFactory(), ADA, kept=False)
    sign_in(client, UserFactory())
    for name in ("waiting_entry", "waiting_leave"):
        assert client.get(reverse(name, args=[place.pk])).status_code == 404
    assert client.post(reverse("waiting_leave", args=[place.pk])).status_code == 404
    assert place.is_live(now=clock())


def test_leaving_asks_first_and_ends_the_place(client, scene):
    account = UserFactory()
    place, _offer = wait_for(scene.adults, [scene.office], account, ADA, kept=False)
    sign_in(client, account)
    leave = reverse("waiting_leave", args=[place.pk])
    client.get(leave)
    assert place.is_live(now=clock())
    assert client.post(leave).url == reverse("waiting_join")
    place.refresh_from_db()
    assert place.end_reason == "left"
    assert client.get(leave).url == reverse("waiting_entry", args=[place.pk])


@pytest.mark.parametrize("language", ["es", "en"])
def test_an_offer_is_told_by_mail_and_text_message_once(scene, language):
    account = UserFactory(
        language=language,
        phone="+13055550123",
        phone_hash=keyed_hash("phone", "+13055550123"),
        phone_verified_at=clock(),
    )
    _place, offer = wait_for(scene.adults, [scene.office], account, ADA)
    for _ in range(2):
        messages.offered(outbox_id=1, payload={"offer": str(offer.pk)}, now=clock())
    sent = {one.channel: one for one in OutgoingMessage.objects.all()}
    assert sorted(sent) == ["mail", "sms"]
    text = json.loads(sent["sms"].body)["text"]
    assert f"/espera/{offer.code}/" in text
    assert len(text) <= 160
    assert sent["mail"].expires_at == offer.expires_at


def test_nothing_is_told_of_an_offer_that_is_over(scene):
    _place, offer = wait_for(scene.adults, [scene.office], UserFactory(), ADA)
    messages.offered(outbox_id=1, payload={"offer": str(offer.pk)}, now=offer.expires_at)
    assert not OutgoingMessage.objects.exists()


def test_the_account_takes_its_data_along_and_leaves_nothing(scene):
    account = UserFactory()
    place, offer = wait_for(scene.adults, [scene.office], account, ADA)
    [entry] = personal_data.own_data(account)["waiting_list"]
    assert entry["people"] == ["Ada Ríos Luna"]
    assert [one["outcome"] for one in entry["offers"]] == [None]

    personal_data.forget(account, clock())
    place.refresh_from_db()
    assert (place.end_reason, place.people.count()) == ("left", 0)
    offer.refresh_from_db()
    assert offer.outcome == "withdrawn"
