"""``db`` (rolled back), ``module_db`` (one for a file) and ``live_db`` (one for a test), all clones of the migrated
template.

Both serve as ``mexitel_app``, the role without rights over the schema.
"""

import contextlib
import os
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg2
import pytest
from django.conf import settings
from django.db import connections
from psycopg2 import sql

TEMPLATE = "mexitel_template"


def pytest_configure(config):
    if "MEXITEL_TEST_SUPERUSER_URL" not in os.environ:
        raise pytest.UsageError("the tests need their private servers; run: python3 manage.py test [pytest arguments]")


def as_superuser(statement: sql.Composable) -> None:
    connection = psycopg2.connect(os.environ["MEXITEL_TEST_SUPERUSER_URL"])
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
    finally:
        connection.close()


@contextlib.contextmanager
def clone_of_template(name: str) -> Iterator[str]:
    # Copying the files costs half the work of writing each page through the log.
    text = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER mexitel_owner STRATEGY FILE_COPY")
    as_superuser(text.format(sql.Identifier(name), sql.Identifier(TEMPLATE)))
    try:
        yield name
    finally:
        as_superuser(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@contextlib.contextmanager
def serving_from(name: str) -> Iterator[None]:
    """All threads of this process, and the processes that it starts, use the database ``name``."""
    before, before_url = settings.DATABASES["default"]["NAME"], os.environ["DATABASE_URL"]
    connections.close_all()
    # Every thread's connection is made from this one dictionary.
    connections.settings["default"]["NAME"] = name
    os.environ["DATABASE_URL"] = urlunsplit(urlsplit(before_url)._replace(path=f"/{name}"))
    connections["default"].settings_dict["NAME"] = name
    try:
        yield
    finally:
        connections.close_all()
        connections.settings["default"]["NAME"] = before
        connections["default"].settings_dict["NAME"] = before
        os.environ["DATABASE_URL"] = before_url


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker, worker_id):
    """Replaces pytest-django's: one clone per test process instead of migrating again in each."""
    with django_db_blocker.unblock(), clone_of_template(f"mexitel_{worker_id}") as name, serving_from(name):
        yield


@pytest.fixture(scope="module")
def module_db(django_db_setup, django_db_blocker):
    """A database of this file: what its fixtures of scope "module" commit there stays for all its tests, each of which
    is rolled back to it.

    Not one long transaction, which would hold back what every other test process calls settled.
    """
    name = f"mexitel_module_{uuid4().hex[:12]}"
    with django_db_blocker.unblock(), clone_of_template(name), serving_from(name):
        yield name


@pytest.fixture
def live_db(django_db_setup, django_db_blocker):
    """A fresh database with real commits; threads, processes and the ``portal`` use it too. Its name is the value."""
    name = f"mexitel_live_{uuid4().hex[:12]}"
    with django_db_blocker.unblock(), clone_of_template(name), serving_from(name):
        yield name


@pytest.fixture
def owner_connection(live_db):
    """A psycopg2 connection to ``live_db`` as the schema's owner, for controls that take a guard away."""
    url = urlunsplit(urlsplit(os.environ["DATABASE_OWNER_URL"])._replace(path=f"/{live_db}"))
    connection = psycopg2.connect(url)
    connection.autocommit = True
    yield connection
    connection.close()
