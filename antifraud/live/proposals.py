"""Contacts that a machine proposes to block: what stands in a case and many of its accounts share. A person decides.

Until then, for at most 24 hours, their bookers finish by phone (antifraud.selectors.must_finish_by_phone).
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import override

from antifraud.errors import BlockError
from antifraud.identities import mailbox_of
from antifraud.models import Block, BlockKind, BlockReason, Case, CaseKind
from antifraud.names import Target
from antifraud.services.blocks import propose_block
from mexitel.accounts.models import User
from mexitel.utils.emails import canonical_email

# Bits of the contact group below which contacts are no reason to block one.
STRONG = 2.0
# One mailbox in so many spellings, one proven phone on so many accounts.
SPELLINGS, ACCOUNTS = 2, 3
# What the person would read, by the reason that weighs most in the case.
REASONS = {"D3": BlockReason.TRADED, "D1": BlockReason.SPUN, "D2": BlockReason.SPUN, "E2": BlockReason.INVENTED}


def propose_due(*, now: datetime) -> int:
    """Propose the contacts of every standing case that rest on strong evidence; how many. Each name once for a case."""
    cases = Case.objects.standing().filter(kind=CaseKind.BROKER).order_by("opened_at", "pk")
    return sum(_propose_for(case, now=now) for case in cases.iterator() if is_strong(case))


def is_strong(case: Case) -> bool:
    return sum(one["points"] for one in case.reasons if one["group"] == "contact" and one["points"] > 0) >= STRONG


def _propose_for(case: Case, *, now: datetime) -> int:
    proposed = 0
    for target in shared_contacts(case):
        known = Block.objects.filter(kind=target.kind, key=target.key)
        # Who was looked at since the case began, whatever came of it, is not proposed again.
        if known.filter(proposed_at__gte=case.opened_at).exists() or known.in_force(now=now).exists():
            continue
        try:
            propose_block(target=target, reason=reason_of(case), note=_note(case), by=None, now=now)
        except BlockError:
            continue
        proposed += 1
    return proposed


def shared_contacts(case: Case) -> Iterator[Target]:
    """Mailboxes that are several of the case's accounts, or thrown away; phones that many of them have proven."""
    accounts = list(User.objects.filter(pk__in=case.accounts.values("account"), is_staff=False).order_by("pk"))
    boxes: dict[str, list[str]] = {}
    for account in accounts:
        if account.email:
            boxes.setdefault(canonical_email(account.email), []).append(account.email)
    for spellings in boxes.values():
        if len(spellings) >= SPELLINGS or mailbox_of(spellings[0]).disposable:
            yield Target(BlockKind.MAILBOX, spellings[0])
    phones = Counter(account.phone for account in accounts if account.phone)
    for phone, count in phones.items():
        if count >= ACCOUNTS:
            yield Target(BlockKind.PHONE, phone)


def reason_of(case: Case) -> BlockReason:
    heaviest = max((one for one in case.reasons if one["code"] in REASONS), key=lambda one: one["points"], default=None)
    return REASONS[heaviest["code"]] if heaviest else BlockReason.HOARDED


def _note(case: Case) -> str:
    """Read by colleagues, who work in Spanish."""
    with override("es"):
        return _("Proposed by the system: case %(case)d, shared contacts.") % {"case": case.pk}
