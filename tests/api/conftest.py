"""A small supply, signed-in clients, and a client that holds every answer against the OpenAPI document."""

import json
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.test import Client

from consulates.models import BookingWay, Consulate, ConsulateKind, Place, PlaceKind, Procedure, SessionKind
from consulates.services import SessionPlan, plan_session, publish_session
from mexitel.accounts.models import User
from mexitel.api.tokens import open_token
from mexitel.utils.time import now as clock
from tests.api.conformance import check_answer


def next_weekday(after: datetime):
    day = after.date() + timedelta(days=3)
    while day.isoweekday() > 5:
        day += timedelta(days=1)
    return day


@pytest.fixture
def supply(db):
    """One office in Los Angeles with a weekday session of 8 half-hour slots and 2 windows; one procedure for adults."""
    return make_supply()


def make_supply() -> SimpleNamespace:
    now = clock()
    office = Consulate.objects.create(
        code="los-angeles", kind=ConsulateKind.CONSULATE_GENERAL, name_es="Consulado General en Los Ángeles",
        name_en="Consulate General in Los Angeles", city="Los Angeles", state="CA", latitude=Decimal("34.06"),
        longitude=Decimal("-118.27"), time_zone="America/Los_Angeles",
    )  # fmt: skip
    adult = Procedure.objects.create(
        code="passport-adult-renewal", name_es="Renovar el pasaporte (adultos)", name_en="Renew a passport (adults)",
        category="documentation", booking=BookingWay.CENTRAL, group="passport", min_age=18,
        requires=["previous_passport", "photo_id"], fee_usd=Decimal("101.00"), fee_year=now.year,
    )  # fmt: skip
    child = Procedure.objects.create(
        code="passport-minor-renewal", name_es="Renovar el pasaporte (menores)", name_en="Renew a passport (minors)",
        category="documentation", booking=BookingWay.CENTRAL, group="passport", max_age=17, position=1,
    )  # fmt: skip
    Procedure.objects.create(
        code="apostille", name_es="Apostilla", name_en="Apostille", category="certificates", booking=BookingWay.OFFICE,
        group="apostille", how_to="ask_office", position=2,
    )  # fmt: skip
    Place.objects.create(
        kind=PlaceKind.ZIP, key="90012", name="Los Angeles", state="CA", latitude=34.06, longitude=-118.24
    )
    day = next_weekday(now)
    plan = SessionPlan(office, SessionKind.WEEKDAY, day, time(9), time(13), 2, 30, [adult, child])
    session = plan_session(plan)
    publish_session(session, opens_at=now - timedelta(days=1), now=now - timedelta(minutes=1))
    return SimpleNamespace(
        office=office,
        adult=adult,
        child=child,
        session=session,
        day=day,
        slots=list(session.slots.order_by("starts_at")),
    )


class Api:
    """``api.post("/holds", {...})``; every answer is checked against the document before a test sees it."""

    def __init__(self, token: str = "", **extra):
        self.client = Client(raise_request_exception=True)
        self.token, self.extra, self.keys = token, extra, 0

    def request(self, method: str, path: str, data=None, *, headers=None, raw=None, content_type="application/json"):
        sent = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        body = raw if raw is not None else json.dumps(data) if data is not None else ""
        address = path if path.startswith(("/api", "http")) else f"/api/v1{path}"
        response = self.client.generic(
            method, address, body, content_type=content_type, headers=sent | (headers or {}), **self.extra
        )
        check_answer(method, response)
        return response

    def get(self, path: str, **options):
        return self.request("GET", path, **options)

    def delete(self, path: str, **options):
        return self.request("DELETE", path, **options)

    def post(self, path: str, data=None, *, key: str | None = None, headers=None, **options):
        """With a fresh key of its own when none is given; ``key=""`` sends none."""
        self.keys += 1
        sent = {} if key == "" else {"Idempotency-Key": key or f"key-{id(self)}-{self.keys}"}
        return self.request("POST", path, data, headers=sent | (headers or {}), **options)


def signed_in(email: str, **extra) -> Api:
    account = User.objects.create_user(email)
    api = Api(open_token(account=account, now=clock()).token, **extra)
    api.account = account
    return api


@pytest.fixture
def api(db):
    """Somebody signed in."""
    return signed_in("rosa@example.org")


@pytest.fixture
def stranger(db):
    """Somebody else, signed in."""
    return signed_in("otro@example.org")


@pytest.fixture
def anybody(db):
    """Nobody in particular."""
    return Api()


@pytest.fixture
def hold(api, supply):
    """A hold of one seat of ``api``, as the API shows it."""
    return take_hold(api, supply)


def take_hold(api: Api, supply, *, seats: int = 1, slot: int = 0, **more) -> dict:
    slots = [{"slot": supply.slots[slot].pk, "seats": seats}]
    response = api.post("/holds", {"procedure": supply.adult.code, "slots": slots, **more})
    assert response.status_code == 201, response.content
    return response.json()


def person(given_names: str = "Rosa María", **more) -> dict:
    typed = {"given_names": given_names, "surname_1": "López", "surname_2": "Pérez", "birth_date": "1985-03-27"}
    return typed | more


def in_utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
