"""What somebody has typed and not yet confirmed: sealed, one per account, kept when a hold runs out."""

import json
from datetime import date, datetime

from appointments.models import Applicant, BookingDraft
from appointments.services import Entry
from appointments.services.applicants import ADULT_AGE, age_on
from consulates.models import Procedure
from mexitel.accounts.models import User

# By the place in the party, counted from 1: the principal first, then those who attend with them in the same seat.
Typed = dict[int, list[Entry]]


def load_draft(account: User) -> Typed:
    draft = BookingDraft.objects.filter(account=account).first()
    if draft is None:
        return {}
    return {int(place): [from_typed(typed) for typed in people] for place, people in json.loads(draft.answers).items()}


def save_draft(account: User, people: Typed, *, now: datetime) -> None:
    answers = json.dumps({place: [as_typed(entry) for entry in entries] for place, entries in people.items()})
    BookingDraft.objects.update_or_create(account=account, defaults={"answers": answers, "updated_at": now})


def with_entry(typed: Typed, place: int, number: int, entry: Entry) -> Typed:
    """``typed`` with ``entry`` as the ``number``-th person of a place, over whoever stood there or behind the last."""
    people = list(typed.get(place, []))
    people[number - 1 : number] = [entry]
    return typed | {place: people}


def without_entry(typed: Typed, place: int, number: int) -> Typed:
    return typed | {place: [entry for at, entry in enumerate(typed.get(place, []), start=1) if at != number]}


def seated(typed: Typed, *, party: int, procedure: Procedure) -> Typed:
    """The typed people that this party has room for: an earlier draft may be of more, or of another procedure."""
    return {place: typed[place][: procedure.max_applicants] for place in range(1, party + 1) if typed.get(place)}


def first_missing(people: Typed, *, party: int, procedure: Procedure, day: date) -> tuple[int, int] | None:
    """Place and number of the first person who was not typed yet, or whom the procedure of this hold does not fit."""
    for place in range(1, party + 1):
        entries = people.get(place, [])
        for number, entry in enumerate(entries, start=1):
            if not fits(entry, procedure=procedure, day=day):
                return place, number
        if len(entries) < procedure.min_applicants:
            return place, len(entries) + 1
    return None


def fits(entry: Entry, *, procedure: Procedure, day: date) -> bool:
    age = age_on(day, entry.birth_date)
    return procedure.allows_age(age) and (age >= ADULT_AGE or bool(entry.guardian_name))


def entry_of(applicant: Applicant) -> Entry:
    """A saved person as if typed again."""
    return Entry(
        given_names=applicant.given_names,
        surname_1=applicant.surname_1,
        surname_2=applicant.surname_2,
        birth_date=date.fromisoformat(applicant.birth_date),
        curp=applicant.curp,
        guardian_name=applicant.guardian_name,
        wheelchair=applicant.wheelchair,
        sign_language=applicant.sign_language,
        interpreter=applicant.interpreter,
        priority=applicant.priority,
        applicant_id=applicant.pk,
    )


def as_typed(entry: Entry) -> dict:
    """For JSON; ``from_typed`` reads it again."""
    return vars(entry) | {"birth_date": entry.birth_date.isoformat()}


def from_typed(typed: dict) -> Entry:
    return Entry(**typed | {"birth_date": date.fromisoformat(typed["birth_date"])})
