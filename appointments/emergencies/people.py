"""For whom somebody asks, as sealed JSON: the same entries that a booking has."""

import json
from datetime import date

from appointments.models import Applicant, EmergencyRequest
from appointments.services import Entry
from appointments.services.applicants import is_same_person

MOST_PEOPLE = 5


def people_of(request: EmergencyRequest) -> list[Entry]:
    typed = json.loads(request.people) if request.people else []
    return [Entry(**person | {"birth_date": date.fromisoformat(person["birth_date"])}) for person in typed]


def as_text(people: list[Entry]) -> str:
    return json.dumps([vars(person) | {"birth_date": person.birth_date.isoformat()} for person in people])


def has(people: list[Entry], person: Entry) -> bool:
    return any(is_same_person(person, known) for known in people)


def still_saved(request: EmergencyRequest, people: list[Entry]) -> list[Entry]:
    """Without the ids of saved persons that were removed since."""
    kept = set(Applicant.objects.filter(account=request.account_id, removed_at=None).values_list("pk", flat=True))
    return [
        person if person.applicant_id in kept else Entry(**vars(person) | {"applicant_id": None}) for person in people
    ]
