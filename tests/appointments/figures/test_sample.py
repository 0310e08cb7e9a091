"""The invented past of the embedded run: marked as such, frozen, and made once."""

import pytest

from appointments.models import FrozenMonth, SupplyFact, UseFact
from appointments.statistics import freezing, sample, upkeep
from consulates.models import Procedure, Session
from tests.factories import appointments as make
from tests.factories.appointments import NOW

pytestmark = pytest.mark.django_db


def test_the_sample_is_thirteen_frozen_months_that_a_run_leaves_alone():
    passport = make.procedure()
    Procedure.objects.filter(pk=passport.pk).update(code="passport-adult-renewal")
    made = make.session(seats=2, procedures=[passport])
    Session.objects.filter(pk=made.pk).update(is_sample=True)

    sample.make({}, NOW)
    before = UseFact.objects.count()
    sample.make({}, NOW)
    upkeep.tend(now=NOW)

    assert (UseFact.objects.count(), FrozenMonth.objects.count()) == (before, 13)
    assert before > 0
    assert not SupplyFact.objects.filter(is_sample=False).exists()
    assert freezing.check(FrozenMonth.objects.latest("month")) == []


def test_without_sample_sessions_there_is_no_sample_and_nothing_is_frozen():
    for _ in range(2):
        sample.make({}, NOW)

    assert not FrozenMonth.objects.exists()
