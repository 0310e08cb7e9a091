"""In which scopes a booker pays permits (DESIGN 4.5): the account, the canonical mailbox, the verified phone. A caller
who has neither of them pays for the phone that they state, or for the person.
"""

from typing import NamedTuple

from appointments.enums import BASE_CAPS, MarkKind, ScopeKind
from appointments.models import Caller
from mexitel.accounts.models import User
from mexitel.utils.crypto import keyed_hash
from mexitel.utils.emails import canonical_email, domain_of


class ScopeKey(NamedTuple):
    kind: ScopeKind
    key: bytes

    @property
    def cap(self) -> int:
        return BASE_CAPS[self.kind]

    def for_claim(self) -> list:
        return [int(self.kind), self.key.hex(), self.cap]


class MarkKey(NamedTuple):
    """An exact address or a domain, where nobody pays: it is blocked or not."""

    kind: MarkKind
    key: bytes


def account_scope(account_id: int) -> ScopeKey:
    return ScopeKey(ScopeKind.ACCOUNT, keyed_hash("account", str(account_id)))


def email_scope(address: str) -> ScopeKey:
    return ScopeKey(ScopeKind.EMAIL, keyed_hash("email", canonical_email(address)))


def phone_scope(phone_hash: bytes | memoryview) -> ScopeKey:
    return ScopeKey(ScopeKind.PHONE, bytes(phone_hash))


def stated_phone_scope(phone_hash: bytes | memoryview) -> ScopeKey:
    return ScopeKey(ScopeKind.STATED_PHONE, bytes(phone_hash))


def person_scope(identity: bytes | memoryview) -> ScopeKey:
    """``identity`` is appointments.identities.identity_hash of who attends."""
    return ScopeKey(ScopeKind.PERSON, bytes(identity))


def address_mark(address: str) -> MarkKey:
    """``address`` in the one form in which accounts keep it: trimmed, in lower case."""
    return MarkKey(MarkKind.ADDRESS, keyed_hash("address", address))


def domain_mark(domain: str) -> MarkKey:
    return MarkKey(MarkKind.DOMAIN, keyed_hash("domain", domain))


def booker_marks(account: User) -> dict[str, str]:
    """The keys under which the claim asks, in hex."""
    if not account.email:
        return {}
    return {
        "address": address_mark(account.email).key.hex(),
        "domain": domain_mark(domain_of(account.email)).key.hex(),
    }


def booker_scopes(account: User) -> list[ScopeKey]:
    """Every scope in which ``account`` pays, in the claim's lock order. The linked group is added by the
    claim itself.
    """
    scopes = [account_scope(account.pk)]
    if account.email:
        scopes.append(email_scope(account.email))
    if account.phone_verified_at and account.phone_hash:
        scopes.append(phone_scope(account.phone_hash))
    if len(scopes) == 1:
        scopes.append(_caller_scope(account))
    return sorted(scopes)


def _caller_scope(account: User) -> ScopeKey:
    """Nobody without a proven contact books without one of these: whoever is unknown has one place in all."""
    caller = Caller.objects.filter(account=account).only("phone_hash", "person_hash").first()
    if caller and caller.phone_hash:
        return stated_phone_scope(caller.phone_hash)
    if caller and caller.person_hash:
        return person_scope(caller.person_hash)
    return person_scope(keyed_hash("caller", str(account.pk)))
