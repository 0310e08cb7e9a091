"""A small world in which somebody books: one office, one procedure, sessions on any day, and the claim itself."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from appointments.enums import Channel
from appointments.models import Appointment
from appointments.services import Entry, confirm_hold, hold_seats
from appointments.services.hold import Wish
from consulates.models import BookingWay, Consulate, Procedure, ProcedureCategory, Session, SessionKind, Slot
from consulates.services import SessionPlan, Venue, plan_session, publish_session
from mexitel.accounts.models import User
from mexitel.outbox.models import OutboxMessage
from mexitel.utils.crypto import keyed_hash

NAMES = [
    ("Ana María", "Núñez", "Ruiz"),
    ("Luis", "Pérez", ""),
    ("Íñigo", "Güemes", "O'Neil"),
    ("Zoé", "Díaz", "Sol"),
    ("Iker", "Solís", "Mar"),
]


def today_at(hour: int) -> datetime:
    """A moment of today; the tables that are partitioned by month have room around it."""
    return datetime.combine(datetime.now(UTC).date(), time(hour), tzinfo=UTC)


def account(email: str | None = "ana@example.org", *, phone: str = "", language: str = "es") -> User:
    verified = {}
    if phone:
        verified = {"phone": phone, "phone_hash": keyed_hash("phone", phone), "phone_verified_at": today_at(0)}
    return User.objects.create(email=email, language=language, **verified)


def office(*, verified: bool = True, time_zone: str = "America/Los_Angeles", code: str = "san-bernardino") -> Consulate:
    return Consulate.objects.create(
        code=code,
        kind="consulate",
        name_es="Consulado de México en San Bernardino",
        name_en="Consulate of Mexico in San Bernardino",
        city="San Bernardino",
        state="CA",
        street_address="293 North D Street",
        postal_code="92401",
        latitude=Decimal("34.1"),
        longitude=Decimal("-117.3"),
        time_zone=time_zone,
        address_basis="verified" if verified else "unverified",
    )


def procedure(**more: object) -> Procedure:
    facts = {
        "code": "passport-adult-renewal",
        "name_es": "Pasaporte, renovación (canje, mayor de edad)",
        "name_en": "Passport renewal (adult)",
        "category": ProcedureCategory.DOCUMENTATION,
        "booking": BookingWay.CENTRAL,
        "group": "passport",
        "requires": ["previous_passport", "photo_id", "payment"],
    }
    return Procedure.objects.create(**facts | more)


@dataclass
class Scene:
    account: User
    office: Consulate
    procedure: Procedure
    now: datetime

    def session(self, day: date, *, opens: int = 9, place: str = "Biblioteca Pública", zone: str = "") -> Session:
        venue = Venue(
            city="Fort Walton Beach",
            state="FL",
            latitude=Decimal("30.4"),
            longitude=Decimal("-86.6"),
            time_zone=zone or self.office.time_zone,
            name=place,
            street_address="1 Main Street",
            postal_code="32547",
        )
        session = plan_session(
            SessionPlan(
                consulate=self.office,
                kind=SessionKind.MOBILE,
                day=day,
                opens=time(opens),
                closes=time(opens + 3),
                windows=5,
                slot_minutes=30,
                procedures=[self.procedure],
                venue=venue,
            )
        )
        publish_session(session, opens_at=self.now - timedelta(days=60), now=self.now - timedelta(days=60))
        return session

    def slot(self, session: Session, number: int = 0) -> Slot:
        return session.slots.order_by("starts_at")[number]

    def book(self, slot: Slot, *, people: int = 1, now: datetime | None = None, first: int = 0) -> list[UUID]:
        now = now or self.now
        held = hold_seats(account=self.account, wishes=[Wish(slot.pk, people)], procedure_id=self.procedure.pk, now=now)
        entries = [[entry(number)] for number in range(first, first + people)]
        day = slot.session.date
        # At a window: on the web three strangers of one booker without a phone take a step more.
        return confirm_hold(
            account=self.account, hold_id=held.hold_id, people=entries, today=day, now=now, channel=Channel.COUNTER
        )

    def move(self, ids: list[UUID], slot: Slot, *, now: datetime | None = None) -> None:
        now = now or self.now
        held = hold_seats(
            account=self.account,
            wishes=[Wish(slot.pk, len(ids))],
            procedure_id=self.procedure.pk,
            replaces=ids,
            now=now,
        )
        confirm_hold(account=self.account, hold_id=held.hold_id, people=[], today=slot.session.date, now=now)


def entry(number: int, **more: object) -> Entry:
    given, first, second = NAMES[number]
    return Entry(given, first, second, birth_date=date(1980, 1, 1 + number), **more)


def appointments(ids: list[UUID]) -> list[Appointment]:
    return list(Appointment.objects.for_pages().filter(pk__in=ids).order_by("starts_at", "pk"))


def outbox(kind: str) -> list[dict]:
    """The payloads of one kind, in the order in which they were written."""
    return list(OutboxMessage.objects.filter(kind=kind).order_by("id").values_list("payload", flat=True))
