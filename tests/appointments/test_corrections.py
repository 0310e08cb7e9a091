"""Typing errors are corrected, and nobody takes the place of the person who was booked."""

import json
from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest
from django.urls import reverse

from antifraud.live.events import events_of
from antifraud.live.reading import Position, read_next
from antifraud.validation.asking import is_frozen
from appointments.corrections import correcting, typos
from appointments.corrections.correcting import AnotherPerson, NotCorrectable, correct_attendee
from appointments.corrections.messages import corrected
from appointments.errors import UnknownAppointment
from appointments.guards import BookingRefused
from appointments.models import Appointment, Attendee, Correction, Event
from appointments.services.applicants import Entry
from mexitel.outbox.models import OutboxMessage, OutgoingMessage
from tests.factories import appointments as make
from tests.factories.accounts import sign_in
from tests.factories.appointments import NOW
from tests.factories.validation import NOON, asked_by_sms

# -- pure ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("booked", "typed"),
    [
        ("Gonzales", "González"),
        ("Rosa Maria", "Rosa María"),
        ("Rosamaría", "Rosa María"),
        ("Ma. Elena", "María Elena"),
        ("de la Cruz", "Cruz"),
        ("Hernadnez", "Hernández"),
        ("Ximena", "Jimena"),
        ("Aan", "Ana"),
        ("Li", "Lu"),
    ],
)
def test_a_typing_error_is_the_same_name(booked, typed):
    assert typos.same_name(booked, typed)
    assert typos.same_name(typed, booked)


@pytest.mark.parametrize(
    ("booked", "typed"),
    [
        ("Ana", "Eva"),
        ("Li", "Wu"),
        ("Rosa María", "Rosa"),
        ("Rosa", "Rosa María"),
        ("Luis", "Luisa Fernanda"),
        ("Gonzalez", "Gómez"),
        ("Rosa María", "María Rosa"),
        ("Pérez", ""),
        ("", "Pérez"),
        ("Ξένια", "Ελένη"),
    ],
)
def test_another_name_is_another_person(booked, typed):
    assert not typos.same_name(booked, typed)


def changed(word, places):
    return "".join("K" if place in places else letter for place, letter in enumerate(word))


def test_any_two_letters_of_a_word_may_be_wrong_and_never_three():
    word = "RODRIGUEZ"
    for places in product(range(len(word)), repeat=3):
        assert typos.same_name(word, changed(word, places)) == (len(set(places)) <= 2)
    assert not typos.same_name("Ana", changed("ANA", (0, 1)))
    for letters in product("ABC", repeat=2):  # of two letters one may be wrong
        assert typos.same_name("AB", "".join(letters)) == (
            letters[0] == "A" or letters[1] == "B" or letters == ("B", "A")
        )


def test_every_date_one_digit_or_a_swap_away_and_no_other():
    booked, passed = date(1985, 3, 12), set()
    day = date(1900, 1, 1)
    while day < date(2027, 1, 1):
        if typos.same_date(booked, day):
            passed.add(day)
        day += timedelta(days=1)
    text = f"{booked:%Y%m%d}"
    near = set()
    for place in range(8):
        for digit in "0123456789":
            try:
                near.add(date.fromisoformat(text[:place] + digit + text[place + 1 :]))
            except ValueError:
                continue
    assert passed == {one for one in near if one.year >= 1900 and one < date(2027, 1, 1)} | {date(1985, 12, 3)}


# -- one correction ------------------------------------------------------------------------------------------------

ROSA = Entry("Rosa", "Gonzales", "Luna", date(1985, 3, 12))


def booked(**who):
    booker, at = make.account(), make.slot()
    held = make.hold(booker, at)
    person = make.save_applicant(account=booker, entry=replace(ROSA, **who), today=NOW.date(), now=NOW)
    attending = {
        "applicant": person.pk,
        "attendees": [make.attendee_for_claim(replace(ROSA, **who), today=NOW.date())],
    }
    [pk] = make.confirm(booker, held, [attending]).facts["appointments"]
    return Appointment.objects.select_related("account").get(pk=pk)


def correct(one, *, now=NOW, account=None, **typed):
    entry = replace(correcting.entry_of_attendee(one.attendees.get(position=1)), **typed)
    return correct_attendee(account=account or one.account, appointment_id=one.pk, position=1, entry=entry, now=now)


def names(one):
    return Attendee.objects.get(appointment=one).full_name


def corrections(one):
    return list(Event.objects.filter(subject=one.pk, kind="corrected").values_list("detail", flat=True))


def test_it_is_written_noted_and_told(db):
    one = booked()
    assert correct(one, surname_1="González", birth_date=date(1985, 12, 3))
    attendee = one.attendees.get()
    assert (attendee.full_name, attendee.birth_date) == ("Rosa González Luna", "1985-12-03")
    assert corrections(one) == [{"position": 1, "fields": ["surname_1", "birth_date"]}]
    [payload] = OutboxMessage.objects.filter(kind="appointment.corrected").values_list("payload", flat=True)
    corrected(outbox_id=1, payload=payload, now=NOW)
    body = json.loads(OutgoingMessage.objects.get(kind="appointment.corrected").body)
    assert "Rosa González Luna" in body["text"]
    assert not correct(one)
    assert len(corrections(one)) == 1


def test_many_small_corrections_never_add_up_to_somebody_else(db):
    one = booked(surname_1="Ramírez")
    assert correct(one, surname_1="Ramiros")
    with pytest.raises(AnotherPerson):
        correct(one, surname_1="Gamarros")
    assert names(one) == "Rosa Ramiros Luna"
    assert correct(one, surname_1="Ramírez")


def test_control_measured_against_what_stands_they_would(db, monkeypatch):
    monkeypatch.setattr(correcting, "_as_booked", lambda attendee: None)
    one = booked(surname_1="Ramírez")
    for step in ("Ramiros", "Gamiras", "Gaminas"):
        correct(one, surname_1=step)
    assert not typos.same_name("Ramírez", names(one).split()[1])


def test_somebody_else_is_refused_kindly_and_known_once(db, client):
    one = booked()
    sign_in(client, one.account)
    address = reverse("appointment_correct", args=[one.pk, 1])
    typed = {"given_names": "Carmen", "surname_1": "Soto", "surname_2": "", "curp": ""}
    typed |= {"birth_date_day": "1", "birth_date_month": "2", "birth_date_year": "1970"}
    for _tap in range(2):
        page = client.post(address, typed)
        assert page.status_code == 409
        assert reverse("appointment_cancel", args=[one.pk]) in page.content.decode()
    assert names(one) == "Rosa Gonzales Luna"
    assert corrections(one) == [{"position": 1, "refused": True}]
    assert not Correction.objects.exists()


def test_the_page_corrects_and_checks_the_curp(db, client):
    one = booked()
    sign_in(client, one.account)
    assert (
        reverse("appointment_correct", args=[one.pk, 1])
        in client.get(reverse("appointment", args=[one.pk])).content.decode()
    )
    address = reverse("appointment_correct", args=[one.pk, 1])
    typed = {"given_names": "Rosa", "surname_1": "González", "surname_2": "Luna"}
    typed |= {"birth_date_day": "12", "birth_date_month": "3", "birth_date_year": "1985"}
    wrong = client.post(address, typed | {"curp": "GOLR850312MDFNNS00"})
    assert wrong.status_code == 422
    assert client.post(address, typed | {"curp": ""}).status_code == 302
    assert names(one) == "Rosa González Luna"


@pytest.mark.parametrize("who", ["a stranger", "too late", "cancelled"])
def test_not_for_strangers_and_not_once_it_is_over(db, who):
    one = booked()
    if who == "cancelled":
        make.cancel(one.account, one.pk)
    expected = UnknownAppointment if who == "a stranger" else NotCorrectable
    account = make.account() if who == "a stranger" else None
    with pytest.raises(expected):
        correct(one, surname_1="González", account=account, now=one.starts_at if who == "too late" else NOW)


def test_frozen_while_the_person_is_being_asked(db):
    case = asked_by_sms()
    one = Appointment.objects.select_related("account").get(pk=case.appointments.get().appointment_id)
    assert is_frozen(one.pk)
    with pytest.raises(BookingRefused) as refused:
        correct(one, surname_1="Pruebas", now=NOON)
    assert refused.value.code == "being_asked"


def test_control_without_the_guard_it_would_be_corrected(db, settings):
    settings.BOOKING_GUARDS = ["antifraud.guards.ask_a_step"]
    case = asked_by_sms()
    one = Appointment.objects.select_related("account").get(pk=case.appointments.get().appointment_id)
    assert correct(one, surname_1="Pruebas", now=NOON)


def test_the_engine_hears_of_both(db):
    one = booked()
    with pytest.raises(AnotherPerson):
        correct(one, given_names="Carmen")
    correct(one, surname_1="González")
    heard = [event for event in events_of(read_next(Position(), below=2**62, limit=100)) if event.kind == "correct"]
    assert [(event.refused, event.appointment) for event in heard] == [(True, str(one.pk)), (False, str(one.pk))]
    assert heard[1].applicant.surname_1 == "González"
