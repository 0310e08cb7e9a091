"""What a person can take away, what they read before leaving, and what is forgotten in time."""

from datetime import timedelta

import pytest

from appointments.models import Applicant, Attendee, BookingDraft, Permit
from appointments.personal_data import before_deletion, own_data
from mexitel.accounts.services import delete_account
from mexitel.utils import retention
from mexitel.utils.time import now as clock
from tests.factories.accounts import UserFactory
from tests.factories.scenes import book_ada, houston

pytestmark = pytest.mark.django_db


@pytest.fixture
def booked(db):
    return book_ada(UserFactory(), houston())


def test_download_holds_people_and_appointments(booked):
    data = own_data(booked.account)

    assert [person["given_names"] for person in data["people"]] == ["Ada"]
    assert [one["reference"] for one in data["appointments"]] == [booked.reference]
    assert data["appointments"][0]["attendees"][0]["birth_date"] == "1988-04-05"


def test_leaving_with_an_appointment_is_explained_and_frees_nothing(booked):
    assert len(before_deletion(booked.account, clock())) == 1

    delete_account(user=booked.account, now=clock())

    assert not Applicant.objects.filter(account=booked.account).exists()
    assert Permit.objects.filter(holder=booked.pk, until__gt=clock()).count() == 2
    booked.refresh_from_db()
    assert booked.status == "booked"


def test_leaving_without_one_needs_no_words(db):
    assert before_deletion(UserFactory(), clock()) == []


def test_names_are_forgotten_half_a_year_after_the_day(booked):
    retention.apply(now=booked.until + timedelta(days=179))
    assert Attendee.objects.get().full_name == "Ada Ríos Luna"

    retention.apply(now=booked.until + timedelta(days=181))
    forgotten = Attendee.objects.get()
    assert (forgotten.full_name, forgotten.birth_date, forgotten.curp_hash) == ("", "", None)


def test_typed_answers_are_forgotten_after_a_day(db):
    user = UserFactory()
    BookingDraft.objects.create(account=user, answers="{}", updated_at=clock())

    retention.apply(now=clock() + timedelta(hours=25))

    assert not BookingDraft.objects.exists()
