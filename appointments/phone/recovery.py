"""A caller lost their e-mail or phone: five questions that the system compares, a new contact that is proven by a code,
24 hours in which the old contact can stop it with one link, and only then the change.
"""

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import translation

from appointments.identities import fold_name
from appointments.models import Applicant, Appointment, Attendee, Caller, Recovery
from appointments.models.caller import ENOUGH_ANSWERS, RECOVERY_REST
from appointments.phone.finding import HEARD, INSIDE
from consulates.models import Consulate
from consulates.wording import moment
from mexitel.accounts import limits
from mexitel.accounts.addresses import canonical_phone, exact_email, masked, takes_sms
from mexitel.accounts.messages import tell_recovery
from mexitel.accounts.models import User
from mexitel.accounts.services import EmailTaken, put_contact
from mexitel.audit.services import record
from mexitel.outbox.limits import SmsLimited
from mexitel.utils.crypto import keyed_hash
from mexitel.utils.db import named_violations


class RecoveryError(Exception):
    """Why an account is not recovered so; ``code`` is stable."""

    code = "recovery"


class TooManyChecks(RecoveryError):
    """This account, or this agent, had its share of checks for today."""

    code = "too_many_checks"


class NotEnough(RecoveryError):
    """Too few right answers. Nobody is told which."""

    code = "not_enough"


class NobodyToTell(RecoveryError):
    """The account has no contact that could be told, now; nothing changes behind anybody's back."""

    code = "nobody_to_tell"


class AlreadyAsked(RecoveryError):
    """One is at rest already."""

    code = "already_asked"


@dataclass(frozen=True)
class Answers:
    """What the caller said to each question; empty where they did not know."""

    reference: str = ""
    name: str = ""
    born: date | None = None
    office: Consulate | None = None
    contact: str = ""


def check_answers(account: User, answers: Answers, *, agent: User, call_reference: str, now: datetime) -> int:
    """How many are right, at least ENOUGH_ANSWERS. Raises NotEnough or TooManyChecks; either way it leaves a line."""
    if not limits.take("call recovery", {"agent": str(agent.pk), "caller": str(account.pk)}, INSIDE, now):
        raise TooManyChecks
    right = right_answers(account, answers)
    detail = {"call": call_reference, "right": right, "enough": right >= ENOUGH_ANSWERS}
    record(actor=agent, action="caller.recovery_check", target=account, now=now, detail=detail)
    if right < ENOUGH_ANSWERS:
        raise NotEnough
    return right


def right_answers(account: User, answers: Answers) -> int:
    """Of five: a reference, the name and the birth date of one and the same person, an office, a contact of today."""
    appointments = Appointment.objects.filter(account=account)
    said = "".join(letter for letter in answers.reference.upper() if letter.isalnum()).translate(HEARD)
    by_reference = bool(said) and appointments.filter(reference=said).exists()
    by_office = answers.office is not None and appointments.filter(consulate=answers.office).exists()
    return by_reference + _person(account, answers) + by_office + _contact(account, answers.contact)


def _person(account: User, answers: Answers) -> int:
    people: list[Applicant | Attendee] = [
        *Applicant.objects.filter(account=account, removed_at=None),
        *Attendee.objects.filter(appointment__account=account),
    ]
    name = sorted(fold_name(answers.name))
    born = answers.born.isoformat() if answers.born else None
    scores = [
        (len(name) >= 2 and sorted(fold_name(one.full_name)) == name) + (born is not None and one.birth_date == born)
        for one in people
    ]
    return max(scores, default=0)


def _contact(account: User, said: str) -> bool:
    if "@" in said:
        return bool(account.email) and exact_email(said) == account.email
    try:
        number = canonical_phone(said) if said.strip() else ""
    except ValidationError:
        return False
    return bool(number) and number in {account.phone, *_stated(account)}


def _stated(account: User) -> list[str]:
    return [phone for phone in Caller.objects.filter(account=account).values_list("phone", flat=True) if phone]


def start_recovery(
    *, account: User, contact: str, right: int, agent: User, call_reference: str, time_zone: str, now: datetime
) -> Recovery:
    """``contact`` (exact e-mail or E.164, proven in this call) takes effect in 24 hours; the old contacts know at once.

    ``time_zone`` is the one in which they are told when. Raises AlreadyAsked or NobodyToTell.
    """
    token = secrets.token_urlsafe(16)
    with named_violations({"recovery_one_open_in_an_account": AlreadyAsked}), transaction.atomic():
        recovery = Recovery.objects.create(
            account=account,
            contact=contact,
            stop_hash=_stop_hash(token),
            agent=agent,
            call_reference=call_reference,
            right_answers=right,
            created_at=now,
            effective_at=now + RECOVERY_REST,
        )
        told = _tell(recovery, token, time_zone=time_zone, now=now)
        if not told:
            raise NobodyToTell
        detail = {"call": call_reference, "recovery": str(recovery.pk), "told": told}
        record(actor=agent, action="caller.recovery_start", target=account, now=now, detail=detail)
    return recovery


def _tell(recovery: Recovery, token: str, *, time_zone: str, now: datetime) -> int:
    account = recovery.account
    phones = [account.phone] if account.phone else [] if account.email else _stated(account)
    told = 0
    for to in [*([account.email] if account.email else []), *filter(takes_sms, phones)]:
        with translation.override(account.language):
            until = moment(recovery.effective_at, time_zone)
        try:
            with transaction.atomic():
                tell_recovery(
                    to=to,
                    by_sms="@" not in to,
                    new_masked=masked(recovery.contact),
                    until=until,
                    stop_url=settings.PUBLIC_URL + reverse("recovery_stop", args=[token]),
                    language=account.language,
                    now=now,
                )
        except SmsLimited:
            continue
        told += 1
    return told


def recovery_of(token: str) -> Recovery | None:
    return Recovery.objects.filter(stop_hash=_stop_hash(token)).first()


def stop_recovery(*, token: str, now: datetime) -> Recovery | None:
    """Whoever has the link says no; until it is applied that holds, however late. None for an unknown token."""
    with transaction.atomic():
        recovery = Recovery.objects.select_for_update().filter(stop_hash=_stop_hash(token)).first()
        if recovery is not None and not recovery.outcome:
            _close(recovery, Recovery.Outcome.STOPPED, now)
    return recovery


def apply_due_recoveries(*, now: datetime) -> int:
    """Every recovery whose day of rest is over; each is a transaction of its own. Returns how many took effect."""
    due = Recovery.objects.filter(outcome="", effective_at__lte=now).order_by("effective_at")
    return sum(_apply(pk, now) for pk in due.values_list("pk", flat=True))


def _apply(recovery_id: UUID, now: datetime) -> bool:
    with transaction.atomic():
        recovery = Recovery.objects.select_for_update(of=("self",)).select_related("account").get(pk=recovery_id)
        if recovery.outcome or recovery.effective_at > now:
            return False
        if not recovery.account.is_active:
            _close(recovery, Recovery.Outcome.STOPPED, now)
            return False
        try:
            put_contact(user=recovery.account, address=recovery.contact, now=now)
        except EmailTaken:  # it became somebody else's account in the meantime
            _close(recovery, Recovery.Outcome.TAKEN, now)
            return False
        _close(recovery, Recovery.Outcome.APPLIED, now)
        return True


def _close(recovery: Recovery, outcome: str, now: datetime) -> None:
    recovery.outcome, recovery.closed_at = outcome, now
    recovery.save(update_fields=["outcome", "closed_at"])
    detail = {"call": recovery.call_reference, "recovery": str(recovery.pk)}
    record(actor=None, action=f"caller.recovery_{outcome}", target=recovery.account, now=now, detail=detail)


def _stop_hash(token: str) -> bytes:
    return keyed_hash("recovery", token)
