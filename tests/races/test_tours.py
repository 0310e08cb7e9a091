"""Two clerks send one team to two towns at once."""

from django.db import connection, transaction

from consulates.models import Session, Stop
from tests.factories import tours as make
from tests.factories.consulates import ConsulateFactory, venue
from tests.races.together import Aside, codes, together


def send_one_team_to_two_towns():
    office = ConsulateFactory()
    tours = [make.tour(office, name=name) for name in ("Norte", "Sur")]
    return together(
        [lambda: make.stop(tours[0]), lambda: make.stop(tours[1], venue=venue("Elko"))],
    )


def test_one_of_the_two_is_told_that_the_team_is_elsewhere(live_db):
    results = send_one_team_to_two_towns()

    assert codes(results) == ["Stop", "team_elsewhere"]
    assert (Stop.objects.count(), Session.objects.count()) == (1, 2)


def test_the_second_waits_for_the_first_before_it_writes(live_db):
    """Else both would write, wait for each other in the constraint, and one be killed as a deadlock."""
    office = ConsulateFactory()
    tours = [make.tour(office, name=name) for name in ("Norte", "Sur")]
    with transaction.atomic():
        make.stop(tours[0])
        second = Aside(lambda: make.stop(tours[1], venue=venue("Elko")))
        assert second.waits_for_a_lock()
        assert waits_for("consulates_consulate", second)
    assert codes([second.end()]) == ["team_elsewhere"]


def waits_for(table, aside):
    with connection.cursor() as cursor:
        cursor.execute("SELECT query FROM pg_stat_activity WHERE pid = %s", [aside.backend])
        return f'FROM "{table}"' in cursor.fetchone()[0]


def test_without_the_constraint_the_team_would_be_in_both(live_db, owner_connection):
    """The control."""
    with owner_connection.cursor() as cursor:
        cursor.execute("ALTER TABLE consulates_stop DROP CONSTRAINT consulates_stop_team_in_one_place")

    assert codes(send_one_team_to_two_towns()) == ["Stop", "Stop"]
