"""One case in twenty is decided again by somebody who does not know the first verdict."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from antifraud.errors import DecidedAlready
from antifraud.models import Appeal, CaseAppointment, Decision, SecondLook, Standing, Verdict
from antifraud.redress import second_looks
from antifraud.redress.errors import NotDecider
from antifraud.redress.second_looks import Agreement, _agreement, agreement, draw_lots, look_again, settle
from tests.factories.appointments import NOW
from tests.factories.blocks import reviewer
from tests.factories.cases import suspected
from tests.factories.redress import cancelled

pytestmark = pytest.mark.django_db


def drawn(lot=0):
    scene = cancelled()
    look = SecondLook.objects.create(
        case=scene.case, lot=lot, drawn_at=NOW, first_by=scene.decision.author, first_verdict=scene.case.verdict
    )
    return scene, look


def look(case, who, verdict=Verdict.LEGITIMATE):
    return look_again(case_id=case.pk, reviewer=who, verdict=verdict, note="Es una familia.", now=NOW)


def test_every_closed_case_draws_once_and_standing_ones_do_not(monkeypatch):
    cancelled()
    suspected(people=1)
    lots = iter([499, 500])
    monkeypatch.setattr(second_looks.secrets, "randbelow", lambda below: next(lots))
    assert draw_lots(now=NOW) == 1
    cancelled()
    assert (draw_lots(now=NOW), draw_lots(now=NOW)) == (1, 0)

    assert [one.lot for one in SecondLook.objects.waiting()] == [499]
    assert SecondLook.objects.count() == 2


def test_nothing_changes_for_anybody_while_two_agree_or_nobody_settled():
    scene, _ = drawn()
    look(scene.case, reviewer())

    assert Decision.objects.get().overturned_at is None
    assert [one.pk for one in SecondLook.objects.differing()] == [scene.case.pk]
    same, _ = drawn()
    look(same.case, reviewer(), Verdict.BROKER)
    assert [one.pk for one in SecondLook.objects.differing()] == [scene.case.pk]
    with pytest.raises(DecidedAlready):
        settle(case_id=same.case.pk, senior=reviewer(), verdict=Verdict.LEGITIMATE, note="x", now=NOW)


def test_whoever_decided_never_looks_again_and_who_looked_does_not_settle():
    scene, _ = drawn()
    second = reviewer()
    with pytest.raises(NotDecider):
        look(scene.case, scene.decision.author)
    with pytest.raises(IntegrityError, match="second_look_by_another_person"), transaction.atomic():
        SecondLook.objects.update(
            second_by=scene.decision.author, second_at=NOW, second_verdict="broker", second_note="x"
        )
    look(scene.case, second)
    with pytest.raises(DecidedAlready):
        look(scene.case, reviewer())
    for who in (second, scene.decision.author):
        with pytest.raises(NotDecider):
            settle(case_id=scene.case.pk, senior=who, verdict=Verdict.BROKER, note="x", now=NOW)
        with pytest.raises(IntegrityError, match="settled_by_a_third_person"), transaction.atomic():
            SecondLook.objects.update(senior=who, senior_at=NOW, senior_verdict="broker", senior_note="x")


def test_a_senior_reviewer_who_finds_a_mistake_makes_it_good():
    scene, _ = drawn()
    look(scene.case, reviewer())
    settle(case_id=scene.case.pk, senior=reviewer(), verdict=Verdict.LEGITIMATE, note="Es una familia.", now=NOW)

    scene.case.refresh_from_db()
    assert scene.case.verdict == Verdict.LEGITIMATE
    assert CaseAppointment.objects.get(case=scene.case).standing == Standing.RESTORED
    assert not Appeal.objects.exists()


def test_kappa_is_agreement_beyond_chance():
    yes, no = Verdict.BROKER, Verdict.LEGITIMATE
    # The textbook's table: 20 and 15 alike, 5 and 10 apart.
    pairs = [(yes, yes)] * 20 + [(yes, no)] * 5 + [(no, yes)] * 10 + [(no, no)] * 15

    found = _agreement(pairs)
    assert (found.pairs, found.same, round(found.kappa, 4)) == (50, 0.7, 0.4)
    assert _agreement([(yes, yes)] * 3) == Agreement(3, 1.0, None)
    assert agreement() == Agreement(0, 0.0, None)
    scene, _ = drawn()
    look(scene.case, reviewer())
    assert agreement(since=NOW).pairs == 1
    assert agreement(since=NOW + timedelta(days=1)).pairs == 0
