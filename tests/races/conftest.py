import os

import psycopg2
import pytest

from tests.races import guards


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.parent.name == "races":
            item.add_marker(pytest.mark.races)


@pytest.fixture
def crowd():
    """For tests with hundreds of connections: one at a time on the server, whatever the number of test processes."""
    connection = psycopg2.connect(os.environ["MEXITEL_TEST_SUPERUSER_URL"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(1977)")
    yield
    connection.close()


@pytest.fixture
def take_away(owner_connection):
    """``take_away("seat_index", "seat_locks")``: this test's own database loses those guards."""

    def take(*names: str) -> None:
        with owner_connection.cursor() as cursor:
            for name in names:
                guards.take_away(cursor, name)

    return take


@pytest.fixture
def many_parties(take_away):
    """Tabs by the dozen hold at once: the lock of five is looked at alone."""
    take_away("two_open_parties")
