"""Plans as plain JSON and back: what templates keep, what an act can be taken back to, and what previews sign."""

from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from typing import Any

from consulates.models import Consulate, Procedure, Session, SessionKind
from consulates.services.sessions import SessionPlan, Venue

Shape = dict[str, Any]


def shape_of(plan: SessionPlan) -> Shape:
    """Everything of ``plan`` but its office and its day."""
    venue = plan.venue
    return {
        "kind": str(plan.kind),
        "opens": plan.opens.isoformat("minutes"),
        "closes": plan.closes.isoformat("minutes"),
        "windows": plan.windows,
        "slot_minutes": plan.slot_minutes,
        "staff_seats": plan.staff_seats,
        "emergency_seats": plan.emergency_seats,
        "capacity_factor": str(Decimal(plan.capacity_factor).normalize()),
        "procedures": sorted(procedure.id for procedure in plan.procedures),
        "venue": venue
        and {
            "name": venue.name,
            "street_address": venue.street_address,
            "city": venue.city,
            "state": venue.state,
            "postal_code": venue.postal_code,
            "latitude": str(venue.latitude),
            "longitude": str(venue.longitude),
            "time_zone": venue.time_zone,
        },
    }


def plan_of(shape: Mapping[str, Any], *, office: Consulate, day: date) -> SessionPlan:
    venue = shape["venue"]
    if venue:
        numbers = {name: Decimal(venue[name]) for name in ("latitude", "longitude")}
        venue = Venue(**{**venue, **numbers})
    return SessionPlan(
        consulate=office,
        kind=SessionKind(shape["kind"]),
        day=day,
        opens=time.fromisoformat(shape["opens"]),
        closes=time.fromisoformat(shape["closes"]),
        windows=shape["windows"],
        slot_minutes=shape["slot_minutes"],
        staff_seats=shape["staff_seats"],
        emergency_seats=shape["emergency_seats"],
        capacity_factor=Decimal(shape["capacity_factor"]),
        procedures=list(Procedure.objects.filter(id__in=shape["procedures"])),
        venue=venue or None,
    )


def plan_of_session(session: Session, *, day: date | None = None) -> SessionPlan:
    """What ``session`` was meant to be, on its own or on another ``day``."""
    return SessionPlan(
        consulate=session.consulate,
        kind=SessionKind(session.kind),
        day=day or session.date,
        opens=session.opens_local,
        closes=session.closes_local,
        windows=session.windows,
        slot_minutes=session.slot_minutes,
        staff_seats=session.staff_seats,
        emergency_seats=session.emergency_seats,
        capacity_factor=session.capacity_factor,
        procedures=list(session.procedures.all()),
        venue=Venue(
            city=session.city,
            state=session.state,
            latitude=session.latitude,
            longitude=session.longitude,
            time_zone=session.time_zone,
            name=session.place_name,
            street_address=session.street_address,
            postal_code=session.postal_code,
        ),
    )
