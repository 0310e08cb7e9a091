import json

import psycopg2
import pytest
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.test import Client
from django.urls import path

from mexitel.urls import urlpatterns as site_map
from mexitel.utils import middleware

pytestmark = pytest.mark.urls(__name__)


def broken(request):
    raise ERRORS[request.GET["error"]]


ERRORS = {"away": OperationalError("away"), "closed": InterfaceError("closed"), "bug": ValueError("a bug")}
urlpatterns = [
    *site_map,  # the pages of errors link to real pages
    path("broken", broken),
    path("api/broken", broken),
    path("personal", lambda request: HttpResponse(str(request.user))),
    path("public", lambda request: HttpResponse("the same for all")),
]
handler500 = "mexitel.pages.health.server_error"


@pytest.fixture
def visitor():
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("error", ["away", "closed"])
def test_a_database_that_cannot_answer_is_503_with_a_moment_to_return(db, visitor, error):
    answer = visitor.get("/broken", {"error": error})

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer["Cache-Control"] == "no-store"


def test_the_api_says_it_as_a_problem(db, visitor):
    answer = visitor.get("/api/broken", {"error": "away"})

    assert answer["Content-Type"] == "application/problem+json"
    assert json.loads(answer.content)["code"] == "unavailable"


def test_a_bug_stays_a_500(db, visitor):
    assert visitor.get("/broken", {"error": "bug"}).status_code == 500


def test_outside_of_views_too(db, visitor, monkeypatch):
    """An error in the session's middleware reaches no process_exception."""

    def away(self, request, response):
        raise OperationalError("away")

    monkeypatch.setattr("django.contrib.sessions.middleware.SessionMiddleware.process_response", away)

    assert visitor.get("/public").status_code == 503


@pytest.mark.parametrize("error", ["LockNotAvailable", "DeadlockDetected", "QueryCanceled", "AdminShutdown"])
def test_what_postgres_says_when_it_is_busy_is_such_an_error(error):
    assert issubclass(getattr(psycopg2.errors, error), psycopg2.OperationalError)


def test_personal_pages_stay_out_of_caches(db, client, django_user_model):
    assert "Cache-Control" not in client.get("/public")
    client.force_login(django_user_model.objects.create(email="ana@example.com"))

    assert "no-store" in client.get("/personal")["Cache-Control"]


def test_every_answer_carries_the_policies(db, client):
    answer = client.get("/public")

    assert answer["Permissions-Policy"] == settings.PERMISSIONS_POLICY
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"


def test_without_a_page_of_our_own_the_plain_sorry_is_used(settings, tmp_path):
    middleware.sorry_page.cache_clear()
    settings.BASE_DIR = tmp_path

    assert "Intente de nuevo" in middleware.sorry_page()
    middleware.sorry_page.cache_clear()
