"""Offices, procedures and published sessions. Times are passed in; nothing here reads the clock."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import factory

from consulates.models import (
    AddressBasis,
    BookingWay,
    Consulate,
    Place,
    Procedure,
    ProcedureCategory,
    Seat,
    Session,
    SessionKind,
)
from consulates.services import SessionPlan, Venue, plan_session, publish_session

# A Monday, eight in the morning in Houston.
NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


class ConsulateFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Consulate

    class Params:
        unverified = factory.Trait(address_basis=AddressBasis.UNVERIFIED)
        phoenix = factory.Trait(
            code="phoenix",
            city="Phoenix",
            state="AZ",
            latitude=Decimal("33.45570"),
            longitude=Decimal("-112.06970"),
            time_zone="America/Phoenix",
        )

    code = factory.Sequence(lambda number: f"houston-{number}")
    kind = "consulate"
    name_es = factory.LazyAttribute(lambda office: f"Consulado de México en {office.city}")
    name_en = factory.LazyAttribute(lambda office: f"Consulate of Mexico in {office.city}")
    city = "Houston"
    state = "TX"
    street_address = "10555 Richmond Ave"
    postal_code = "77042"
    latitude = Decimal("29.74040")
    longitude = Decimal("-95.56060")
    time_zone = "America/Chicago"
    phone = "+17135550100"
    address_basis = AddressBasis.VERIFIED


class ProcedureFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Procedure

    class Params:
        asked_at_office = factory.Trait(booking=BookingWay.OFFICE, how_to="ask_office")

    code = factory.Sequence(lambda number: f"passport-{number}")
    name_es = "Pasaporte"
    name_en = "Passport"
    category = ProcedureCategory.DOCUMENTATION
    booking = BookingWay.CENTRAL
    group = "passport"
    requires = ["photo_id", "payment"]


class PlaceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Place

    kind = "zip"
    key = "77002"
    name = "Houston"
    state = "TX"
    latitude = 29.756
    longitude = -95.365


def venue(city: str = "Reno", state: str = "NV", **changes) -> Venue:
    values = {
        "city": city,
        "state": state,
        "latitude": Decimal("39.52960"),
        "longitude": Decimal("-119.81380"),
        "time_zone": "America/Los_Angeles",
        "name": "Centro comunitario",
    }
    return Venue(**(values | changes))


def session_plan(consulate: Consulate, **changes) -> SessionPlan:
    """A weekday from nine to eleven: two windows, four slots, eight seats."""
    values = {
        "consulate": consulate,
        "kind": SessionKind.WEEKDAY,
        "day": date(2026, 11, 24),
        "opens": time(9),
        "closes": time(11),
        "windows": 2,
        "slot_minutes": 30,
    }
    return SessionPlan(**(values | changes))


def published_session(
    consulate: Consulate, *procedures: Procedure, opens_at: datetime = NOW, now: datetime = NOW, **changes
) -> Session:
    session = plan_session(session_plan(consulate, procedures=procedures, **changes))
    publish_session(session, opens_at=opens_at, now=now)
    session.refresh_from_db()
    return session


def take_seats(session: Session, *, until: datetime, keep: int = 0) -> None:
    """Leave only ``keep`` seats of each slot free until the moment ``until``."""
    Seat.objects.filter(slot__session=session, unit__gt=keep).update(until=until)


def draft(consulate: Consulate, *procedures: Procedure, **changes) -> Session:
    """The session of ``session_plan``, not published."""
    return plan_session(session_plan(consulate, procedures=procedures, **changes))
