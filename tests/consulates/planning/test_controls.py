"""A guard is taken away, and what it keeps from happening happens."""

from consulates.models import Session
from tests.factories import planning


def test_control_without_the_constraint_a_session_is_held_at_no_moment(live_db, owner_connection):
    with owner_connection.cursor() as cursor:
        cursor.execute("ALTER TABLE consulates_session DROP CONSTRAINT consulates_session_held_has_its_moment")
    session = planning.published()
    Session.objects.filter(pk=session.pk).update(status="held")

    assert list(Session.objects.values_list("status", "held_at")) == [("held", None)]
