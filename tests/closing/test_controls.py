"""A guard is taken away, and what it keeps from happening happens."""

from datetime import timedelta

from appointments.closing import acts
from appointments.models import Permit
from tests.closing.scene import STORM, states, tend, town
from tests.factories import appointments as make
from tests.factories.appointments import NOW
from tests.races import guards


def test_control_without_keeping_them_the_late_answer_would_be_refused(live_db, owner_connection):
    with owner_connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION keep_orphans(p_ids uuid[], p_until timestamptz, p_now timestamptz)"
            " RETURNS void LANGUAGE sql AS ''"
        )
    here = town(days=(12,))
    here.people([1])
    closure = here.close()
    tend(here.day.ends_at + timedelta(hours=5))
    assert states(closure) == {"to_offer": 1}
    assert not Permit.objects.filter(until__gt=here.day.ends_at).exists()


def test_control_without_the_rule_it_would_be_given(live_db, owner_connection):
    here = town()
    with owner_connection.cursor() as cursor:
        guards.rewrite(cursor, "slot_barred", "AND NOT procedure_suspended(j, p_procedure)", "")
    acts.close_procedure(
        consulate=here.office,
        procedure=here.offered,
        first=here.day.date,
        last=here.day.date,
        reason=STORM,
        by=here.manager(),
        now=NOW,
    )
    assert make.hold(make.account(), here.day.slots.first(), procedure=here.offered.pk).ok
