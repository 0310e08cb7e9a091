"""The practice office: one row, marked, in which every role may try everything with a rolling fortnight of small days.

Citizens never see it, the claim gives its places to agents of staff only (appointments/sql/02), and nothing that is
booked there is told to anybody (appointments/notifications/handlers.py).
"""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db import connection, transaction

from .models import Consulate, ConsulateKind, Procedure, Session, SessionKind
from .services import SessionPlan, plan_sessions, publish_sessions

CODE = "practica"
DAYS = 14
PROCEDURES = 4
HOURS = (time(9), time(12))
WEEKEND = {5: SessionKind.SATURDAY, 6: SessionKind.SUNDAY}
LOCK = 7_202_107


def load() -> bool:
    """Make the office where it is missing; whether it was made. What staff changed in it stays."""
    _office, created = Consulate.objects.get_or_create(
        code=CODE,
        defaults={
            "kind": ConsulateKind.CONSULATE,
            "name_es": "Oficina de práctica",
            "name_en": "Practice office",
            "city": "Práctica",
            "state": "ZZ",
            "latitude": Decimal("19.43260"),
            "longitude": Decimal("-99.13320"),
            "time_zone": "America/Mexico_City",
            "is_practice": True,
            "source": "made for staff to practise",
        },
    )
    return created


def fill(*, now: datetime) -> int:
    """Publish the days that the next fortnight lacks; returns how many. Nothing where the office does not exist."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        office = Consulate.objects.filter(code=CODE, is_practice=True).first()
        if office is None:
            return 0
        first = now.date()
        taken = set(Session.objects.filter(consulate=office, date__gte=first).values_list("date", flat=True))
        days = [day for day in (first + timedelta(days=n) for n in range(DAYS + 1)) if day not in taken]
        procedures = list(Procedure.objects.bookable()[:PROCEDURES])
        sessions = plan_sessions([_plan(office, day, procedures) for day in days])
        publish_sessions([session.id for session in sessions], opening=lambda _session, _number: now, now=now)
        return len(sessions)


def _plan(office: Consulate, day: date, procedures: list[Procedure]) -> SessionPlan:
    opens, closes = HOURS
    return SessionPlan(
        consulate=office, kind=WEEKEND.get(day.weekday(), SessionKind.WEEKDAY), day=day, opens=opens, closes=closes,
        windows=2, slot_minutes=30, procedures=procedures, is_sample=True,
    )  # fmt: skip
