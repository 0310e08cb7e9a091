"""What people decide: once, by one of two, with a second person where it takes much, withdrawn until it has effect."""

from datetime import timedelta

import pytest

from antifraud.desk.carrying import carry_out_due
from antifraud.desk.deciding import Choice, approve, decide, decide_many, open_appointments, withdraw
from antifraud.desk.effects import Effects
from antifraud.desk.errors import (
    DecidedBefore,
    GrewMeanwhile,
    InOtherHands,
    NothingChosen,
    NotOfTheCase,
    OwnBookings,
    SecondPersonNeeded,
)
from antifraud.desk.queue import take
from antifraud.models import (
    Act,
    Block,
    Case,
    CaseAppointment,
    CaseKind,
    CaseState,
    Decision,
    Sighting,
    Standing,
    Verdict,
)
from antifraud.services.cases import add_to_case
from consulates.models import Role
from mexitel.audit.models import AuditLine
from tests.factories import appointments as make
from tests.factories.appointments import NOW
from tests.factories.cases import booked, sampled, suspected
from tests.factories.staff import staff_with

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=5)


class Neighbours:
    """Stand for what neighbours do to people, and remember it."""

    def __init__(self):
        self.cancelled, self.asked, self.capped, self.fails = [], [], [], False

    def cancel(self, decision, *, now):
        if self.fails:
            raise RuntimeError("no outbox")
        self.cancelled.append(decision.pk)
        ids = decision.appointment_ids
        CaseAppointment.objects.filter(case=decision.case, appointment__in=ids).update(standing=Standing.CANCELLED)

    def ask(self, *, case, appointment_ids, by, now):
        self.asked.append((case.pk, len(appointment_ids)))
        Case.objects.filter(pk=case.pk).update(state=CaseState.ASKED)
        CaseAppointment.objects.filter(case=case, appointment__in=appointment_ids).update(standing=Standing.ASKED)

    def cap(self, *, account_ids, cap, by, reason, now, case):
        self.capped.append((len(account_ids), cap))

    @property
    def effects(self):
        return Effects(cancel=self.cancel, ask=self.ask, cap=self.cap)


@pytest.fixture
def does():
    return Neighbours()


@pytest.fixture
def ana():
    return staff_with(Role.REVIEWER)


@pytest.fixture
def senior():
    return staff_with(Role.SENIOR_REVIEWER)


@pytest.fixture
def two_alone(monkeypatch):
    """One person decides about two appointments at most, so that many are three."""
    monkeypatch.setattr("antifraud.desk.deciding.ALONE", 2)


def choose(act, reason="hoarded", ids=None, also=(), note="Un buzón, tres familias."):
    return Choice(act, reason, note, ids, also)


def told():
    return sorted(Sighting.objects.filter(kind="review").values_list("account_id", "detail__verdict"))


def ids_of(case):
    return list(case.appointments.values_list("appointment_id", flat=True))


def test_dismissing_closes_the_case_keeps_its_appointments_and_teaches_the_engine(ana, does):
    case = suspected(people=2)
    done = decide(case_id=case.pk, choice=choose(Act.DISMISS, "family"), reviewer=ana, now=LATER, effects=does.effects)
    case.refresh_from_db()

    assert done.done_at == LATER
    assert (case.state, case.verdict, case.closed_by) == (CaseState.CLOSED, Verdict.LEGITIMATE, ana)
    assert set(case.appointments.values_list("standing", flat=True)) == {Standing.KEPT}
    assert told() == sorted((pk, "legitimate") for pk in case.accounts.values_list("account_id", flat=True))
    assert [event.kind for event in case.events.all()][-3:] == ["decided", "done", "closed"]
    actions = AuditLine.objects.filter(object_id=str(case.pk)).order_by("id")
    assert list(actions.values_list("action", flat=True)) == ["case.decide", "case.carry_out"]


def test_what_cannot_be_told_teaches_nothing(ana, does):
    case = suspected(people=1)
    decide(case_id=case.pk, choice=choose(Act.DISMISS, "unclear"), reviewer=ana, now=LATER, effects=does.effects)
    case.refresh_from_db()

    assert (case.verdict, told()) == (Verdict.UNDECIDED, [])


def test_cancelling_is_for_the_chosen_and_says_broker_of_their_bookers_alone(ana, does):
    case = suspected(people=3)
    chosen = open_appointments(case, now=NOW)[:2]
    choice = choose(Act.CANCEL, ids=[one.pk for one in chosen])
    decide(case_id=case.pk, choice=choice, reviewer=ana, now=LATER, effects=does.effects)
    case.refresh_from_db()

    assert len(does.cancelled) == 1
    assert case.verdict == Verdict.BROKER
    assert told() == sorted((one.account_id, "broker") for one in chosen)
    assert sorted(case.appointments.values_list("standing", flat=True)) == ["cancelled", "cancelled", "kept"]


def test_blocking_proposes_each_mailbox_once_and_capping_counts_all_accounts(ana, does):
    case = suspected(people=3)
    choice = choose(Act.CANCEL, also=(Act.BLOCK, Act.CAP))
    decide(case_id=case.pk, choice=choice, reviewer=ana, now=LATER, effects=does.effects)
    case.refresh_from_db()
    [block] = Block.objects.all()

    assert (block.kind, block.state, block.proposed_by) == ("mailbox", "proposed", ana)
    assert does.capped == [(3, 5)]
    assert case.decisions.filter(done_at=LATER).count() == 3
    assert case.events.filter(kind="closed").count() == 1


def test_one_account_alone_is_not_counted_together_with_nobody(ana, does):
    case = suspected(people=1)
    done = decide(case_id=case.pk, choice=choose(Act.CAP), reviewer=ana, now=LATER, effects=does.effects)

    assert (done.done_at, does.capped) == (LATER, [])


def test_asking_waits_for_the_people_and_closes_nothing(ana, does):
    case = suspected(people=2)
    decide(case_id=case.pk, choice=choose(Act.ASK, "unclear"), reviewer=ana, now=LATER, effects=does.effects)
    case.refresh_from_db()

    assert (case.state, does.asked, told()) == (CaseState.ASKED, [(case.pk, 2)], [])
    assert set(case.appointments.values_list("standing", flat=True)) == {Standing.ASKED}


def test_case_is_closed_as_confirmed_when_no_appointment_is_left_open(ana, does):
    case = suspected(people=2)
    first, second = ids_of(case)
    one = choose(Act.VALIDATE, "family", [first])
    decide(case_id=case.pk, choice=one, reviewer=ana, now=LATER, effects=does.effects)
    case.refresh_from_db()
    assert case.state == CaseState.OPEN

    other = choose(Act.VALIDATE, "family", [second])
    decide(case_id=case.pk, choice=other, reviewer=ana, now=LATER, effects=does.effects)
    case.refresh_from_db()
    assert case.verdict == Verdict.VALIDATED


def test_appointment_that_came_after_the_decision_keeps_the_case_open(ana, senior, does, two_alone):
    case = suspected(people=3)
    made = decide(case_id=case.pk, choice=choose(Act.CANCEL), reviewer=ana, now=LATER, effects=does.effects)
    late = booked(make.account(), make.slot(seats=1), now=LATER)
    add_to_case(case=case, account_ids=[late.account_id], appointment_ids=[late.pk], now=LATER + timedelta(minutes=1))
    approve(decision_id=made.pk, approver=senior, now=LATER + timedelta(minutes=2), effects=does.effects)
    case.refresh_from_db()

    assert (case.state, len(does.cancelled)) == (CaseState.OPEN, 1)
    assert case.appointments.get(appointment=late.pk).standing == Standing.FLAGGED


@pytest.mark.parametrize(("people", "ahead", "needed"), [(10, 14, False), (11, 14, True), (1, 1, True)])
def test_many_appointments_or_near_ones_need_a_second_person(ana, senior, does, people, ahead, needed):
    case = suspected(people=people, starts_at=NOW + timedelta(days=ahead))
    made = decide(case_id=case.pk, choice=choose(Act.CANCEL), reviewer=ana, now=LATER, effects=does.effects)

    assert (made.needs_second, bool(does.cancelled)) == (needed, not needed)
    if needed:
        assert carry_out_due(now=LATER + timedelta(days=1), effects=does.effects) == 0
        with pytest.raises(SecondPersonNeeded):
            approve(decision_id=made.pk, approver=ana, now=LATER, effects=does.effects)
        approve(decision_id=made.pk, approver=senior, now=LATER, effects=does.effects)
        assert does.cancelled == [made.pk]
        with pytest.raises(DecidedBefore):
            approve(decision_id=made.pk, approver=senior, now=LATER, effects=does.effects)


def test_nothing_is_taken_by_dismissing_so_one_person_is_enough(ana, does, two_alone):
    case = suspected(people=3)
    choice = choose(Act.DISMISS, "helper")

    assert decide(case_id=case.pk, choice=choice, reviewer=ana, now=LATER, effects=does.effects).done_at


def test_same_form_twice_is_one_decision(ana, does):
    case = suspected(people=2)
    choice = choose(Act.CANCEL, ids=ids_of(case))
    first = decide(case_id=case.pk, choice=choice, reviewer=ana, now=LATER, effects=does.effects)
    again = decide(case_id=case.pk, choice=choice, reviewer=ana, now=LATER, effects=does.effects)

    assert (first, does.cancelled) == (again, [first.pk])


def test_of_two_reviewers_one_decides(ana, senior, does):
    case = suspected(people=2)
    decide(case_id=case.pk, choice=choose(Act.DISMISS, "family"), reviewer=ana, now=LATER, effects=does.effects)

    with pytest.raises(DecidedBefore):
        decide(case_id=case.pk, choice=choose(Act.CANCEL), reviewer=senior, now=LATER, effects=does.effects)
    assert not does.cancelled


def test_case_in_a_colleagues_hand_is_theirs_until_the_lease_ends(ana, senior, does):
    case = suspected(people=2)
    take(case_id=case.pk, reviewer=senior, now=NOW)
    choice = choose(Act.DISMISS, "family")
    with pytest.raises(InOtherHands):
        decide(case_id=case.pk, choice=choice, reviewer=ana, now=LATER, effects=does.effects)

    decide(case_id=case.pk, choice=choice, reviewer=ana, now=NOW + timedelta(minutes=31), effects=does.effects)


def test_decision_on_its_way_is_the_only_one(ana, senior, does, two_alone):
    case = suspected(people=3)
    decide(case_id=case.pk, choice=choose(Act.CANCEL), reviewer=ana, now=LATER, effects=does.effects)

    with pytest.raises(DecidedBefore):
        decide(case_id=case.pk, choice=choose(Act.DISMISS, "family"), reviewer=senior, now=LATER, effects=does.effects)


def test_wrong_choices_write_nothing(ana, does):
    case, other = suspected(people=2), suspected(people=1)
    for choice, seen, error in [
        (choose(Act.CANCEL, ids=[]), None, NothingChosen),
        (choose(Act.CANCEL, ids=ids_of(other)), None, NotOfTheCase),
        (choose(Act.CANCEL), 1, GrewMeanwhile),
    ]:
        with pytest.raises(error):
            decide(case_id=case.pk, choice=choice, reviewer=ana, now=LATER, seen=seen, effects=does.effects)
    assert not Decision.objects.exists()


def test_nobody_decides_about_their_own_bookings(ana, does):
    case = suspected(people=1)
    Case.objects.filter(pk=case.pk).update(kind=CaseKind.STAFF, agent_id=ana.pk)

    with pytest.raises(OwnBookings):
        decide(case_id=case.pk, choice=choose(Act.DISMISS, "family"), reviewer=ana, now=LATER, effects=does.effects)


def test_several_cases_rest_a_day_and_can_be_withdrawn_until_then(ana, does):
    cases = [suspected(people=2), suspected(people=2)]
    choice = choose(Act.DISMISS, "coincidence")
    done, refused = decide_many(case_ids=[one.pk for one in cases], choice=choice, reviewer=ana, now=LATER)
    withdraw(decision_id=done[0].pk, reviewer=ana, why="Son dos casos distintos.", now=LATER)

    assert (len(done), refused) == (2, {})
    assert carry_out_due(now=LATER + timedelta(hours=23), effects=does.effects) == 0
    assert carry_out_due(now=LATER + timedelta(hours=24), effects=does.effects) == 1
    assert [Case.objects.get(pk=one.pk).state for one in cases] == [CaseState.OPEN, CaseState.CLOSED]
    with pytest.raises(DecidedBefore):
        withdraw(decision_id=done[1].pk, reviewer=ana, why="-", now=LATER + timedelta(hours=25))


def test_cases_decided_together_count_together(ana, two_alone):
    cases = [suspected(people=2), suspected(people=1)]
    done, _ = decide_many(case_ids=[one.pk for one in cases], choice=choose(Act.CANCEL), reviewer=ana, now=LATER)

    assert [one.needs_second for one in done] == [True, True]


def test_what_fails_stays_due_and_is_done_once(ana, does, caplog):
    case = suspected(people=2)
    does.fails = True
    made = decide(case_id=case.pk, choice=choose(Act.CANCEL), reviewer=ana, now=LATER, effects=does.effects)
    case.refresh_from_db()
    assert (made.done_at, case.state) == (None, CaseState.OPEN)
    assert "could not be carried out" in caplog.text

    does.fails = False
    soon = LATER + timedelta(minutes=1)
    assert [carry_out_due(now=soon, effects=does.effects) for _ in range(2)] == [1, 0]
    assert does.cancelled == [made.pk]


def test_random_sample_is_decided_like_a_case(ana, does):
    case = sampled()
    decide(case_id=case.pk, choice=choose(Act.DISMISS, "family"), reviewer=ana, now=LATER, effects=does.effects)
    case.refresh_from_db()

    assert case.verdict == Verdict.LEGITIMATE
