"""Supply, accounts and people for tests of the demand side, and the claim's requests in one line each.

Everything hangs on ``NOW``, a moment of the test run: tests pass ``now`` on and never wait for it.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from uuid import UUID

from appointments.claim import Answer, claim_one
from appointments.models import Applicant
from appointments.scopes import booker_scopes
from appointments.services.applicants import Entry, attendee_for_claim, save_applicant
from appointments.services.hold import HOLD_LENGTH, IdempotencyKey, request_for
from consulates.models import Consulate, Procedure, Seat, Session, Slot
from consulates.wording import local_day
from mexitel.accounts.models import User
from mexitel.utils.crypto import keyed_hash

NOW = datetime.now(UTC).replace(microsecond=0)
# An afternoon wherever an office is: what lasts some hours lies in one half of one day, whenever the tests run.
IN_TWO_WEEKS = (NOW + timedelta(days=14)).replace(hour=20, minute=0, second=0)
numbers = count(1)


def office(code: str = "") -> Consulate:
    return Consulate.objects.create(
        code=code or f"office-{next(numbers)}",
        kind="consulate",
        name_es="Oficina de prueba",
        name_en="Test office",
        city="El Paso",
        state="TX",
        latitude=Decimal("31.76000"),
        longitude=Decimal("-106.48000"),
        time_zone="America/Denver",
    )


def procedure(*, group: str = "") -> Procedure:
    code = f"procedure-{next(numbers)}"
    return Procedure.objects.create(
        code=code,
        name_es="Trámite de prueba",
        name_en="Test procedure",
        category="documentation",
        booking="central",
        group=group or code,
    )


def session(
    *,
    seats: int = 1,
    slots: int = 1,
    procedures: Sequence[Procedure] = (),
    starts_at: datetime = IN_TWO_WEEKS,
    consulate: Consulate | None = None,
    **columns: object,
) -> Session:
    """A published session with ``slots`` half-hours of ``seats`` seats each, open to all since yesterday."""
    consulate = consulate or office()
    made = Session.objects.create(
        consulate=consulate,
        kind="mobile",
        date=local_day(starts_at, consulate.time_zone),
        opens_local=time(8),
        closes_local=time(16),
        time_zone=consulate.time_zone,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=30 * slots),
        city=consulate.city,
        state=consulate.state,
        latitude=consulate.latitude,
        longitude=consulate.longitude,
        windows=max(1, min(seats, 200)),
        slot_minutes=30,
        **{"status": "published", "published_at": NOW - timedelta(days=1)} | columns,
    )
    made.procedures.set(procedures or [procedure()])
    times = Slot.objects.bulk_create(
        Slot(
            session=made,
            consulate=consulate,
            starts_at=starts_at + timedelta(minutes=30 * place),
            ends_at=starts_at + timedelta(minutes=30 * (place + 1)),
            opens_at=NOW - timedelta(days=1),
        )
        for place in range(slots)
    )
    Seat.objects.bulk_create(
        Seat(slot=slot, unit=unit, visible_at=NOW - timedelta(days=1)) for slot in times for unit in range(1, seats + 1)
    )
    return made


def slot(**columns: object) -> Slot:
    """One bookable time with ``seats`` seats; ``offered(slot)`` is what it is for."""
    return session(**columns).slots.get()


def offered(at: Slot) -> Procedure:
    return at.session.procedures.first()


def account(email: str = "", *, phone: str = "") -> User:
    return User.objects.create(
        email=email or f"familia{next(numbers)}@example.com",
        phone=phone,
        phone_hash=keyed_hash("phone", phone) if phone else None,
        phone_verified_at=NOW if phone else None,
    )


def entry(name: str = "", **columns: object) -> Entry:
    """Somebody who attends; every call is another person unless ``name`` says who."""
    return Entry(
        given_names=name or "N" + "".join(chr(ord("A") + int(digit)) for digit in str(next(numbers))),
        surname_1="Prueba",
        surname_2="",
        birth_date=date(1990, 5, 17),
        **columns,
    )


def person(booker: User, name: str = "") -> dict:
    """A saved person as a confirmation carries them."""
    attending = entry(name)
    applicant = save_applicant(account=booker, entry=attending, today=NOW.date(), now=NOW)
    return {"applicant": applicant.pk, "attendees": [attendee_for_claim(attending, today=NOW.date())]}


def saved(applicant: Applicant) -> dict:
    """Somebody whom the account has saved, as they are."""
    same = ("given_names", "surname_1", "surname_2", "curp")
    born = date.fromisoformat(applicant.birth_date)
    known = Entry(birth_date=born, **{name: getattr(applicant, name) for name in same})
    return {"applicant": applicant.pk, "attendees": [attendee_for_claim(known, today=NOW.date())]}


def people(booker: User, how_many: int) -> list[dict]:
    return [person(booker) for _ in range(how_many)]


def key(name: str = "key", body: str = "body") -> IdempotencyKey:
    return IdempotencyKey(name, keyed_hash("body", body))


def hold_request(
    booker: User,
    at: Slot | Sequence[Slot],
    seats: int = 1,
    *,
    now: datetime = NOW,
    idempotency: IdempotencyKey | None = None,
    **facts: object,
) -> dict:
    """``seats`` in each slot of ``at``."""
    slots = [at] if isinstance(at, Slot) else at
    values = {
        "slots": [{"slot": one.pk, "seats": seats} for one in slots],
        "procedure": facts.pop("procedure", None) or offered(slots[0]).pk,
        "expires_at": now + HOLD_LENGTH,
        "pools": ["public"],
        "origin": "public",
        "supersedes": None,
        "replaces": [],
        "agent": None,
    }
    return request_for(booker, "hold", channel="web", key=idempotency, **values | facts)


def confirm_request(
    booker: User, hold: UUID | str, attending: Sequence[dict], *, idempotency: IdempotencyKey | None = None
) -> dict:
    return request_for(
        booker, "confirm", channel="web", key=idempotency, hold=hold, agent=None, call_reference="", people=attending
    )


def cancel_request(booker: User, *appointments: UUID | str) -> dict:
    return request_for(booker, "cancel", channel="web", appointments=list(appointments), by="booker")


def hold_only_request(booker: User, op: str, hold: UUID | str, *, now: datetime = NOW) -> dict:
    """``extend`` or ``release``."""
    return request_for(booker, op, channel="web", hold=hold, expires_at=now + HOLD_LENGTH)


def hold(booker: User, at: Slot | Sequence[Slot], seats: int = 1, *, now: datetime = NOW, **facts: object) -> Answer:
    return claim_one(hold_request(booker, at, seats, now=now, **facts), now=now)


def confirm(booker: User, held: Answer, attending: Sequence[dict] | None = None, *, now: datetime = NOW, n: int = 1):
    attending = people(booker, n) if attending is None else attending
    return claim_one(confirm_request(booker, held.facts["hold"], attending), now=now)


def book(booker: User, at: Slot | Sequence[Slot], seats: int = 1, *, now: datetime = NOW) -> list[str]:
    """The ids of ``seats`` appointments for people of their own."""
    held = hold(booker, at, seats, now=now)
    assert held.ok, held
    booked = confirm(booker, held, n=seats * (1 if isinstance(at, Slot) else len(at)), now=now)
    assert booked.ok, booked
    return booked.facts["appointments"]


def cancel(booker: User, *appointments: UUID | str, now: datetime = NOW) -> Answer:
    return claim_one(cancel_request(booker, *appointments), now=now)


def scope_keys(booker: User) -> list[tuple[int, bytes]]:
    return [(int(scope.kind), scope.key) for scope in booker_scopes(booker)]
