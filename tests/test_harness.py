"""The fixtures that every other test leans on."""

import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import psycopg2
import pytest
from django.db import ProgrammingError, connection, transaction


def current(what: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {what}")
        return cursor.fetchone()[0]


def test_tests_serve_as_the_lesser_role(db):
    assert current("current_user") == "mexitel_app"
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        connection.cursor().execute("CREATE TABLE public.mine (n int)")


def test_each_process_has_a_database_of_its_own(db, worker_id):
    assert current("current_database()") == f"mexitel_{worker_id}"


def in_thread(_):
    try:
        return current("current_database()")
    finally:
        connection.close()


def test_threads_share_the_live_database(live_db):
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(in_thread, range(4))) == {live_db}


def test_a_live_database_is_gone_afterwards_and_the_common_one_is_back(db, worker_id):
    assert current("current_database()") == f"mexitel_{worker_id}"
    assert current("(SELECT count(*) FROM pg_database WHERE datname LIKE 'mexitel_live_%' AND false)") == 0


def test_the_owner_may_change_the_schema(live_db, owner_connection):
    with owner_connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept (n int)")
        cursor.execute("DROP TABLE kept")
    assert isinstance(owner_connection, psycopg2.extensions.connection)


def test_the_portal_answers_over_http(portal):
    before = threading.active_count()
    with urllib.request.urlopen(portal.url + "/readyz", timeout=5) as answer:
        assert answer.status == 200
    assert threading.active_count() >= before


def test_a_browser_reads_a_page(page):
    page.goto("/healthz")

    assert page.inner_text("body") == "ok"


def test_a_browser_without_javascript_reads_a_page(page_without_javascript):
    page_without_javascript.goto("/healthz")

    assert page_without_javascript.inner_text("body") == "ok"


def test_axe_finds_a_planted_fault(page, axe):
    page.set_content("<html lang='es'><title>x</title><main><h1>x</h1><img src='data:,'></main></html>")

    with pytest.raises(AssertionError, match="image-alt"):
        axe(page)
