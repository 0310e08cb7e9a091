"""By which names somebody is known to a block: exact address, mailbox, domain, phone, account."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from antifraud.models import BlockKind
from appointments.enums import MarkKind, ScopeKind
from appointments.models import Caller
from appointments.scopes import (
    MarkKey,
    ScopeKey,
    account_scope,
    address_mark,
    domain_mark,
    email_scope,
)
from appointments.services.blocking import Name
from mexitel.accounts.addresses import canonical_phone, clean_email, masked
from mexitel.accounts.models import User
from mexitel.utils.crypto import keyed_hash
from mexitel.utils.emails import domain_of

BlockName = tuple[BlockKind, bytes]


@dataclass(frozen=True)
class Target:
    """A name to block. ``text`` is the name itself: an exact address, domain, E.164 phone or account id. It stays in
    memory; a Block keeps ``key`` and ``mask``.
    """

    kind: BlockKind
    text: str

    @property
    def key(self) -> bytes:
        return _KEYS[self.kind](self.text)

    @property
    def mask(self) -> str:
        if self.kind == BlockKind.ACCOUNT:
            account = User.objects.filter(pk=int(self.text)).only("email", "phone").first()
            return f"#{self.text} {masked(account.email or account.phone)}" if account else f"#{self.text}"
        return self.text if self.kind == BlockKind.DOMAIN else masked(self.text)


_KEYS = {
    BlockKind.ADDRESS: lambda text: address_mark(text).key,
    BlockKind.MAILBOX: lambda text: email_scope(text).key,
    BlockKind.DOMAIN: lambda text: domain_mark(text).key,
    BlockKind.PHONE: lambda text: keyed_hash("phone", text),
    BlockKind.ACCOUNT: lambda text: account_scope(int(text)).key,
}


def target_of(kind: BlockKind, typed: str) -> Target:
    """What a reviewer typed, in the form in which it is compared. An account is named by its number or its e-mail.

    Raises ValidationError with a sentence.
    """
    typed = typed.strip()
    if kind in {BlockKind.ADDRESS, BlockKind.MAILBOX}:
        return Target(kind, clean_email(typed))
    if kind == BlockKind.PHONE:
        return Target(kind, canonical_phone(typed))
    if kind == BlockKind.DOMAIN:
        domain = domain_of(clean_email(typed if "@" in typed else f"x@{typed}"))
        return Target(kind, domain)
    number = typed.lstrip("#")
    if number.isascii() and number.isdigit() and len(number) < 18:
        found = User.objects.filter(pk=int(number)).first()
    else:
        found = User.objects.by_email(clean_email(typed)).first()
    if found is None or found.needs_second_factor:
        raise ValidationError(_("No citizen's account has that number or e-mail."), code="account")
    return Target(kind, str(found.pk))


def claim_names(kind: str, key: bytes) -> list[Name]:
    """Where the claim meets that name."""
    if kind == BlockKind.ADDRESS:
        return [MarkKey(MarkKind.ADDRESS, key)]
    if kind == BlockKind.DOMAIN:
        return [MarkKey(MarkKind.DOMAIN, key)]
    kinds = {
        BlockKind.MAILBOX: [ScopeKind.EMAIL],
        BlockKind.PHONE: [ScopeKind.PHONE, ScopeKind.STATED_PHONE],
        BlockKind.ACCOUNT: [ScopeKind.ACCOUNT],
    }[BlockKind(kind)]
    return [ScopeKey(kind, key) for kind in kinds]


def contact_names(address: str) -> list[BlockName]:
    """The names that an exact e-mail or an E.164 number alone gives."""
    if "@" not in address:
        return [(BlockKind.PHONE, keyed_hash("phone", address))]
    return [
        (BlockKind.ADDRESS, address_mark(address).key),
        (BlockKind.MAILBOX, email_scope(address).key),
        (BlockKind.DOMAIN, domain_mark(domain_of(address)).key),
    ]


def account_names(account: User) -> list[BlockName]:
    names = [(BlockKind.ACCOUNT, account_scope(account.pk).key)]
    if account.email:
        names += contact_names(account.email)
    if account.phone_hash:
        names.append((BlockKind.PHONE, bytes(account.phone_hash)))
    elif not account.email:
        caller = Caller.objects.filter(account=account).only("phone_hash").first()
        if caller and caller.phone_hash:
            names.append((BlockKind.PHONE, bytes(caller.phone_hash)))
    return names


def one_of(names: Sequence[BlockName]) -> Q:
    """Blocks of one of these names."""
    found = Q(pk__in=[])
    for kind, key in names:
        found |= Q(kind=kind, key=key)
    return found


def of_account(account: User) -> Q:
    """Blocks that ``account`` is under: by a name that it has now, or had when it was blocked."""
    return one_of(account_names(account)) | Q(account_ids__contains=[account.pk])
