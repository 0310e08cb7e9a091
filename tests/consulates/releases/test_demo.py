"""What everybody can try right after the portal was set up."""

from datetime import timedelta

import pytest

from consulates.models import Gate, Release
from consulates.releases import demo
from tests.factories import planning
from tests.factories import release_drafts as drafts
from tests.factories.appointments import NOW
from tests.factories.releases import unopened_month

pytestmark = pytest.mark.django_db


@pytest.fixture
def users():
    return {"planner": planning.planner(), "network_coordinator": drafts.signer()}


def test_each_mode_is_announced_once_and_a_queue_opens_in_minutes(users):
    for code in ("sacramento", "houston", "los-angeles", "atlanta"):
        unopened_month(code)

    demo.make(users, NOW)
    demo.make(users, NOW + timedelta(minutes=1))

    assert sorted(Release.objects.values_list("mode", "state")) == [
        (mode, "announced") for mode in sorted([*Gate.values, Gate.QUEUE])
    ]
    soon = Release.objects.order_by("opens_at").first()
    assert (soon.mode, soon.can_be_joined(now=NOW)) == (Gate.QUEUE, True)
    assert timedelta(minutes=5) < soon.opens_at - NOW <= timedelta(minutes=10)
    assert Release.objects.get(mode=Gate.DRAW).can_be_joined(now=NOW)

    demo.make(users, NOW + timedelta(minutes=20))  # the next start of the portal
    assert Release.objects.to_come(now=NOW + timedelta(minutes=20)).filter(name=soon.name).count() == 1


def test_without_a_sample_nothing_is_announced(users):
    demo.make(users, NOW)

    assert not Release.objects.exists()
