"""Whoever attends is saved in the account by the confirmation itself: with the appointment, or not at all."""

from dataclasses import replace
from datetime import timedelta

import pytest

from appointments.errors import ApplicantTwice, HoldExpired
from appointments.models import Applicant, Appointment, BookingDraft
from appointments.services import confirm_hold, hold_seats, save_applicant
from appointments.services.hold import Wish
from tests.factories import appointments as make
from tests.factories.appointments import NOW

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


@pytest.fixture
def booker():
    return make.account()


def confirm(booker, *people, now=NOW, **options):
    at = make.slot(seats=len(people))
    held = hold_seats(
        account=booker, wishes=[Wish(at.pk, len(people))], procedure_id=make.offered(at).pk, now=NOW
    ).hold_id
    booked = confirm_hold(
        account=booker, hold_id=held, people=[[one] for one in people], today=TODAY, now=now, **options
    )
    return [Appointment.objects.get(pk=pk).applicant for pk in booked]


def save(booker, entry):
    return save_applicant(account=booker, entry=entry, today=TODAY, now=NOW)


def test_somebody_new_is_saved_as_by_hand(booker):
    one, other = make.entry(curp="PEXA900517MDFRRN09", interpreter="Náhuatl"), make.entry(priority=True)
    saved = confirm(booker, one, other)
    by_hand = [save(make.account(), entry) for entry in (one, other)]
    columns = [field.attname for field in Applicant._meta.fields if field.name not in {"id", "account", "created_at"}]
    for mine, theirs in zip(saved, by_hand, strict=True):
        assert {name: plain(mine, name) for name in columns} == {name: plain(theirs, name) for name in columns}
        assert mine.created_at == NOW


def plain(row, name):
    value = getattr(row, name)
    return bytes(value) if isinstance(value, memoryview) else value


def test_who_is_typed_again_is_the_same_row_and_corrected(booker):
    typed = make.entry("Rosa")
    known = save(booker, typed)
    [saved] = confirm(booker, replace(typed, given_names="ROSA", wheelchair=True))
    assert (saved.pk, saved.given_names, saved.wheelchair) == (known.pk, "ROSA", True)


def test_who_is_named_keeps_the_row_under_a_corrected_name(booker):
    known = save(booker, make.entry("Rsoa"))
    [saved] = confirm(booker, make.entry("Rosa", applicant_id=known.pk))
    assert (saved.pk, saved.given_names, Applicant.objects.count()) == (known.pk, "Rosa", 1)


def test_who_is_named_and_typed_as_somebody_else_of_the_account_is_that_one(booker):
    ana, rosa = save(booker, make.entry("Ana")), save(booker, make.entry("Rosa"))
    assert confirm(booker, make.entry("Rosa", applicant_id=ana.pk)) == [rosa]
    assert Applicant.objects.get(pk=ana.pk).given_names == "Ana"


@pytest.mark.parametrize("named", [False, True])
def test_nobody_takes_two_seats_by_a_second_spelling(booker, named):
    known = save(booker, make.entry("Rsoa")) if named else None
    with pytest.raises(ApplicantTwice):
        confirm(booker, make.entry("Rosa", applicant_id=known and known.pk), make.entry("ROSA"))


def test_a_refusal_saves_nobody_and_keeps_what_was_typed(booker):
    BookingDraft.objects.create(account=booker, answers="{}", updated_at=NOW)
    with pytest.raises(HoldExpired):
        confirm(booker, make.entry(), now=NOW + timedelta(minutes=20), key=make.key())
    assert not Applicant.objects.exists()
    assert BookingDraft.objects.exists()


def test_a_booking_ends_the_draft_but_not_one_that_staff_make(booker):
    BookingDraft.objects.create(account=booker, answers="{}", updated_at=NOW)
    confirm(booker, make.entry(), agent_id=make.account().pk)
    assert BookingDraft.objects.exists()
    confirm(booker, make.entry())
    assert not BookingDraft.objects.exists()
