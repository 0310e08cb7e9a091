"""The monthly random look, agents whose pattern stands out, and the formulas behind the figures."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from antifraud.evidence import sentences
from antifraud.models import AuditDraw, Case, CaseKind, CaseState, Verdict
from antifraud.oversight.numbers import Share, recall, robust_z, shown, wilson
from antifraud.oversight.sampling import chosen_of, draw, month_before
from antifraud.oversight.staff_cases import open_staff_cases, patterns
from antifraud.oversight.staff_evidence import Pattern, who_stands_out
from appointments.models import Appointment, CapOverride
from consulates.models import Role
from mexitel.accounts.models import User
from tests.factories import appointments as make
from tests.factories.accounts import UserFactory
from tests.factories.appointments import NOW
from tests.factories.cases import booked, suspected
from tests.factories.staff import staff_with

LAST_MONTH = datetime(NOW.year, NOW.month, 1, tzinfo=UTC) - timedelta(days=5)


def made_last_month(count):
    at = make.slot(seats=count)
    made = [booked(make.account(), at, now=NOW).pk for _ in range(count)]
    Appointment.objects.filter(pk__in=made).update(created_at=LAST_MONTH)
    return set(made)


@pytest.mark.django_db
def test_sample_is_drawn_once_a_month_among_those_that_nobody_suspects(monkeypatch):
    monkeypatch.setattr("antifraud.oversight.sampling.SAMPLE", 3)
    plain = made_last_month(5)
    case = suspected(people=2, now=NOW)
    Appointment.objects.filter(pk__in=case.appointments.values("appointment_id")).update(created_at=LAST_MONTH)
    booked(make.account(), make.slot(), now=NOW)  # of this month

    made = draw(now=NOW, seed=11)

    drawn = Case.objects.filter(kind=CaseKind.AUDIT)
    appointments = {one.appointment_id for case in drawn for one in case.appointments.all()}
    assert (made.population, len(made.case_ids), len(appointments)) == (5, 3, 3)
    assert appointments <= plain
    assert {(one.score, one.accounts.count()) for one in drawn} == {(0.0, 1)}
    assert draw(now=NOW) is None
    assert drawn.count() == 3


@pytest.mark.django_db
def test_same_seed_draws_the_same_and_another_seed_others(monkeypatch):
    monkeypatch.setattr("antifraud.oversight.sampling.SAMPLE", 4)
    made_last_month(10)
    month = month_before(NOW)

    assert chosen_of(month, 1) == chosen_of(month, 1)
    assert chosen_of(month, 1) != chosen_of(month, 2)


@pytest.mark.django_db
def test_month_has_one_sample_by_constraint():
    draw(now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditDraw.objects.create(month=month_before(NOW), seed=1, population=0, drawn_at=NOW)
    assert month_before(datetime(2026, 1, 31, tzinfo=UTC)) == date(2025, 12, 1)


def usual(agent, **changes):
    columns = {"bookings": 100, "unproven": 5 + agent % 3, "at_once": agent % 2, "shared": 0, "raised": 1}
    return Pattern(agent, **(columns | changes))


PEERS = [usual(agent) for agent in range(1, 12)]


def test_who_stands_out_is_named_with_a_sentence_for_each_reason():
    [(pattern, reasons)] = who_stands_out([*PEERS, usual(99, unproven=60, at_once=30)])

    assert pattern.agent == 99
    assert [(one.code, one.points) for one in reasons] == [("G5", 4.0), ("G6", 4.0)]
    assert [one.sentence("es") for one in reasons] == [
        "En 60 de 100 citas que sacó no consta ningún contacto comprobado; lo usual es 6 %.",
        "Apartó 30 de 100 lugares a menos de 10 segundos de aparecer; lo usual es 1 %.",
    ]


@pytest.mark.parametrize(
    "patterns",
    [
        PEERS,
        [*PEERS, usual(99, unproven=14)],  # a little more than others
        [*PEERS, Pattern(99, 20, 20, 20, 20, 20)],  # too few bookings to say anything
        [usual(agent) for agent in range(5)] + [usual(99, unproven=90)],  # too few colleagues
        [usual(agent, unproven=60) for agent in range(12)],  # everybody does it
    ],
    ids=["alike", "a-little", "few-bookings", "few-peers", "all"],
)
def test_nobody_stands_out_without_reason(patterns):
    assert list(who_stands_out(patterns)) == []


@pytest.mark.django_db
def test_pattern_of_an_agent_is_counted_from_what_they_booked():
    agent, account = staff_with(Role.PHONE_AGENT, make.office()), make.account("", phone="+13125550188")
    nobody = make.account()
    User.objects.filter(pk=nobody.pk).update(email=None, registered_by=agent)
    one, two = booked(account, make.slot(), now=NOW), booked(nobody, make.slot(), now=NOW)
    Appointment.objects.filter(pk__in=[one.pk, two.pk]).update(agent_id=agent.pk)
    CapOverride.objects.create(
        kind="emergency", account=account, cap=8, reason="-", author=agent, created_at=NOW,
        until=NOW + timedelta(days=1),
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM appointments_event WHERE kind = 'held' AND detail ? 'visible_at'")
        assert cursor.fetchone() == (2,)

    assert patterns(now=NOW) == [Pattern(agent.pk, 2, 1, 0, 0, 1)]


@pytest.mark.django_db
def test_case_about_an_agent_is_opened_once_and_left_alone_after_nothing_was_found(monkeypatch):
    office = make.office()
    agent, reviewer = staff_with(Role.PHONE_AGENT, office), UserFactory(staff=True)
    found = [*PEERS, usual(agent.pk, unproven=70, raised=40)]
    monkeypatch.setattr("antifraud.oversight.staff_cases.patterns", lambda *, now: found)

    assert [open_staff_cases(now=NOW), open_staff_cases(now=NOW)] == [1, 0]
    case = Case.objects.get(kind=CaseKind.STAFF)
    assert (case.agent_id, case.consulate_id, [one["code"] for one in case.reasons]) == (
        agent.pk,
        office.pk,
        ["G5", "G8"],
    )
    Case.objects.update(
        state=CaseState.CLOSED, verdict=Verdict.LEGITIMATE, closed_by=reviewer, closed_at=NOW, taken_by=None
    )
    assert open_staff_cases(now=NOW + timedelta(days=30)) == 0
    assert open_staff_cases(now=NOW + timedelta(days=91)) == 1  # the control
    assert sentences("G8")["en"]


def test_interval_of_a_share_is_wilsons():
    assert wilson(10, 200) == pytest.approx((0.0274, 0.0896), abs=5e-4)
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(0, 200)[0] == 0.0


def test_recall_counts_what_the_sample_says_was_missed():
    found = recall(950, Share(2, 200), 10_000)
    assert (round(found.value, 3), found.low < found.value < found.high) == (0.905, True)
    assert recall(950, Share(2, 19), 10_000) is None
    assert recall(0, Share(0, 200), 10_000) is None
    assert recall(10, Share(0, 200), 1_000).value == 1.0


def test_robust_z_is_not_fooled_by_one_far_value():
    assert robust_z(0.5, [0.1] * 9 + [0.9], floor=0.02) == pytest.approx(20)


def test_small_numbers_are_not_shown():
    assert [shown(count) for count in (0, 1, 4, 5)] == [0, None, None, 5]
