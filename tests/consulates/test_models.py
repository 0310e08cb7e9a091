from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from consulates.models import Consulate
from tests.factories.consulates import NOW, ConsulateFactory, ProcedureFactory, published_session

pytestmark = pytest.mark.django_db


def refused(constraint: str, save) -> None:
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        save()
    assert refusal.value.__cause__.diag.constraint_name == constraint


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"kind": "saturday"}, "consulates_session_kind_fits_the_day"),
        ({"ends_at": NOW}, "consulates_session_closes_after_opening"),
        ({"windows": 0}, "consulates_session_windows_and_minutes_make_sense"),
        ({"slot_minutes": 3}, "consulates_session_windows_and_minutes_make_sense"),
        ({"capacity_factor": Decimal("1.01")}, "consulates_session_capacity_factor_is_a_share"),
        ({"status": "draft"}, "consulates_session_published_has_its_moment"),
        ({"status": "lost"}, "consulates_session_status_is_known"),
    ],
)
def test_the_database_refuses_an_impossible_session(changes, constraint):
    session = published_session(ConsulateFactory())
    for name, value in changes.items():
        setattr(session, name, value)
    refused(constraint, session.save)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"min_age": 18, "max_age": 17}, "consulates_procedure_ages_in_order"),
        ({"max_applicants": 5}, "consulates_procedure_one_to_four_applicants"),
        ({"fee_usd": Decimal(101)}, "consulates_procedure_fee_has_its_year"),
        ({"booking": "never"}, "consulates_procedure_booking_is_known"),
    ],
)
def test_the_database_refuses_an_impossible_procedure(changes, constraint):
    refused(constraint, lambda: ProcedureFactory(**changes))


def test_the_database_refuses_a_second_seat_of_one_number():
    seat = published_session(ConsulateFactory()).slots.first().seats.first()
    seat.pk = None
    refused("consulates_seat_once_in_a_slot", lambda: seat.save(force_insert=True))


def test_an_unknown_zone_is_no_zone():
    office = ConsulateFactory.build(time_zone="Texas/Houston")
    with pytest.raises(ValidationError) as refusal:
        office.full_clean()
    assert list(refusal.value.message_dict) == ["time_zone"]


def test_an_office_works_from_its_opening_until_its_closing():
    ConsulateFactory(code="future", opened_on=date(2027, 1, 1))
    ConsulateFactory(code="past", closed_on=date(2026, 11, 23))
    ConsulateFactory(code="now", opened_on=date(2026, 11, 23), closed_on=date(2026, 11, 24))
    working = Consulate.objects.working_on(date(2026, 11, 23))
    assert [office.code for office in working] == ["now"]


@pytest.mark.parametrize(("years", "allowed"), [(17, False), (18, True), (40, True), (41, False)])
def test_ages_include_both_ends(years, allowed):
    assert ProcedureFactory.build(min_age=18, max_age=40).allows_age(years) is allowed
