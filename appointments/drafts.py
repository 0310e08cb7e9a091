"""What somebody has typed and not yet confirmed: sealed, one per account, kept when a hold runs out."""

import json
from datetime import date, datetime

from appointments.models import Applicant, BookingDraft
from appointments.services import Entry
from mexitel.accounts.models import User


def load_draft(account: User) -> dict[int, Entry]:
    """The typed people by their place in the party, counted from 1."""
    draft = BookingDraft.objects.filter(account=account).first()
    if draft is None:
        return {}
    return {int(place): _entry(typed) for place, typed in json.loads(draft.answers).items()}


def save_draft(account: User, people: dict[int, Entry], *, now: datetime) -> None:
    answers = json.dumps({place: _typed(entry) for place, entry in people.items()})
    BookingDraft.objects.update_or_create(account=account, defaults={"answers": answers, "updated_at": now})


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
        applicant_id=applicant.pk,
    )


def _typed(entry: Entry) -> dict:
    return vars(entry) | {"birth_date": entry.birth_date.isoformat()}


def _entry(typed: dict) -> Entry:
    return Entry(**typed | {"birth_date": date.fromisoformat(typed["birth_date"])})
