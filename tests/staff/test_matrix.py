"""Every address x method x role x (own office, other office, network) has an expected answer."""

from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from consulates.models import Role
from tests.factories.accounts import UserFactory, sign_in
from tests.factories.consulates import ConsulateFactory
from tests.factories.staff import staff_with
from tests.staff.matrix import OfLibrary, Open, Staff, World
from tests.staff.rows import all_rows

pytestmark = pytest.mark.django_db
ROWS = all_rows()
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
ACTORS = [
    (role, scope)
    for role in Role
    for scope in ("own", "other", "network")
    if scope == "network" or role not in Role.of_the_network()
]
SAMPLES = {"uuid": UUID(int=1), "int": 1, "slug": "nobody", "str": "nothing", "day": "2026-12-01"}


def named_patterns(resolver=None, namespace=""):
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from named_patterns(entry, namespace + f"{entry.namespace}:" if entry.namespace else namespace)
        elif isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name or entry.pattern}", entry


# A library's own site is one row, by its namespace.
WHOLE = {"admin:"}
# What stands without a name is the answer to addresses that do not exist.
NOT_FOUND = {r"^[\s\S]*$"}
PATTERNS = {
    next((site for site in WHOLE if name.startswith(site)), name): pattern
    for name, pattern in named_patterns()
    if name not in NOT_FOUND
}


@pytest.fixture(scope="module")
def world(module_db):
    return World(ConsulateFactory(code="the-office"), ConsulateFactory(code="elsewhere", city="Reno"))


@pytest.fixture(scope="module")
def cookies(world):
    """Of everybody, by role and scope; they are signed in once for all addresses, which takes longer than to ask."""
    offices = {"own": world.office, "other": world.elsewhere, "network": None}
    return {
        (role, scope): sign_in(Client(), staff_with(role, offices[scope])).cookies.output(header="", sep=";")
        for role, scope in {*ACTORS, *((role, "network") for role in Role)}
    }


@pytest.fixture
def actor(cookies):
    """``actor(role, scope)``: a browser of its own, with that actor signed in."""

    def enter(role, scope):
        client = Client(raise_request_exception=False)
        client.cookies.load(cookies[role, scope])
        return client

    return enter


def nobody_there(name):
    """Arguments that fit the address and name nothing that exists."""
    converters = PATTERNS[name].pattern.converters
    return {key: SAMPLES[_word(converter)] for key, converter in converters.items()}


def _word(converter):
    name = type(converter).__name__.lower().replace("converter", "")
    return {"isodate": "day", "rownumber": "int", "string": "str"}.get(name, name)


def ask(client, method, url):
    return client.generic(method, url)


def asks_to_sign_in(response):
    return response.status_code == 302 and response.url.startswith(reverse("staff_sign_in"))


def lets_in(response):
    return response.status_code not in {403, 404, 405} and response.status_code < 500 and not asks_to_sign_in(response)


def test_every_address_has_a_row_and_every_row_an_address():
    assert set(PATTERNS) == set(ROWS)


@pytest.mark.parametrize("name", sorted(name for name, row in ROWS.items() if isinstance(row, Staff)))
def test_address_of_staff_answers_each_role_as_its_row_says(name, world, actor):
    row = ROWS[name]
    url = reverse(name, kwargs=row.kwargs(world) if row.kwargs else nobody_there(name))
    wrong = []
    for role, scope in ACTORS:
        client = actor(role, scope)
        for method in METHODS:
            who = {"GET": row.get, "POST": row.post}.get(method)
            response = ask(client, method, url)
            if who is None:
                right = response.status_code == 405
            elif role in who and not (row.is_of_office and scope == "other"):
                right = lets_in(response)
            else:
                right = response.status_code in {403, 404}
            if not right:
                wrong.append((str(role), scope, method, response.status_code))

    assert wrong == []


@pytest.mark.parametrize("name", sorted(name for name, row in ROWS.items() if isinstance(row, Staff)))
def test_address_of_staff_is_closed_to_strangers_citizens_and_those_who_left(name, world):
    row = ROWS[name]
    url = reverse(name, kwargs=row.kwargs(world) if row.kwargs else nobody_there(name))
    allowed = [method for method, who in (("GET", row.get), ("POST", row.post)) if who]
    citizen = sign_in(Client(), UserFactory())
    left = staff_with(Role.OFFICE_MANAGER, world.office)
    left.assignments.update(ends_at=left.assignments.get().starts_at)
    gone = sign_in(Client(), left)

    assert all(asks_to_sign_in(ask(Client(), method, url)) for method in allowed)
    assert {ask(citizen, method, url).status_code for method in allowed} == {403}
    assert {ask(gone, method, url).status_code for method in allowed} == {403}


@pytest.mark.parametrize("name", sorted(name for name, row in ROWS.items() if isinstance(row, Open)))
def test_role_changes_nothing_elsewhere(name, world, actor):
    kwargs = ROWS[name].kwargs
    url = reverse(name, kwargs=kwargs(world) if kwargs else nobody_there(name))
    for method in ("GET", "POST"):
        plain = sign_in(Client(raise_request_exception=False), UserFactory(staff=True, second_factor=False))
        expected = ask(plain, method, url)
        for role in Role:
            found = ask(actor(role, "network"), method, url)

            assert (role, method, found.status_code) == (role, method, expected.status_code)


def test_rows_of_libraries_name_a_test_that_exists():
    files = {row.tested_in for row in ROWS.values() if isinstance(row, OfLibrary)}

    assert {file for file in files if not (settings.BASE_DIR / file).is_file()} == set()
