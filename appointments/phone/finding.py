"""From what a caller says to an account: by verified phone, e-mail, or reference and one more fact. Never a list to
browse: the words must be whole, a handful is shown at most, and every search leaves a line without its words.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from appointments.drafts import load_draft
from appointments.models import Applicant, Appointment, Attendee
from appointments.phone.held import find_held
from mexitel.accounts import limits
from mexitel.accounts.addresses import canonical_phone, exact_email
from mexitel.accounts.limits import Origin
from mexitel.accounts.models import User
from mexitel.audit.services import record
from mexitel.utils.crypto import keyed_hash

HANDFUL = 5
INSIDE = Origin("", "", counted=False)
REFERENCE = re.compile(r"[0-9A-HJKMNP-TV-Z]{9}")
# What people say or hear for letters that no reference has.
HEARD = str.maketrans("OIL", "011")


class By(StrEnum):
    EMAIL = "email"
    PHONE = "phone"
    REFERENCE = "reference"


class FindingError(Exception):
    """Why nobody was looked for; ``code`` is stable."""

    code = "finding"


class Unreadable(FindingError):
    """Neither an e-mail, nor a phone number, nor a reference."""

    code = "unreadable"


class FactMissing(FindingError):
    """A reference alone opens nothing: it is printed on a paper that others see."""

    code = "fact_missing"


class TooMany(FindingError):
    """This agent looked for too many people, or guessed too often at one."""

    code = "too_many"


@dataclass(frozen=True)
class Found:
    """``known`` when one more fact was right; else the caller still has to prove who they are."""

    account: User
    known: bool


@dataclass(frozen=True)
class Question:
    """What a caller said: ``who`` is an e-mail, a phone or a reference; ``born`` when somebody who attends was born."""

    who: str
    born: date | None = None


def kind_of(who: str) -> tuple[By, str]:
    """What was said, and its one form. Raises Unreadable."""
    if "@" in who:
        return By.EMAIL, exact_email(who)
    compact = re.sub(r"[\s.-]", "", who).upper().translate(HEARD)
    if REFERENCE.fullmatch(compact):
        return By.REFERENCE, compact
    try:
        return By.PHONE, canonical_phone(who)
    except ValidationError as error:
        raise Unreadable from error


def find_callers(
    question: Question, *, visible: QuerySet[Appointment], agent: User, call_reference: str, now: datetime
) -> list[Found]:
    """The handful of accounts that fit. ``visible`` are the appointments that this agent may see (a scoped manager).

    A fact that is wrong finds the same nobody as an unknown address. Raises Unreadable, FactMissing or TooMany.
    """
    by, text = kind_of(question.who)
    if by == By.REFERENCE and question.born is None:
        raise FactMissing
    if not limits.take("call search", {"agent": str(agent.pk)}, INSIDE, now):
        raise TooMany
    if by == By.REFERENCE:
        found = _by_reference(text, question.born, visible, now)
    else:
        accounts = _accounts(by, text)
        found = [
            Found(account, known) for account in accounts if (known := _fits(account, question.born, now)) is not None
        ]
    detail = {"call": call_reference, "by": str(by), "with_fact": question.born is not None, "found": len(found)}
    record(actor=agent, action="caller.search", target=("call", call_reference), now=now, detail=detail)
    return found


def check_birth_date(account: User, born: date, *, now: datetime) -> bool:
    """Whether somebody of ``account`` was born that day; each try counts. Raises TooMany."""
    if not limits.take("call facts", {"caller": str(account.pk)}, INSIDE, now):
        raise TooMany
    return born.isoformat() in birth_dates(account)


def birth_dates(account: User) -> set[str]:
    """Of everybody saved in the account or attending one of its appointments, in ISO form."""
    saved = Applicant.objects.filter(account=account, removed_at=None).values_list("birth_date", flat=True)
    attending = Attendee.objects.filter(appointment__account=account).values_list("birth_date", flat=True)
    return {*saved, *attending} - {""}


def _accounts(by: By, text: str) -> Sequence[User]:
    citizens = User.objects.citizens()
    found = citizens.by_email(text) if by == By.EMAIL else citizens.filter(phone_hash=keyed_hash("phone", text))
    return found.order_by("-last_seen_at", "pk")[:HANDFUL]


def _fits(account: User, born: date | None, now: datetime) -> bool | None:
    """None when the fact is wrong; False when none was given."""
    if born is None:
        return False
    return check_birth_date(account, born, now=now) or None


def _by_reference(text: str, born: date | None, visible: QuerySet[Appointment], now: datetime) -> list[Found]:
    appointment = visible.select_related("account").filter(reference=text).first()
    if appointment is None and born is not None:
        return _by_hold(text, born, now)
    if appointment is None or born is None or not appointment.account.is_active:
        return []
    if not limits.take("call facts", {"caller": str(appointment.account_id)}, INSIDE, now):
        raise TooMany
    attending = Attendee.objects.filter(appointment=appointment).values_list("birth_date", flat=True)
    return [Found(appointment.account, True)] if born.isoformat() in attending else []


def _by_hold(text: str, born: date, now: datetime) -> list[Found]:
    """Who began on the web says the reference of what they have set aside, and when somebody of theirs was born."""
    held = find_held(text, now=now)
    if held is None or not held.account.is_active:
        return []
    if not limits.take("call facts", {"caller": str(held.account_id)}, INSIDE, now):
        raise TooMany
    typed = {one.birth_date for people in load_draft(held.account).values() for one in people}
    known = born in typed or born.isoformat() in birth_dates(held.account)
    return [Found(held.account, True)] if known else []
