"""Cases for tests: ``suspected(people=3)`` is an open case over real appointments of one hoarder at one office."""

from datetime import datetime
from uuid import UUID

from antifraud.models import Case, CaseKind
from antifraud.services.cases import Found, open_case
from appointments.models import Appointment
from appointments.services import confirm_hold, hold_seats
from appointments.services.hold import Wish
from consulates.models import Slot
from mexitel.accounts.models import User
from mexitel.utils.time import now as clock
from tests.factories import appointments as make

REASONS = [
    {"code": "A1", "group": "contact", "points": 4.5, "evidence": {"count": 3}},
    {"code": "C1", "group": "pace", "points": 4.0, "evidence": {"count": 3, "of": 3, "seconds": 22}},
    {"code": "D3", "group": "inventory", "points": 4.0, "evidence": {"count": 1}},
    {"code": "X2", "group": "person", "points": -2.0, "evidence": {"count": 3, "of": 3}},
]
FOUND = Found(ruleset=1, score=10.5, reasons=REASONS, facts={"accounts": 3, "booked": 3})


def booked(account: User, at: Slot, *, name: str = "", now: datetime | None = None) -> Appointment:
    """An appointment for another person at ``at``, booked as anybody's is."""
    now = now or clock()
    held = hold_seats(account=account, wishes=[Wish(at.pk, 1)], procedure_id=make.offered(at).pk, now=now)
    [one] = confirm_hold(
        account=account, hold_id=held.hold_id, people=[[make.entry(name)]], today=at.session.date, now=now
    )
    return Appointment.objects.get(pk=one)


def suspected(
    *, people: int = 3, now: datetime | None = None, found: Found = FOUND, group_number: int | None = None, **session
) -> Case:
    """Each of ``people`` has an account and an appointment in one session; five accounts spell one mailbox."""
    now = now or clock()
    at = make.slot(seats=max(people, 1), **session)
    first = next(make.numbers)
    accounts = [make.account(f"citas.{first}x{n // 5}+{n}@gmail.com") for n in range(people)]
    appointments: list[UUID] = [booked(account, at, now=now).pk for account in accounts]
    return open_case(
        found=found, account_ids=[account.pk for account in accounts], appointment_ids=appointments,
        group_number=group_number, now=now,
    )  # fmt: skip


def sampled(*, now: datetime | None = None) -> Case:
    """An appointment that nobody suspects, drawn for the monthly look."""
    now = now or clock()
    account = make.account()
    one = booked(account, make.slot(), now=now)
    return open_case(
        found=Found(1, 0.0, []), account_ids=[account.pk], appointment_ids=[one.pk], kind=CaseKind.AUDIT, now=now
    )
