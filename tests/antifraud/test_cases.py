"""What the machine does with cases: open, add to, weigh again; never decide."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from antifraud.models import Case, CaseEvent, CaseState, Standing
from antifraud.services.cases import add_to_case, open_case, reassess
from tests.factories.appointments import NOW, account, slot
from tests.factories.cases import FOUND, booked, suspected

pytestmark = pytest.mark.django_db


def test_case_knows_its_seats_its_office_and_when_an_answer_comes_too_late():
    case = suspected(people=3, now=NOW, starts_at=NOW + timedelta(days=3))

    assert (case.seats, case.consulate.city) == (3, "El Paso")
    assert case.act_by == NOW + timedelta(days=1)
    assert {one.standing for one in case.appointments.all()} == {Standing.FLAGGED}


def test_far_appointments_leave_three_days():
    assert suspected(now=NOW, starts_at=NOW + timedelta(days=20)).act_by == NOW + timedelta(hours=72)


def test_what_the_actor_books_later_comes_in_once_and_back_to_a_person():
    case = suspected(now=NOW)
    Case.objects.filter(pk=case.pk).update(state=CaseState.ASKED)
    case.refresh_from_db()
    late = account()
    more = booked(late, slot(), now=NOW).pk

    assert add_to_case(case=case, account_ids=[late.pk], appointment_ids=[more], now=NOW) == 1
    assert add_to_case(case=case, account_ids=[late.pk], appointment_ids=[more], now=NOW) == 0
    assert (case.seats, case.state) == (4, CaseState.OPEN)


def test_lower_score_is_kept_and_not_shown():
    case = suspected(now=NOW)
    for score in (12.0, 9.0):
        reassess(case=case, found=replace(FOUND, score=score), now=NOW)

    assert (case.score, [one.score for one in case.assessments.all()]) == (12.0, [10.5, 12.0, 9.0])


def test_group_has_one_standing_case():
    suspected(now=NOW, group_number=7)

    with pytest.raises(IntegrityError, match="case_one_standing_for_a_group"), transaction.atomic():
        open_case(found=FOUND, account_ids=[], appointment_ids=[], group_number=7, now=NOW)


def test_no_case_is_closed_by_nobody():
    case = suspected(now=NOW)

    with pytest.raises(IntegrityError, match="case_closed_by_somebody"), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(state=CaseState.CLOSED, verdict="broker", closed_at=NOW)


def test_what_happened_is_never_rewritten():
    suspected(now=NOW)

    with pytest.raises(Exception, match="permission denied"), transaction.atomic():
        CaseEvent.objects.update(kind="nothing")
