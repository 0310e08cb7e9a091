"""Who attends what is asked about: whether they are one family, and whether somebody knows their data."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from antifraud.events import Applicant
from antifraud.families import Member, families
from antifraud.identities import person_of
from appointments.identities import fold_name
from appointments.models import Attendee

LAST = 4


@dataclass(frozen=True)
class Told:
    """What somebody says of the person who attends; ``proof`` is a given name, or the last four of their CURP."""

    born: date | None
    proof: str


def principal_of(appointment_id: UUID) -> Attendee:
    return Attendee.objects.get(appointment=appointment_id, position=1)


def knows(told: Told, person: Attendee) -> bool:
    """The birth date and, where we have a CURP, its last four; else one of the given names, however it is spelled."""
    if told.born is None or told.born.isoformat() != person.birth_date:
        return False
    if person.curp:
        return told.proof.replace(" ", "").upper() == person.curp[-LAST:]
    known, said = fold_name(person.given_names), fold_name(told.proof)
    if not known:  # a name in other letters than Latin ones
        return told.proof.strip().casefold() == person.given_names.strip().casefold()
    return bool(said) and set(said) <= set(known)


def accounts_of_one_family(appointment_ids: Iterable[UUID], *, now: datetime) -> set[int]:
    """The accounts that booked these appointments for one family each."""
    members: dict[int, list[Member]] = defaultdict(list)
    for account, member in _members(appointment_ids, now=now):
        members[account].append(member)
    return {account for account, theirs in members.items() if _families(theirs) <= 1}


def are_one_family(appointment_ids: Iterable[UUID], *, now: datetime) -> bool:
    """Whoever booked."""
    return _families([member for _, member in _members(appointment_ids, now=now)]) <= 1


def _families(members: list[Member]) -> int:
    listed = {surname for member in members for surname in member.person.common}
    return len(set(families(members, listed.__contains__)))


def _members(appointment_ids: Iterable[UUID], *, now: datetime) -> list[tuple[int, Member]]:
    """With who booked them; those whose data are kept still. Nobody hides behind somebody else's circle here."""
    found = Attendee.objects.filter(appointment__in=list(appointment_ids)).select_related("appointment")
    milliseconds = int(now.timestamp() * 1000)
    booked = [(one.appointment.account_id, one) for one in found.order_by("pk") if one.birth_date]
    return [(account, Member(person_of(_applicant(one), milliseconds), account, account)) for account, one in booked]


def _applicant(one: Attendee) -> Applicant:
    return Applicant(
        given_names=one.given_names, surname_1=one.surname_1, surname_2=one.surname_2, birth_date=one.birth_date,
        sex="", curp=one.curp, minor=one.is_minor, guardian=False,
    )  # fmt: skip
