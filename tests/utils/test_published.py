"""Files that are made once for everybody: as fresh as they say, given without the database, and never half."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from django.db import OperationalError

from mexitel.utils import published

NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)
OLDEST = timedelta(minutes=5)
NAME = "datos/aperturas.ics"


def asked(rf, *, now=NOW, make=lambda now: b"new", **headers):
    return published.answer(
        rf.get("/", headers=headers), NAME, content_type="text/calendar", oldest=OLDEST, make=make, now=now
    )


def never(now):
    raise AssertionError("made though it is fresh")


def test_what_is_fresh_is_given_as_it_is(rf):
    published.put(NAME, b"old", now=NOW)
    response = asked(rf, now=NOW + OLDEST - timedelta(seconds=9), make=never)

    assert response.content == b"old"
    assert response["Cache-Control"] == "public, max-age=9"
    assert response["Last-Modified"] == "Mon, 02 Mar 2026 15:00:00 GMT"
    assert asked(rf, make=never, **{"If-None-Match": response["ETag"]}).status_code == 304


def test_what_is_too_old_is_made_anew_and_kept(rf):
    published.put(NAME, b"old", now=NOW - OLDEST)

    assert asked(rf).content == b"new"
    assert published.get(NAME).content == b"new"


def test_of_all_who_ask_one_makes_it():
    started, made = Barrier(8), []

    def make(now):
        made.append(now)
        return b"new"

    def ask(_each):
        started.wait()
        return published.fresh(NAME, oldest=OLDEST, make=make, now=NOW).content

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(8))) == {b"new"}
    assert len(made) == 1


def test_while_one_makes_it_the_others_have_the_last():
    published.put(NAME, b"old", now=NOW - OLDEST)

    def make(now):
        assert published.fresh(NAME, oldest=OLDEST, make=never, now=NOW).content == b"old"
        return b"new"

    assert published.fresh(NAME, oldest=OLDEST, make=make, now=NOW).content == b"new"


def test_without_the_database_the_last_one_is_given_and_says_its_age(rf):
    def away(now):
        raise OperationalError

    with pytest.raises(OperationalError):
        asked(rf, make=away)
    published.put(NAME, b"old", now=NOW - OLDEST)
    response = asked(rf, make=away)
    assert (response.content, response["Cache-Control"]) == (b"old", "public, max-age=0")


def test_without_a_disk_it_is_made_each_time(rf, settings, tmp_path):
    settings.PUBLIC_DIR = tmp_path / "a file"
    settings.PUBLIC_DIR.touch()
    assert asked(rf).content == b"new"


@pytest.mark.parametrize("name", ["", "../secret", "/etc/passwd", "datos/../../secret"])
def test_no_name_leads_out_of_the_folder(name):
    with pytest.raises(ValueError, match="no public file"):
        published.get(name)
