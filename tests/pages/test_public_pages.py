"""Pages that are made once for all strangers: no question to the database, nobody's own page, and a bounded age."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.http import Http404, HttpResponse
from django.middleware.csrf import get_token
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from appointments.views import delivered
from consulates.announcing import views_files
from consulates.models import Consulate
from consulates.opendata import files as opendata
from consulates.opendata import views as opendata_views
from mexitel.utils import public_pages, published
from tests.factories import appointments as make
from tests.factories import release_drafts
from tests.factories.accounts import UserFactory
from tests.factories.appointments import NOW

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
SIGN_OUT = reverse("sign_out")


@pytest.fixture(autouse=True)
def at(monkeypatch, settings):
    """The clock of everything that has an age."""
    settings.SHARED_PAGES = True
    clock = {"now": NOW}
    for module in (public_pages, views_files, opendata_views, delivered):
        monkeypatch.setattr(module, "clock", lambda: clock["now"])
    return clock


@pytest.fixture
def release():
    [session] = release_drafts.sessions(make.office("el-paso"))
    return release_drafts.announce(release_drafts.draft(session))


def addresses(release):
    session = release.sessions.get()
    pages = [
        "/", "/contacto/", "/oficinas/", "/oficinas/el-paso/", f"/oficinas/el-paso/{session.date}/", "/tramites/",
        f"/tramites/{release.procedures.first().code}/", "/giras/", "/giras/tx/", "/aperturas/",
        f"/aperturas/{release.pk}/", f"/aperturas/{release.pk}/cartel/", f"/aperturas/{release.pk}/cumplimiento/",
        "/aperturas/suscribirse/", "/datos/", "/cifras/", "/cifras/oficinas/el-paso/", "/cifras/que-es-cada-numero/",
        "/ayuda/", "/citas-gratuitas/", "/privacidad/", "/accesibilidad/",
    ]  # fmt: skip
    files = [
        "/.well-known/smart-scheduling", "/datos/smart/$bulk-publish", "/datos/smart/tramites.ndjson",
        "/datos/smart/lugares-tx.ndjson", "/datos/smart/agendas-tx.ndjson", "/datos/smart/jornadas-tx.ndjson",
        "/sitemap.xml", "/robots.txt", "/datos/aperturas/es/red.ics", "/datos/aperturas/en/el-paso.atom",
        "/datos/giras/es/todas.atom", "/datos/giras/en/tx.ics", "/datos/oficinas/es/el-paso.png",
        "/datos/cifras/diccionario.csv",
        f"/datos/cumplimiento/{release.pk}.json", "/api/v1/figures", "/api/v1/figures/offices/el-paso",
    ]  # fmt: skip
    return pages + files


def test_warm_no_page_and_no_file_asks_the_database(client, release):
    asked = addresses(release)
    cold = [client.get(address) for address in asked]
    assert [one.status_code for one in cold] == [200] * len(asked)

    questions = {}
    for address, before in zip(asked, cold, strict=True):
        with CaptureQueriesContext(connection) as queries:
            again = client.get(address)
        if queries:
            questions[address] = [query["sql"] for query in queries]
        assert again.content == before.content

    assert questions == {}


def test_made_anew_for_everybody_they_would_ask(client, release, settings):
    """The control."""
    settings.SHARED_PAGES = False
    for address in ("/aperturas/", "/oficinas/el-paso/", "/giras/", "/"):
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        assert queries, address


def test_whoever_is_signed_in_sees_their_own_page_and_leaves_none_behind(client, release):
    own = Client()
    own.force_login(UserFactory())

    assert SIGN_OUT in own.get("/oficinas/el-paso/").content.decode()
    assert SIGN_OUT not in client.get("/oficinas/el-paso/").content.decode()
    assert SIGN_OUT in own.get("/oficinas/el-paso/").content.decode()


def test_each_language_and_each_address_has_its_own(client, release):
    spanish, english, linked = (client.get(f"/aperturas/{asked}").content for asked in ("", "?idioma=en", "?idioma=es"))
    assert b'lang="es"' in spanish
    assert b'<html lang="en"' in english
    assert b'value="/aperturas/?idioma=es"' in linked
    assert Client().get("/aperturas/").content == spanish


def test_a_page_is_as_old_as_it_says_and_a_second_at_an_opening(client, release, at):
    def seen():
        return "Otro nombre" in client.get("/oficinas/el-paso/").content.decode()

    client.get("/oficinas/el-paso/")
    Consulate.objects.update(name_es="Otro nombre")
    at["now"] = NOW + opendata.PAGES_OLDEST - SECOND
    assert not seen()
    at["now"] += SECOND
    assert seen()

    at["now"] = release.opens_at
    client.get("/oficinas/el-paso/")
    Consulate.objects.update(name_es="Oficina de antes")
    at["now"] += SECOND
    assert not seen()


def view_of(make, oldest=5 * SECOND):
    return public_pages.shared(lambda now: oldest)(lambda request: make(request))


def ask(view, path="/x/", **cookies):
    request = RequestFactory().get(path)
    request.LANGUAGE_CODE = "es"
    request.COOKIES.update(cookies)
    return view(request)


@pytest.mark.parametrize(
    "answer",
    [
        lambda request: HttpResponse(f"form {get_token(request)}"),
        lambda request: HttpResponse("no", status=409),
        lambda request: _with_cookie(),
    ],
)
def test_what_is_for_one_visitor_is_kept_for_nobody(answer, public_dir):
    made = []
    view = view_of(lambda request: made.append(1) or answer(request))
    ask(view)
    ask(view)
    assert len(made) == 2
    assert not list(public_dir.rglob("*.html"))


def _with_cookie():
    response = HttpResponse("cookie")
    response.set_cookie("mark", "1")
    return response


def test_a_page_that_becomes_personal_stops_being_shared(at):
    answers = [HttpResponse("for all"), HttpResponse("no", status=409)]
    view = view_of(lambda request: answers.pop(0))
    assert ask(view).content == b"for all"
    at["now"] += 6 * SECOND
    assert ask(view).status_code == 409


@pytest.mark.parametrize("cookies", [{"sessionid": "x"}, {"messages": "x"}])
def test_cookies_that_say_who_it_is_pass_by(cookies):
    view = view_of(lambda request: HttpResponse("mine" if request.COOKIES else "all"))
    assert ask(view).content == b"all"
    assert ask(view, **cookies).content == b"mine"
    assert ask(view).content == b"all"


def test_made_up_addresses_and_questions_leave_nothing_on_the_disk(client, public_dir):
    for address in ("/oficinas/nowhere/", f"/oficinas/{'x' * 300}/", "/aperturas/999/", "/tramites/nothing/"):
        assert client.get(address).status_code == 404
    for address in ("/aperturas/?estado=TX", "/oficinas/?lugar=Waco", "/?idioma=fr"):
        assert client.get(address).status_code == 200
    assert not list(public_dir.rglob("*.html"))
    assert not list(public_dir.rglob("paginas/*/.*"))


def test_while_the_database_is_away_the_last_page_is_given(at):
    answers = [lambda: HttpResponse("before"), lambda: away()]
    view = view_of(lambda request: answers.pop(0)())

    def away():
        raise OperationalError("gone")

    ask(view)
    at["now"] += 6 * SECOND
    assert ask(view).content == b"before"


def test_what_is_gone_is_not_found(at):
    answers = [lambda: HttpResponse("before"), lambda: gone()]
    view = view_of(lambda request: answers.pop(0)())

    def gone():
        raise Http404

    ask(view)
    at["now"] += 6 * SECOND
    with pytest.raises(Http404):
        ask(view)


def test_pages_that_nobody_asks_for_are_dropped(client, release, public_dir):
    client.get("/aperturas/")
    client.get("/giras/")
    kept = published.path_of(public_pages.name_of(_request("/giras/")))
    published.put(str(kept.relative_to(public_dir)), kept.read_bytes(), now=NOW + public_pages.KEPT)
    assert public_pages.drop_old(now=NOW + public_pages.KEPT + SECOND) == 1
    assert list(public_dir.rglob("*.html")) == [kept]


def _request(path):
    request = RequestFactory().get(path)
    request.LANGUAGE_CODE = "es"
    return request
