"""Six to eight places in one go: who a family is, and that nothing else fits beside it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from appointments.errors import LockFull, NotOneFamily
from appointments.family import FAMILY, is_one_family
from appointments.models import Appointment, CapOverride, Hold
from appointments.selectors import helper_of
from appointments.services import Entry, confirm_hold, hold_seats
from appointments.services.hold import Wish
from appointments.services.overrides import end_override, raise_cap
from consulates.forms import SearchForm
from mexitel.accounts.signals import contact_verified
from mexitel.utils.crypto import keyed_hash
from tests.factories import appointments as make
from tests.factories.accounts import UserFactory, sign_in
from tests.factories.appointments import NOW
from tests.factories.ledger import assert_books_balance, permits_in_use

DAY = date(2027, 3, 1)


def person(given, surname_1, surname_2="", born=date(1988, 4, 5), guardian=""):
    return Entry(
        given_names=given, surname_1=surname_1, surname_2=surname_2, birth_date=born, guardian_name=guardian
    )  # fmt: skip


def children(how_many, surname_1="Gómez", surname_2="López", guardian="Rosa López Pérez"):
    return [person("ABCDEFGH"[n] + "na", surname_1, surname_2, date(2012 + n, 1, 1), guardian) for n in range(how_many)]


MOTHER, FATHER = person("Rosa", "López", "Pérez"), person("Juan", "Gómez", "Ruiz")
UNCLE = person("Luis", "López", "Pérez")


@pytest.mark.parametrize(
    ("people", "one"),
    [
        ([MOTHER, *children(5)], True),
        ([MOTHER, FATHER, *children(6)], True),
        ([MOTHER, FATHER, *children(3), *children(3, "López", "", "Rosa López Pérez")], True),
        (children(7), True),  # the guardian needs no appointment of her own
        ([MOTHER, FATHER, UNCLE, *children(4)], False),  # three adults
        ([MOTHER, *children(4), *children(1, "Solís", "Mar")], False),  # somebody else's child
        ([MOTHER, *children(5)[:4], replace(children(1)[0], birth_date=date(2009, 2, 28))], True),  # 18 tomorrow
        ([MOTHER, FATHER, *children(4), replace(children(1)[0], birth_date=date(2009, 3, 1))], False),  # 18 that day
        (children(2) + children(2, "Solís", "", "Ada Solís") + children(2, "Vega", "", "Inés Vega"), False),
        ([MOTHER, FATHER], False),
    ],
)  # fmt: skip
def test_one_family_by_surnames_and_birth_dates(people, one):
    day = date(2027, 2, 27) if any(p.birth_date == date(2009, 2, 28) for p in people) else DAY
    assert is_one_family(people, day=day) is one


def hold(booker, at, seats, *, origin=FAMILY, now=NOW):
    wish = [Wish(at.pk, seats)]
    return hold_seats(account=booker, wishes=wish, procedure_id=make.offered(at).pk, origin=origin, now=now)


def confirm(booker, held, people, at, *, now=NOW):
    attending = [[one] for one in people]
    return confirm_hold(account=booker, hold_id=held.hold_id, people=attending, today=at.session.date, now=now)


@pytest.mark.django_db
def test_eight_in_one_go_never_nine_and_nothing_beside():
    booker, at = make.account("rosa@gmail.com"), make.slot(seats=20)
    held = hold(booker, at, 8)
    assert permits_in_use(booker, now=NOW) == {"account": 8, "email": 8}
    alias = make.account("r.osa+2@gmail.com")
    for who, seats, origin in [(booker, 1, ""), (alias, 1, ""), (alias, 8, FAMILY)]:
        with pytest.raises(LockFull):
            hold(who, at, seats, origin=origin)
    confirm(booker, held, [MOTHER, FATHER, *children(6)], at)
    assert Appointment.objects.count() == 8
    override = CapOverride.objects.get()
    assert (override.kind, override.cap, override.author) == ("family", 8, None)
    assert override.until == at.session.ends_at
    with pytest.raises(LockFull):
        hold(booker, at, 6)
    with pytest.raises(LockFull):
        hold(make.account(), at, 9)
    with pytest.raises(LockFull):
        hold(make.account(), at, 8, origin="")
    assert_books_balance(now=NOW)


@pytest.mark.django_db
def test_names_that_are_no_family_keep_the_hold_and_say_what_to_do():
    booker, at = make.account(), make.slot(seats=8)
    held = hold(booker, at, 6)
    strangers = [replace(MOTHER, given_names=name) for name in "ABCDEF"]
    with pytest.raises(NotOneFamily):
        confirm(booker, held, strangers, at)
    assert not Appointment.objects.exists()
    assert Hold.objects.get().is_open(now=NOW)
    assert confirm(booker, held, [MOTHER, *children(5)], at)


@pytest.mark.django_db
def test_a_phone_proven_meanwhile_counts_the_whole_family():
    booker, at = make.account(), make.slot(seats=8)
    held = hold(booker, at, 8)
    booker.phone, booker.phone_hash, booker.phone_verified_at = "+12135550123", keyed_hash("phone", "x"), NOW
    booker.save()
    confirm(booker, held, [MOTHER, *children(7)], at)
    assert permits_in_use(booker, now=NOW) == {"account": 8, "email": 8, "phone": 8}
    assert_books_balance(now=NOW)


@pytest.mark.django_db
def test_the_pages_take_a_family_of_six():
    form = SearchForm({"tramite": "x", "personas": "6"})
    assert "6" in {str(value) for value, _text in form.fields["personas"].choices}
    user, at = UserFactory(), make.slot(seats=8, starts_at=NOW + timedelta(days=9))
    browser = sign_in(Client(), user)
    wish = {"slots": f"{at.pk}:6", "procedure": make.offered(at).code}
    browser.post(reverse("hold_create"), wish)
    held = Hold.objects.get()
    assert held.origin == FAMILY
    for place, one in enumerate([MOTHER, *children(5)], start=1):
        born = one.birth_date
        typed = {
            "given_names": one.given_names, "surname_1": one.surname_1, "surname_2": one.surname_2,
            "guardian_name": one.guardian_name, "birth_date_day": born.day, "birth_date_month": born.month,
            "birth_date_year": born.year,
        }  # fmt: skip
        assert browser.post(reverse("hold_person", args=[held.pk, place]), typed).status_code == 302
    assert "/cita/" in browser.post(reverse("hold_check", args=[held.pk])).url


@pytest.mark.django_db
def test_a_signed_cap_holds_in_every_scope_also_in_a_new_one_and_ends():
    booker, officer = make.account("ayuda@example.org"), UserFactory(staff=True)
    override = raise_cap(
        account=booker, kind="helper", cap=15, reason="-", author=officer, until=NOW + timedelta(days=365), now=NOW,
        name="Ada Ríos",
    )  # fmt: skip
    at = make.slot(seats=20)
    booked = make.book(booker, at, 15)
    assert make.hold(booker, at).code == "lock_full"
    assert helper_of(Appointment.objects.get(pk=booked[0])) == "Ada Ríos"
    booker.phone, booker.phone_hash, booker.phone_verified_at = "+12135550123", keyed_hash("phone", "y"), NOW
    booker.save()
    contact_verified.send(sender=None, user_id=booker.pk, contact="phone", address=booker.phone, at=NOW)
    make.cancel(booker, *booked[:3])
    assert make.hold(booker, at, 3).ok
    end_override(override, now=NOW + timedelta(minutes=1))
    assert make.hold(booker, at, 1, now=NOW + timedelta(minutes=2)).code == "lock_full"
    assert helper_of(Appointment.objects.get(pk=booked[-1])) == "Ada Ríos"  # what was booked then stays so
