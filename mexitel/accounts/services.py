"""Every write to an account. Each is one transaction; facts go out as signals after it."""

from datetime import datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.crypto import get_random_string
from django.utils.module_loading import import_string

from mexitel.accounts import codes, limits, messages
from mexitel.accounts.addresses import exact_email, masked
from mexitel.accounts.codes import CodeExpired, CodeLimited
from mexitel.accounts.guards import SignupAttempt, run_signup_guards
from mexitel.accounts.limits import Origin
from mexitel.accounts.models import Channel, CodePurpose, CodeRequest, User
from mexitel.accounts.signals import account_deleted, account_opened, contact_changed, contact_verified
from mexitel.utils.browsers import NOTHING, Seen
from mexitel.utils.crypto import keyed_hash

SEEN_EVERY = timedelta(hours=1)


class ContactError(Exception):
    """A contact cannot be changed so; ``code`` is stable."""

    code = "contact"


class EmailTaken(ContactError):
    code = "email_taken"


class LastContact(ContactError):
    """Without this one the account could never be opened again."""

    code = "last_contact"


def open_account(*, proved: CodeRequest, origin: Origin, now: datetime, seen: Seen = NOTHING) -> tuple[User, bool]:
    """The account that ``proved`` (a used sign-in code) opens, and whether it is new. ``seen`` is the edge's.

    Raises SignupRefused (a guard said no), CodeLimited (too many new accounts from one network) and CodeExpired
    (the address became a staff account or was suspended since the code was sent).
    """
    by_sms = proved.channel == Channel.SMS
    found = User.objects.by_phone_alone(proved.address) if by_sms else User.objects.by_email(proved.address)
    user = found.first()
    if user is None:
        run_signup_guards(SignupAttempt(proved.channel, proved.address, origin.client, now))
        if not limits.take("sign up", {}, origin, now):
            raise CodeLimited
        user, created = _create_citizen(proved, by_sms, now)
        if created:
            tell_opened(user, seen=seen, now=now)
            _verified(user, by_sms, proved.address, now)
            return user, True
    if user.needs_second_factor or not user.is_active:
        raise CodeExpired
    if not by_sms and user.email_bounced_at:
        User.objects.filter(pk=user.pk).update(email_bounced_at=None)  # a code arrived, so mail does
    return user, False


def _create_citizen(proved: CodeRequest, by_sms: bool, now: datetime) -> tuple[User, bool]:
    contact: dict[str, Any] = _phone_fields(proved.address, now) if by_sms else {"email": proved.address}
    try:
        with transaction.atomic():
            return User.objects.create_user(**contact, language=proved.language, date_joined=now), True
    except IntegrityError:  # two tabs at once: the other one made it
        found = User.objects.by_phone_alone(proved.address) if by_sms else User.objects.by_email(proved.address)
        return found.get(), False


def tell_opened(user: User, *, now: datetime, seen: Seen = NOTHING, agent_id: int | None = None) -> None:
    """For whoever makes accounts: says so, after the commit."""
    _after_commit(account_opened, user_id=user.pk, agent_id=agent_id, seen=seen, at=now)


def change_email(*, user: User, proved: CodeRequest, now: datetime) -> None:
    """Put the proven address on the account and tell the old one. Raises EmailTaken."""
    _put_email(user, exact_email(proved.address), now)


def _put_email(user: User, new: str, now: datetime) -> None:
    old = user.email or ""
    if new == old:
        return
    try:
        with transaction.atomic():
            User.objects.filter(pk=user.pk).update(email=new, email_bounced_at=None)
            if old:
                messages.tell_email_changed(old=old, new_masked=masked(new), language=user.language, now=now)
            _after_commit(contact_changed, user_id=user.pk, contact="email", old=old, new=new, at=now)
            _verified(user, False, new, now)
    except IntegrityError as error:
        raise EmailTaken from error
    user.email, user.email_bounced_at = new, None


def set_phone(*, user: User, proved: CodeRequest, now: datetime) -> None:
    """Put the proven number on the account. Raises EmailTaken when it already names an account without e-mail
    and this account has none either."""
    _put_phone(user, proved.address, now)


def put_contact(*, user: User, address: str, now: datetime) -> None:
    """A contact that was proven a while ago takes effect on ``user``, and every session of the account ends: whoever
    has the old one is out. Raises EmailTaken."""
    with transaction.atomic():
        if "@" in address:
            _put_email(user, address, now)
        else:
            _put_phone(user, address, now)
        User.objects.filter(pk=user.pk).update(password="!" + get_random_string(40))


def _put_phone(user: User, new: str, now: datetime) -> None:
    old = user.phone
    fields = _phone_fields(new, now)
    try:
        with transaction.atomic():
            User.objects.filter(pk=user.pk).update(**fields)
            if old != new:
                messages.tell_phone_changed(user=user, phone_masked=masked(new), removed=False, now=now)
                _after_commit(contact_changed, user_id=user.pk, contact="phone", old=old, new=new, at=now)
            _verified(user, True, new, now)
    except IntegrityError as error:
        raise EmailTaken from error
    for name, value in fields.items():
        setattr(user, name, value)


def remove_phone(*, user: User, now: datetime) -> None:
    """Raises LastContact when the account has no e-mail."""
    if not user.email:
        raise LastContact
    if not user.phone:
        return
    old = user.phone
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(phone="", phone_hash=None, phone_verified_at=None)
        messages.tell_phone_changed(user=user, phone_masked=masked(old), removed=True, now=now)
        _after_commit(contact_changed, user_id=user.pk, contact="phone", old=old, new="", at=now)
    user.phone, user.phone_hash, user.phone_verified_at = "", None, None


def set_language(*, user: User, language: str) -> None:
    """The language of messages; ``language`` is a code of settings.LANGUAGES."""
    User.objects.filter(pk=user.pk).update(language=language)
    user.language = language


def saw(*, user: User, now: datetime) -> None:
    """Note that the person is here, at most once an hour."""
    if user.last_seen_at is None or user.last_seen_at <= now - SEEN_EVERY:
        User.objects.filter(pk=user.pk).update(last_seen_at=now)
        user.last_seen_at = now


def note_bounce(*, email: str, now: datetime) -> None:
    """Mail to ``email`` came back; its account shows a notice until a code arrives there or it is changed."""
    User.objects.by_email(email).update(email_bounced_at=now)


def delete_account(*, user: User, now: datetime) -> None:
    """Erase what tells who this was, keep the bare row, end every session.

    ``settings.ACCOUNT_DELETION_STEPS`` (dotted paths, each ``step(user, now)``) erase what other rooms hold, in
    the same transaction; a step that fails undoes all. Frees no appointment and no permit (DESIGN.md 4.5).
    """
    to, language = user.email, user.language
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        for path in getattr(settings, "ACCOUNT_DELETION_STEPS", []):
            import_string(path)(user, now)
        Authenticator.objects.filter(user=user).delete()
        CodeRequest.objects.filter(user=user).delete()
        User.objects.filter(pk=user.pk).update(
            email=None, phone="", phone_hash=None, phone_verified_at=None, email_bounced_at=None, last_login=None,
            last_seen_at=None, is_active=False, is_staff=False, is_superuser=False, deleted_at=now,
            password="!" + get_random_string(40),  # sessions carry a digest of it, so they all end here
        )  # fmt: skip
        if to:
            messages.tell_deleted(to=to, language=language, now=now)
        _after_commit(account_deleted, user_id=user.pk, at=now)


def ask_contact_code(*, user: User, purpose: CodePurpose, address: str, origin: Origin, now: datetime) -> CodeRequest:
    """A code for a signed-in person: to the new contact, or to their own for a step-up. Raises CodeLimited."""
    channel = Channel.EMAIL if "@" in address else Channel.SMS
    return codes.ask(
        purpose=purpose,
        channel=channel,
        address=address,
        user=user,
        language=user.language,
        origin=origin,
        now=now,
    )


def _phone_fields(e164: str, now: datetime) -> dict[str, Any]:
    return {"phone": e164, "phone_hash": keyed_hash("phone", e164), "phone_verified_at": now}


def _verified(user: User, by_sms: bool, address: str, now: datetime) -> None:
    contact = "phone" if by_sms else "email"
    _after_commit(contact_verified, user_id=user.pk, contact=contact, address=address, at=now)


def _after_commit(signal: Any, **facts: Any) -> None:
    transaction.on_commit(lambda: signal.send_robust(sender=User, **facts), robust=True)


def others_with_phone(phone: str) -> bool:
    """Whether accounts with an e-mail carry this verified number."""
    return User.objects.filter(phone_hash=keyed_hash("phone", phone), email__isnull=False).exists()
