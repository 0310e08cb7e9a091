"""Requests to confirm, for tests: cases whose people are asked by text message, e-mail, call or at the window."""

import json
from datetime import date, datetime, timedelta

from django.db import connection

from antifraud.models import Case, IdentityRequest
from antifraud.validation import messages
from antifraud.validation.asking import ask_people
from antifraud.validation.people import Told
from appointments.models import Appointment, Caller
from mexitel.accounts.models import User
from mexitel.utils.crypto import keyed_hash
from mexitel.utils.time import now as clock
from tests.factories import appointments as make
from tests.factories.cases import FOUND, booked, open_case

NOON = clock().replace(hour=19, minute=0, second=0, microsecond=0)  # in El Paso, winter or summer
BORN = date(1990, 5, 17)
PHONES = (f"+1915555{n:04d}" for n in range(1000, 10_000))


def case_of(accounts: list[User], *, now: datetime = NOON, found=FOUND, **session) -> Case:
    """One appointment of each account, for strangers to each other."""
    starts_at = session.pop("starts_at", now + timedelta(days=14))
    at = make.slot(seats=len(accounts), starts_at=starts_at, **session)
    ids = [booked(one, at, name=f"Rosa {chr(65 + place)}", now=now).pk for place, one in enumerate(accounts)]
    return open_case(found=found, account_ids=[one.pk for one in accounts], appointment_ids=ids, now=now)


def asked(case: Case, *, now: datetime = NOON, by: User | None = None) -> list[IdentityRequest]:
    ids = case.appointments.values_list("appointment_id", flat=True)
    return ask_people(case=case, appointment_ids=ids, by=by, now=now)


def asked_by_sms(people: int = 1, *, now: datetime = NOON, **session) -> Case:
    """Each account has a verified phone of its own."""
    case = case_of([make.account(phone=next(PHONES)) for _ in range(people)], now=now, **session)
    asked(case, now=now)
    return case


def one_asked() -> IdentityRequest:
    """One person, asked by text message."""
    return asked_by_sms().requests.select_related("case", "appointment").get()


def asked_by_call(*, now: datetime | None = None, **session) -> Case:
    """The booker called and gave a number that nobody verified."""
    now = now or clock()
    account = make.account()
    stated = next(PHONES)
    Caller.objects.create(
        account=account, phone=stated, phone_hash=keyed_hash("phone", stated), created_at=now, last_call_at=now
    )
    case = case_of([account], now=now, **session)
    asked(case, now=now)
    return case


def told_right(request: IdentityRequest) -> Told:
    return Told(BORN, Appointment.objects.get(pk=request.appointment_id).attendees.get(position=1).given_names)


def kinds(case: Case) -> list[str]:
    return list(case.events.values_list("kind", flat=True))


def standings(case: Case) -> set[str]:
    return set(case.appointments.values_list("standing", flat=True))


def deliver(now: datetime) -> None:
    """What the outbox asks for so far, each twice, as a relay that was interrupted does."""
    handlers = {"validation.asked": messages.asked, "validation.reminder": messages.reminder}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, kind, payload FROM outbox_message WHERE kind LIKE 'validation.%%' AND due_at <= %s", [now]
        )
        for key, kind, payload in cursor.fetchall() * 2:
            handlers[kind](outbox_id=key, payload=json.loads(payload), now=now)
