"""Who attends the appointments of a case, family by family; masked, unless this very look was logged."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from antifraud.events import Applicant
from antifraud.families import Member, Sets, families
from antifraud.identities import Person, mailbox_of, person_of
from antifraud.models import Standing
from appointments.enums import AppointmentStatus
from appointments.models import Appointment, Attendee
from appointments.visits import initials
from mexitel.accounts.addresses import masked
from mexitel.accounts.models import User


@dataclass(frozen=True)
class Seat:
    """One person in one appointment. ``name`` and ``contact`` are initials and masks unless revealed."""

    appointment: Appointment
    name: str
    contact: str
    age: int | None
    is_minor: bool
    has_curp: bool
    standing: Standing
    is_open: bool


@dataclass(frozen=True)
class Family:
    """People joined by surnames. ``number`` counts from 1, the largest first."""

    number: int
    seats: list[Seat]

    @property
    def accounts(self) -> int:
        return len({seat.appointment.account_id for seat in self.seats})


def contact_of(account: User, *, open_names: bool = False) -> str:
    """An account's e-mail or phone, masked; without either, its number."""
    contact = account.email or account.phone
    if not contact:
        return f"#{account.pk}"
    return contact if open_names else masked(contact)


def grouped(
    seats: Sequence[tuple[Attendee, Appointment, Standing]], *, now: datetime, open_names: bool = False
) -> list[Family]:
    """``seats`` with their accounts loaded. The families are those that the engine counts."""
    circle = _circles({one.account_id: one.account for _, one, _ in seats}.values())
    members = [Member(_person(who, one.created_at), one.account_id, circle[one.account_id]) for who, one, _ in seats]
    listed = {surname for member in members for surname in member.person.common}
    found: dict[int, list[Seat]] = {}
    for (who, one, standing), family in zip(seats, families(members, listed.__contains__), strict=True):
        found.setdefault(family, []).append(_seat(who, one, standing, now, open_names=open_names))
    ordered = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
    return [Family(number, its) for number, (_, its) in enumerate(ordered, start=1)]


def _seat(who: Attendee, one: Appointment, standing: Standing, now: datetime, *, open_names: bool) -> Seat:
    return Seat(
        appointment=one,
        name=who.full_name if open_names else initials(who.full_name),
        contact=contact_of(one.account, open_names=open_names),
        age=_age(who.birth_date, now),
        is_minor=who.is_minor,
        has_curp=who.curp_hash is not None,
        standing=standing,
        is_open=one.status == AppointmentStatus.BOOKED and one.starts_at > now,
    )


def _person(who: Attendee, at: datetime) -> Person:
    """Sex and CURP play no part in families."""
    typed = Applicant(
        who.given_names, who.surname_1, who.surname_2, who.birth_date, "", "", who.is_minor, bool(who.guardian_name)
    )
    return person_of(typed, int(at.timestamp() * 1000))


def _age(birth_date: str, now: datetime) -> int | None:
    try:
        born = datetime.fromisoformat(birth_date)
    except ValueError:
        return None
    return now.year - born.year - ((now.month, now.day) < (born.month, born.day))


def _circles(accounts: Iterable[User]) -> dict[int, int]:
    """Accounts joined by a mailbox or a proven phone, as the engine counts them."""
    accounts = list(accounts)
    sets = Sets(len(accounts))
    first: dict[Hashable, int] = {}
    for place, account in enumerate(accounts):
        keys: list[Hashable] = [mailbox_of(account.email).key] if account.email else []
        keys += [bytes(account.phone_hash)] if account.phone_hash else []
        for key in keys:
            sets.join(first.setdefault(key, place), place)
    return {account.pk: sets.find(place) for place, account in enumerate(accounts)}
