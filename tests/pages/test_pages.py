import gzip
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import connection
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from django_ratelimit.exceptions import Ratelimited

from mexitel.pages import samples, views
from tests.pages.registry import PUBLIC_PAGES

pytestmark = pytest.mark.django_db
READS = re.compile(
    r"\s*(SELECT|WITH (?!.*\b(INSERT|UPDATE|DELETE)\b)|SAVEPOINT|RELEASE|DECLARE \S+ NO SCROLL CURSOR)", re.DOTALL
)
MENU = ["search", "office_list", "tours", "procedure_list", "my_appointments", "help"]


class Tags(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))

    def named(self, tag):
        return [attributes for name, attributes in self.found if name == tag]


def scripts_of(tags):
    """A block of data for search engines is none: no browser runs it."""
    return [script for script in tags.named("script") if script.get("type") != "application/ld+json"]


def files_of(page):
    """The static files that a browser fetches for the page, but for what the style sheets ask."""
    tags = Tags(page)
    links = [link["href"] for link in tags.named("link")] + [script["src"] for script in scripts_of(tags)]
    return [Path(finders.find(link.removeprefix(f"/{settings.STATIC_URL.strip('/')}/"))) for link in links]


def compressed(content):
    return len(gzip.compress(content, 6))


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("name", PUBLIC_PAGES)
def test_page_speaks_the_chosen_language_and_writes_nothing(client, name, language):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language

    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = client.get(reverse(name))

    assert response.status_code == 200
    assert Tags(response.text).named("html")[0]["lang"] == language
    writes = [query["sql"] for query in queries if not READS.match(query["sql"])]
    assert writes == []
    assert len(queries) <= 6


@pytest.mark.parametrize("name", PUBLIC_PAGES)
def test_page_has_no_inline_script_or_style_and_asks_no_stranger(client, name):
    tags = Tags(client.get(reverse(name)).text)

    assert tags.named("style") == []
    assert [attributes for _tag, attributes in tags.found if "style" in attributes] == []
    assert [key for _tag, attributes in tags.found for key in attributes if key.startswith("on")] == []
    assert all(script["src"].startswith("/static/") for script in scripts_of(tags))
    # A browser fetches no alternate: it tells readers of feeds where they are.
    fetched = [link for link in tags.named("link") if link.get("rel") != "alternate"]
    assert all(link["href"].startswith("/static/") for link in fetched)


@pytest.mark.parametrize("name", PUBLIC_PAGES)
def test_ids_of_a_page_are_unique_and_every_label_has_its_input(client, name):
    tags = Tags(client.get(reverse(name)).text)
    ids = [attributes["id"] for _tag, attributes in tags.found if "id" in attributes]

    assert len(ids) == len(set(ids))
    assert {label["for"] for label in tags.named("label")} <= set(ids)
    described = {one for _tag, a in tags.found for one in (a.get("aria-describedby") or "").split()}
    assert described <= set(ids)


def test_first_view_of_a_page_is_light(client):
    page = client.get(reverse("home")).text
    sizes = {path.name: compressed(path.read_bytes()) for path in files_of(page)}
    styles = sum(size for name, size in sizes.items() if name.endswith(".css"))
    scripts = sum(size for name, size in sizes.items() if name.endswith(".js"))
    pattern = compressed(Path(finders.find("img/greca.svg")).read_bytes())

    assert compressed(page.encode()) <= 12_000
    assert styles <= 20_000
    assert scripts <= 15_000
    assert compressed(page.encode()) + sum(sizes.values()) + pattern <= 60_000
    assert len(sizes) + 2 <= 8  # the page itself and the pattern of the footer


def test_every_entry_of_the_menu_is_there(client):
    page = client.get(reverse("help")).text

    for name in MENU:
        assert f'href="{reverse(name)}"' in page
    assert f'<a href="{reverse("help")}" aria-current="page">' in page


def test_pages_without_a_visitor_set_no_cookie(client):
    response = client.get(reverse("home"))

    assert response.cookies.output() == ""


def test_spanish_comes_first_whatever_the_browser_says(client):
    response = client.get(reverse("home"), headers={"accept-language": "en-US,en;q=0.9"})

    assert response.headers["Content-Language"] == "es"


def test_language_switch_keeps_the_page(client):
    response = client.post(reverse("set_language"), {"language": "en", "next": reverse("privacy") + "?a=1"})

    assert response.url == reverse("privacy") + "?a=1"
    assert Tags(client.get(reverse("privacy")).text).named("html")[0]["lang"] == "en"


def test_language_switch_sends_nobody_to_a_stranger(client):
    response = client.post(reverse("set_language"), {"language": "en", "next": "https://example.com/"})

    assert response.url == "/"


def test_unknown_language_in_the_cookie_is_spanish(client):
    # As the header itself: newer Pythons refuse to write such a cookie, and strangers do not ask them.
    cookie = f'{settings.LANGUAGE_COOKIE_NAME}="xx\\000"'

    assert client.get(reverse("home"), headers={"cookie": cookie}).headers["Content-Language"] == "es"


def test_home_asks_the_search_page_with_the_agreed_names(client):
    tags = Tags(client.get(reverse("home")).text)
    [form] = [form for form in tags.named("form") if form.get("method") == "get"]
    names = {a.get("name") for _tag, a in tags.found if a.get("name") in {"tramite", "lugar", "fin_de_semana"}}
    [weekend] = [box for box in tags.named("input") if box.get("name") == "fin_de_semana"]

    assert form["action"] == reverse("search")
    assert names == {"tramite", "lugar", "fin_de_semana"}
    assert weekend["value"] == "1"


def test_title_says_error_when_a_form_was_refused(client):
    page = client.get(reverse("patterns")).text

    assert "<title>Error: " in page
    assert 'href="#id_nacimiento_day"' in page


@pytest.mark.parametrize("template", ["403.html", "403_csrf.html", "404.html", "429.html", "500.html"])
@pytest.mark.parametrize("language", ["es", "en"])
def test_error_page_renders_without_a_request(template, language):
    with translation.override(language):
        page = render_to_string(template)

    assert Tags(page).named("html")[0]["lang"] == language


def test_unknown_address_gets_our_page(client):
    response = client.get("/no-existe/")

    assert response.status_code == 404
    assert "No encontramos esta página" in response.text


def test_refused_by_a_rate_limit_is_429_with_a_time_to_wait():
    request = RequestFactory().get("/")

    response = views.forbidden(request, Ratelimited())

    assert response.status_code == 429
    assert response.headers["Retry-After"] == "300"


def test_static_503_speaks_both_languages_without_the_application():
    page = (Path(settings.BASE_DIR) / "templates/503.html").read_text("utf-8")

    assert "{%" not in page
    assert "{{" not in page
    assert "Volvemos pronto" in page
    assert 'lang="en"' in page
    assert all(finders.find(link["href"].removeprefix("/static/")) for link in Tags(page).named("link"))


def test_samples_are_the_only_users_of_the_pattern_page():
    assert set(samples.patterns(RequestFactory().get("/"))) >= {"form", "calendar", "times", "rows"}


def test_contact_shows_only_configured_channels(client, settings):
    settings.CONTACT_PHONE = "1 (877) 639-4835"

    page = client.get(reverse("contact")).text

    assert 'href="tel:18776394835"' in page
    assert "WhatsApp" not in page
