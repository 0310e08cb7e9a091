from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from appointments.identities import identity_hash
from appointments.models import Applicant
from mexitel.accounts.models import User
from mexitel.utils.crypto import encrypt, keyed_hash

ADULT_AGE = 18


@dataclass(frozen=True)
class Entry:
    """Who attends, as somebody typed it and a form checked it. ``applicant_id`` names the saved person, if
    there is one; ``fill_seconds`` is how long the empty form stood before it came back, None where nobody measured.
    """

    given_names: str
    surname_1: str
    surname_2: str
    birth_date: date
    curp: str = ""
    guardian_name: str = ""
    wheelchair: bool = False
    sign_language: bool = False
    interpreter: str = ""
    priority: bool = False
    applicant_id: int | None = None
    fill_seconds: float | None = None


def age_on(day: date, birth_date: date) -> int:
    """Completed years. Somebody born on 29 February completes the year on 1 March."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def save_applicant(*, account: User, entry: Entry, today: date, now: datetime) -> Applicant:
    """Keep or correct a person of the account; somebody typed again is the same row, so that one person has one place.

    Raises Applicant.DoesNotExist for an ``applicant_id`` that is not the account's.
    """
    columns = columns_of(entry, today=today)
    if entry.applicant_id is None:
        known = {"account": account, "identity_hash": columns.pop("identity_hash"), "removed_at": None}
        applicant, _created = Applicant.objects.update_or_create(
            **known, defaults=columns, create_defaults=known | columns | {"created_at": now}
        )
        return applicant
    applicant = Applicant.objects.get(pk=entry.applicant_id, account=account, removed_at=None)
    for name, value in columns.items():
        setattr(applicant, name, value)
    applicant.save()
    return applicant


def is_same_person(one: Entry, other: Entry) -> bool:
    """Whether two entries name one person, whatever accents, order of names and capitals were typed."""
    return identity_of(one) == identity_of(other)


def person_for_claim(entries: Sequence[Entry], *, today: date) -> dict:
    """Who attends on one seat. The claim saves the first of them, the principal, in the account."""
    return {
        "applicant": entries[0].applicant_id,
        "attendees": [attendee_for_claim(entry, today=today) for entry in entries],
    }


def saved_id(account: User, entry: Entry) -> int | None:
    """The row that the account has of ``entry``, as the claim finds it; None for somebody new."""
    own = Applicant.objects.filter(account=account, removed_at=None)
    same = own.filter(identity_hash=identity_of(entry)).values_list("pk", flat=True).first()
    return same or entry.applicant_id


def attendee_for_claim(entry: Entry, *, today: date) -> dict:
    """The sealed copy of ``entry`` that the claim writes beside its appointment."""
    columns = columns_of(entry, today=today)
    return columns | {
        "birth_date": encrypt(columns["birth_date"]),
        "curp": encrypt(columns["curp"]),
        "curp_hash": columns["curp_hash"].hex() if columns["curp_hash"] else None,
        "identity_hash": columns["identity_hash"].hex(),
    }


def columns_of(entry: Entry, *, today: date) -> dict:
    """``entry`` as the columns of a row about who attends (models/applicant.py)."""
    typed = asdict(entry)
    del typed["applicant_id"], typed["fill_seconds"]
    return typed | {
        "birth_date": entry.birth_date.isoformat(),
        "curp_hash": keyed_hash("curp", entry.curp) if entry.curp else None,
        "identity_hash": identity_of(entry),
        "is_minor": age_on(today, entry.birth_date) < ADULT_AGE,
    }


def identity_of(entry: Entry) -> bytes:
    """The keyed hash of who this is, by names and birth date."""
    return identity_hash(
        given_names=entry.given_names,
        surname_1=entry.surname_1,
        surname_2=entry.surname_2,
        birth_date=entry.birth_date,
    )
