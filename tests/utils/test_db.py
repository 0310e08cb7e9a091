import pytest
from django.db import IntegrityError, OperationalError, connection

from mexitel.utils.db import is_not_now, named_violations

TABLE = "CREATE TEMPORARY TABLE cap (n int CONSTRAINT cap_is_small CHECK (n < 5) CONSTRAINT cap_once UNIQUE)"


class TooMany(Exception):
    pass


@pytest.fixture
def insert(db):
    cursor = connection.cursor()
    cursor.execute(TABLE)
    yield lambda n: cursor.execute("INSERT INTO cap VALUES (%s)", [n])
    cursor.execute("DROP TABLE cap")
    cursor.close()


def test_a_named_constraint_becomes_our_error_and_the_transaction_lives_on(insert):
    with pytest.raises(TooMany), named_violations({"cap_is_small": TooMany}):
        insert(9)

    insert(1)


def test_other_violations_pass_unchanged(insert):
    insert(1)

    with pytest.raises(IntegrityError), named_violations({"cap_is_small": TooMany}):
        insert(1)


def raise_behind(error):
    try:
        raise error
    except type(error) as cause:
        raise ValueError("while drawing the page") from cause


@pytest.mark.parametrize(("error", "expected"), [(OperationalError("away"), True), (KeyError("bug"), False)])
def test_not_now_is_found_behind_other_errors(error, expected):
    with pytest.raises(ValueError, match="while drawing") as caught:
        raise_behind(error)

    assert is_not_now(caught.value) is expected
    assert is_not_now() is False
