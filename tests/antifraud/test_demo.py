"""The invented broker of the embedded run is found by the engine, and the invented mother is not."""

from datetime import timedelta

import pytest

from antifraud.demo import CLIENTS, make
from antifraud.live.ingest import ingest
from antifraud.live.store import live_store
from antifraud.models import Case
from mexitel.accounts import demo
from mexitel.utils.time import now as clock
from tests.factories.consulates import ConsulateFactory, ProcedureFactory, published_session
from tests.factories.scenes import next_weekdays

pytestmark = pytest.mark.django_db


def test_reviewers_of_the_embedded_run_have_one_case_and_no_mother_is_in_it():
    now, office = clock(), ConsulateFactory(code="los-angeles")
    offered = [ProcedureFactory(code=code) for code in ("passport-adult-renewal", "passport-minor-renewal")]
    for day in next_weekdays(12)[-4:]:
        published_session(office, *offered, day=day, windows=6, opens_at=now - timedelta(days=1), now=now)
    people = demo.make(now=now)
    make(people, now)
    ingest(now=now, open_store=live_store, below=2**62)

    case = Case.objects.get()
    assert (case.accounts.count(), case.seats) == (len(CLIENTS), len(CLIENTS))
    assert {"A2", "C1", "E1"} <= {one["code"] for one in case.reasons}
    assert people["mother"].pk not in case.accounts.values_list("account_id", flat=True)
