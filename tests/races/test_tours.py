"""Two clerks send one team to two towns at once."""

from consulates.models import Session, Stop
from tests.factories import tours as make
from tests.factories.consulates import ConsulateFactory, venue
from tests.races.together import codes, together


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


def test_without_the_constraint_the_team_would_be_in_both(live_db, owner_connection):
    """The control."""
    with owner_connection.cursor() as cursor:
        cursor.execute("ALTER TABLE consulates_stop DROP CONSTRAINT consulates_stop_team_in_one_place")

    assert codes(send_one_team_to_two_towns()) == ["Stop", "Stop"]
