"""This room's part of "download my data": what fairness keeps about an account, in words, and how often staff looked.

Of a case that nobody has decided yet it says that there is one and when somebody looks at it; its points come with the
decision, so that nobody tries out how far they can go (docs/adr/0017).
"""

from typing import Any

from django.utils import translation

from antifraud.models import Appeal, Block, Case, Decision, PriorityToken
from antifraud.names import of_account
from antifraud.redress.words import evidence_of, why
from antifraud.selectors import person_of
from mexitel.accounts.models import User
from mexitel.audit.models import AuditLine

LOOKS = ("block.see", "appeal.see", "case.see", "account.see", "second_look.see", "redress.see_call")


def own_data(user: User) -> dict:
    """Ready for JSON, in the account's language."""
    with translation.override(user.language):
        cases = list(Case.objects.filter(accounts__account=user).order_by("opened_at", "pk"))
        decisions = Decision.objects.filter(tokens__account=user).distinct().order_by("decided_at", "pk")
        blocks = list(Block.objects.filter(of_account(user)).order_by("proposed_at", "pk"))
        appeals = list(Appeal.objects.filter(person=person_of(user)).order_by("asked_at", "pk"))
        return {
            "fairness": {
                "blocks": [_block(one) for one in blocks],
                "cases": [_case(one) for one in cases],
                "cancellations": [_decision(one, user) for one in decisions],
                "reviews": [_appeal(one) for one in appeals],
                "looked_at_by_staff": _looks(user, blocks, cases, appeals),
            }
        }


def _block(block: Block) -> dict[str, Any]:
    return {
        "what": block.mask,
        "why": block.get_reason_display(),
        "state": block.state,
        "from": block.starts_at.isoformat(),
        "until": block.ends_at.isoformat(),
    }


def _case(case: Case) -> dict[str, Any]:
    told: dict[str, Any] = {"opened_at": case.opened_at.isoformat(), "state": case.state}
    if not case.is_closed:
        return told | {"somebody_looks_by": case.act_by.isoformat()}
    return told | {
        "closed_at": case.closed_at.isoformat() if case.closed_at else None,
        "verdict": case.verdict,
        "points": case.score,
        "reasons": evidence_of(case.reasons),
    }


def _decision(decision: Decision, user: User) -> dict[str, Any]:
    tokens = PriorityToken.objects.filter(decision=decision, account=user).select_related("appointment", "used_for")
    return {
        "decided_at": decision.decided_at.isoformat(),
        "why": why(decision.reason),
        "undone_at": decision.overturned_at.isoformat() if decision.overturned_at else None,
        "appointments": [
            {
                "reference": token.appointment.reference,
                "place_before_others_until": token.expires_at.isoformat(),
                "given_instead": token.used_for.reference if token.used_for else None,
            }
            for token in tokens.order_by("pk")
        ],
    }


def _appeal(appeal: Appeal) -> dict[str, Any]:
    return {
        "asked_at": appeal.asked_at.isoformat(),
        "answer_by": appeal.answer_by.isoformat(),
        "words": appeal.words,
        "state": appeal.state,
        "answered_at": appeal.decided_at.isoformat() if appeal.decided_at else None,
        "answer": appeal.answer or None,
    }


def _looks(user: User, *groups: list) -> int:
    """How often somebody of the staff opened the account or one of these rows, from the audit trail."""
    targets = {("accounts.user", str(user.pk))}
    targets |= {(row._meta.label_lower, str(row.pk)) for rows in groups for row in rows}
    found = AuditLine.objects.filter(action__in=LOOKS, object_id__in=[pk for _kind, pk in targets])
    return sum(pair in targets for pair in found.values_list("object_type", "object_id"))
