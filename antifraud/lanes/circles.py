"""Into how many families the people of one booker fall: by surnames (antifraud/families.py), and a minor goes with the
adult who is named as coming along.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from antifraud.events import Applicant
from antifraud.families import Member, Sets, families
from antifraud.identities import person_of
from appointments.enums import AppointmentStatus
from appointments.identities import fold_name
from appointments.models import Attendee
from appointments.services import Entry
from appointments.services.applicants import ADULT_AGE, age_on
from mexitel.accounts.models import User

# So many names of a guardian's are in the name of an adult of the party: it is the same person.
SAME_NAMES = 2


def count_families(people: Sequence[Entry], *, now: datetime) -> int:
    """Of one account; nobody of them is left out."""
    t = int(now.timestamp() * 1000)
    members = [Member(person_of(_told(one), t), "account", "circle") for one in people]
    common = {key for member in members for key in member.person.common}
    sets = Sets(len(members))
    for place, first in enumerate(families(members, common.__contains__)):
        sets.join(place, first)
    for minor, adult in _guardians(people, today=now.date()):
        sets.join(minor, adult)
    return len({sets.find(place) for place in range(len(members))})


def with_those_booked(account: User, people: Iterable[Entry], *, now: datetime) -> list[Entry]:
    """``people``, and those who have an active appointment of ``account``."""
    booked = Attendee.objects.filter(
        appointment__account=account, appointment__status=AppointmentStatus.BOOKED, appointment__until__gt=now
    )
    return [*people, *(_entry(one) for one in booked)]


def _guardians(people: Sequence[Entry], *, today: date) -> Iterable[tuple[int, int]]:
    names = [set(fold_name(f"{one.given_names} {one.surname_1} {one.surname_2}")) for one in people]
    for minor, one in enumerate(people):
        guardian = set(fold_name(one.guardian_name))
        for adult, other in enumerate(people):
            if age_on(today, other.birth_date) >= ADULT_AGE and len(guardian & names[adult]) >= SAME_NAMES:
                yield minor, adult


def _told(entry: Entry) -> Applicant:
    return Applicant(
        given_names=entry.given_names,
        surname_1=entry.surname_1,
        surname_2=entry.surname_2,
        birth_date=entry.birth_date.isoformat(),
        sex="",
        curp="",
        minor=False,
        guardian=False,
    )


def _entry(attendee: Attendee) -> Entry:
    return Entry(
        given_names=attendee.given_names,
        surname_1=attendee.surname_1,
        surname_2=attendee.surname_2,
        birth_date=date.fromisoformat(attendee.birth_date),
        guardian_name=attendee.guardian_name,
    )
