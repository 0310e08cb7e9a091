"""What an arm came to, counted from the portal's rows by whose they truly are."""

from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection

from antifraud.models import Block, BlockState, Case, CaseAppointment, IdentityRequest
from appointments.enums import AppointmentStatus
from appointments.models import Appointment
from bench.adapting.brokers import STYLES, Broker
from bench.adapting.scene import Scene

# From the hold on, until the seat is free again or its time has come.
TAKEN = """
SELECT account_id, extract(epoch FROM least(coalesce(cancelled_at, starts_at), starts_at) - created_at)
FROM appointments_appointment
UNION ALL
SELECT account_id,
       cardinality(seat_ids) * extract(epoch FROM least(coalesce(closed_at, expires_at), expires_at) - created_at)
FROM appointments_hold WHERE outcome <> 'confirmed'
"""


@dataclass
class Figures:
    """Counters are by kind of broker, or of honest people."""

    seats: int = 0
    hours: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)  # seats at the start of their time
    booked: Counter[str] = field(default_factory=Counter)
    cancelled: Counter[str] = field(default_factory=Counter)  # by a reviewer
    asked: Counter[str] = field(default_factory=Counter)
    in_cases: Counter[str] = field(default_factory=Counter)
    sold: Counter[str] = field(default_factory=Counter)  # seats kept in the name of somebody who paid
    spent: Counter[str] = field(default_factory=Counter)
    adapted: dict[str, Counter[str]] = field(default_factory=dict)
    told: Counter[str] = field(default_factory=Counter)
    families: int = 0
    families_asked: int = 0
    families_cancelled: int = 0
    cases: int = 0
    cases_without_broker: int = 0
    blocks: int = 0
    honest_blocked: int = 0

    def of_brokers(self, counted: Counter[str]) -> float:
        return sum(counted[style.kind] for style in STYLES)

    def of_honest(self, counted: Counter[str]) -> float:
        return sum(counted.values()) - self.of_brokers(counted)

    def share(self, counted: Counter[str], kind: str = "") -> float:
        whole = sum(counted.values())
        return (counted[kind] if kind else self.of_brokers(counted)) / whole if whole else 0.0


def figures_of(scene: Scene, brokers: list[Broker]) -> Figures:
    """After the last session began."""
    found = Figures(seats=_seats(scene), adapted=dict(scene.done), told=scene.told)
    _count_places(found, scene)
    standing = set(Appointment.objects.filter(status=AppointmentStatus.BOOKED).values_list("pk", flat=True))
    for broker in brokers:
        kind = broker.style.kind
        found.spent[kind] += round(broker.means.spent, 1)
        found.sold[kind] += sum(one.buyer is not None and one.appointment in standing for one in broker.places)
    _count_harm(found, scene)
    return found


def _seats(scene: Scene) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM consulates_seat seat JOIN consulates_slot slot ON slot.id = seat.slot_id"
            " WHERE slot.consulate_id = ANY (%s)",
            [[office.pk for office in scene.offices]],
        )
        return cursor.fetchone()[0]


def _count_places(found: Figures, scene: Scene) -> None:
    with connection.cursor() as cursor:
        cursor.execute(TAKEN)
        for account, seconds in cursor.fetchall():
            found.hours[scene.bookers[account].kind] += float(seconds) / 3600
    for account, status, by in Appointment.objects.values_list("account_id", "status", "cancelled_by"):
        kind = scene.bookers[account].kind
        found.booked[kind] += 1
        found.kept[kind] += status == AppointmentStatus.BOOKED
        found.cancelled[kind] += by == "reviewer"


def _count_harm(found: Figures, scene: Scene) -> None:
    families = {pk for pk, who in scene.bookers.items() if who.family}
    asked: set[tuple[UUID, int]] = set(IdentityRequest.objects.values_list("appointment_id", "appointment__account_id"))
    for _, account in asked:
        found.asked[scene.bookers[account].kind] += 1
    for _, account in set(CaseAppointment.objects.values_list("appointment_id", "appointment__account_id")):
        found.in_cases[scene.bookers[account].kind] += 1
    taken = Appointment.objects.filter(cancelled_by="reviewer").values_list("account_id", flat=True)
    found.families = len(families)
    found.families_asked = len(families & {account for _, account in asked})
    found.families_cancelled = len(families & set(taken))
    for case in Case.objects.prefetch_related("accounts"):
        found.cases += 1
        found.cases_without_broker += not any(scene.bookers[one.account_id].broker for one in case.accounts.all())
    blocked: set[int] = set()
    for block in Block.objects.filter(state=BlockState.CONFIRMED):
        found.blocks += 1
        blocked |= set(block.account_ids)
    found.honest_blocked = sum(not scene.bookers[pk].broker for pk in blocked if pk in scene.bookers)
