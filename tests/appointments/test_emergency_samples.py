"""The monthly sample and the figures."""

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from appointments.emergencies import deciding
from appointments.emergencies.errors import AnsweredAlready, SameSigner
from appointments.emergencies.figures import Figures, figures
from appointments.emergencies.samples import chosen, draw_due, draw_month, month_before, note_finding
from appointments.models import EmergencyRequest, SampleDraw, SampledRequest
from consulates.models import Role
from tests.factories.accounts import UserFactory
from tests.factories.emergencies import NOW, emergency
from tests.factories.staff import staff_with

pytestmark = pytest.mark.django_db
IDS = [UUID(int=number) for number in range(40)]


@pytest.fixture
def scene():
    return emergency()


def refused(scene, how_many):
    made = []
    for _ in range(how_many):
        asked = scene.taken(account=UserFactory())
        deciding.refuse_request(request_id=asked.pk, officer=scene.officer, why="no_seat", answer="-", now=NOW)
        made.append(asked)
    return made


def test_same_seed_draws_the_same_whatever_the_order():
    assert chosen(IDS, seed="a") == chosen(IDS[::-1], seed="a")
    assert chosen(IDS, seed="a") != chosen(IDS, seed="b")
    assert len(set(chosen(IDS, seed="a"))) == 5


def test_every_decision_is_drawn_as_often_as_any_other():
    drawn = [pk for number in range(2000) for pk in chosen(IDS, seed=str(number))]
    counts = [drawn.count(pk) for pk in IDS]

    assert min(counts) > 180
    assert max(counts) < 320  # 250 each, give or take four standard deviations and a half


def test_month_before_the_first_of_january_is_december():
    assert month_before(date(2027, 1, 31)) == date(2026, 12, 1)


def this_month(scene):
    return EmergencyRequest.objects.first().decided_on.replace(day=1)


def test_draw_can_be_repeated_from_its_seed(scene):
    refused(scene, 7)
    draw = draw_month(consulate=scene.office, month=this_month(scene), now=NOW)
    ids = list(EmergencyRequest.objects.values_list("pk", flat=True))

    assert draw.population == 7
    assert set(draw.chosen.values_list("request_id", flat=True)) == set(chosen(ids, seed=draw.seed))
    assert draw_month(consulate=scene.office, month=this_month(scene), now=NOW) == draw
    assert SampledRequest.objects.count() == 5


def test_task_draws_last_month_once(scene):
    refused(scene, 2)
    scene.asked()  # what waits is nobody's decision yet
    later = NOW + timedelta(days=31)
    later = later if later.month != NOW.month else later + timedelta(days=2)
    while later.month == (NOW.month % 12 + 2) % 12:
        later -= timedelta(days=1)

    assert draw_due(now=later) == 1
    assert draw_due(now=later) == 0
    assert SampleDraw.objects.get().population == 2


def test_nothing_decided_nothing_drawn(scene):
    assert draw_month(consulate=scene.office, month=date(2026, 10, 1), now=NOW) is None


def test_who_decided_does_not_review(scene):
    refused(scene, 1)
    draw_month(consulate=scene.office, month=this_month(scene), now=NOW)
    sampled = SampledRequest.objects.get()
    auditor = staff_with(Role.AUDITOR, scene.office)
    finding = {"sampled_id": sampled.pk, "finding": "sound", "note": "Bien razonada.", "now": NOW}

    with pytest.raises(SameSigner):
        note_finding(reviewer=scene.officer, **finding)
    with pytest.raises(IntegrityError, match="emergency_finding_by_another_person"), transaction.atomic():
        SampledRequest.objects.update(finding="sound", reviewed_by=scene.officer, reviewed_at=NOW)
    note_finding(reviewer=auditor, **finding)
    with pytest.raises(AnsweredAlready):
        note_finding(reviewer=auditor, **finding)
    assert SampledRequest.objects.get().reviewed_by == auditor


def test_figures_are_counted_from_the_rows(scene):
    refused(scene, 2)
    scene.grant(scene.taken(account=UserFactory()), now=NOW + timedelta(minutes=30))
    scene.asked(account=UserFactory())
    EmergencyRequest.objects.filter(status="refused").update(closed_at=NOW + timedelta(hours=2))
    start, end = NOW - timedelta(days=1), NOW + timedelta(days=1)

    found = figures(start=start, end=end, offices=[scene.office.pk])
    assert (found.asked, found.granted, found.refused, found.withdrawn) == (4, 1, 2, 0)
    assert found.median_hours == 2.0
    assert figures(start=start, end=end).asked == 4
    assert figures(start=datetime(2020, 1, 1, tzinfo=NOW.tzinfo), end=start) == Figures(0, 0, 0, 0, None, 0)
