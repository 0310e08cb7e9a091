"""What makes a priority token good for somebody, and the booking that it gives. Each is one transaction."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from antifraud.models import CaseAccount, CaseEvent, PriorityToken, ReadyWhy
from antifraud.models.redress import MOST_TRIES, TOKEN_LASTS
from antifraud.redress.errors import DateDiffers, NotUsable, PhoneNeeded, RedressError, ReviewNeeded, TooManyTries
from antifraud.redress.places import principal_of, take_place
from appointments.waiting.joining import bring_to_the_front
from mexitel.accounts.models import User
from mexitel.audit.services import record


def show_identity(*, token_id: UUID, account: User, birth_date: date, now: datetime) -> None:
    """Who attends takes the token into an account of their own: with a phone that they proved, and the date of birth
    in the appointment.

    No account of the case can: whoever hoarded knows the data, and asks for a review. Raises PhoneNeeded, ReviewNeeded,
    DateDiffers, TooManyTries or NotUsable.
    """
    with transaction.atomic():
        token = locked_token(token_id)
        refused = _refused(token, account, birth_date, now=now)
        if isinstance(refused, DateDiffers):
            PriorityToken.objects.filter(pk=token.pk).update(tries=token.tries + 1)
        elif refused is None:
            make_ready(token, account, ReadyWhy.IDENTITY, now=now)
            _note(token, "redress.token_shown", account, now=now)
    if refused is not None:  # outside: a wrong date stays counted
        raise refused


@transaction.atomic
def use_token(*, token_id: UUID, account: User, slot_id: int, now: datetime) -> UUID:
    """The appointment in which the same people attend at ``slot_id``. Raises NotUsable, or a BookingError (SlotFull,
    SlotBusy, BookerBlocked, LockFull, ApplicantBooked ...) that leaves the token good.
    """
    token = locked_token(token_id)
    if not token.is_usable(now=now) or token.holder_id != account.pk:
        raise NotUsable
    booked = take_place(token, account=account, slot_id=slot_id, now=now)
    spend(token, booked, now=now)
    _note(token, "redress.token_used", account, now=now)
    return booked


def locked_token(token_id: UUID) -> PriorityToken:
    found = PriorityToken.objects.select_for_update(of=("self",), no_key=True)
    return found.select_related("decision", "account", "procedure", "appointment__session__consulate").get(pk=token_id)


def make_ready(token: PriorityToken, holder: User, why: ReadyWhy, *, now: datetime) -> None:
    """Good for ``holder`` alone, for two weeks from now."""
    token.holder, token.ready_at, token.ready_why, token.expires_at = holder, now, why, now + TOKEN_LASTS
    token.save(update_fields=["holder", "ready_at", "ready_why", "expires_at"])
    bring_to_the_front(holder, token.procedure.group, reason=f"priority token {token.pk}", now=now)


def spend(token: PriorityToken, appointment_id: UUID, *, now: datetime) -> None:
    token.used_at, token.used_for_id = now, appointment_id
    token.save(update_fields=["used_at", "used_for"])


def is_of_the_case(token: PriorityToken, account: User) -> bool:
    return account.pk == token.account_id or (
        CaseAccount.objects.filter(case=token.decision.case_id, account=account).exists()
    )


def _refused(token: PriorityToken, account: User, born: date, *, now: datetime) -> RedressError | None:
    if token.ready_at is not None or token.expires_at <= now:
        return NotUsable()
    if is_of_the_case(token, account):
        return ReviewNeeded()
    if not account.has_verified_phone:
        return PhoneNeeded()
    if token.tries >= MOST_TRIES:
        return TooManyTries()
    if principal_of(token.appointment).birth_date != born.isoformat():
        return DateDiffers()
    return None


def _note(token: PriorityToken, action: str, account: User, *, now: datetime) -> None:
    detail = {"appointment": str(token.appointment_id)}
    CaseEvent.objects.create(
        case_id=token.decision.case_id, at=now, kind=action.partition(".")[2], actor=account, detail=detail
    )
    record(actor=account, action=action, target=token, now=now, detail=detail)
