"""One booker: found by what a reviewer types, shown with all that was seen and decided; a case opened by hand."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from antifraud.desk.errors import HasCase
from antifraud.desk.queue import visible_cases
from antifraud.models import Appeal, Block, BlockKind, Case, CaseAccount, CaseAssessment, CaseEvent, CaseKind, Decision
from antifraud.names import of_account, target_of
from antifraud.reach import accounts_of
from antifraud.selectors import person_of
from antifraud.services.cases import Found, open_case
from appointments.models import Appointment
from appointments.phone.finding import By, Unreadable, kind_of
from consulates.access import Access
from mexitel.accounts.models import User
from mexitel.audit.services import record

HANDFUL = 10
NUMBER = re.compile(r"#?(\d{1,17})")
RULES_BY_HAND = 1


@dataclass(frozen=True)
class AccountPage:
    """``standing`` is the case that waits, of those that this person may see."""

    account: User
    appointments: list[Appointment]
    cases: list[Case]
    standing: Case | None
    blocks: list[Block]
    appeals: list[Appeal]
    decisions: list[Decision]
    assessments: list[CaseAssessment]


def find_accounts(typed: str) -> list[User]:
    """Citizens' accounts of a mailbox in any spelling, a proven or stated phone, an appointment's reference or an
    account's number; the first ten.
    """
    typed = typed.strip()
    citizens = User.objects.citizens()
    if number := NUMBER.fullmatch(typed):
        found = citizens.filter(pk=int(number[1])).first()
        if found or typed.startswith("#"):
            return [found] if found else []
    try:
        by, text = kind_of(typed)
        if by == By.REFERENCE:
            return list(citizens.filter(pk__in=Appointment.objects.filter(reference=text).values("account_id")))
        kind = BlockKind.MAILBOX if by == By.EMAIL else BlockKind.PHONE
        ids = accounts_of(target_of(kind, text))
    except (Unreadable, ValidationError):
        return []
    return list(citizens.filter(pk__in=ids).order_by("pk")[:HANDFUL])


def account_page(account: User, access: Access, *, now: datetime) -> AccountPage:
    of_cases = CaseAccount.objects.filter(account=account).values("case_id")
    cases = list(visible_cases(access).filter(pk__in=of_cases).order_by("-opened_at").select_related("consulate"))
    ids = [case.pk for case in cases]
    return AccountPage(
        account=account,
        appointments=list(Appointment.objects.for_pages().filter(account=account).order_by("-starts_at")[:100]),
        cases=cases,
        standing=next((case for case in cases if not case.is_over), None),
        blocks=list(Block.objects.filter(of_account(account)).order_by("-proposed_at")[:50]),
        appeals=list(
            Appeal.objects.filter(person=person_of(account))
            .select_related("block")
            .defer("words", "answer")
            .order_by("-asked_at")[:50]
        ),
        decisions=list(Decision.objects.filter(case__in=ids).select_related("author").order_by("-decided_at")[:50]),
        assessments=list(
            CaseAssessment.objects.filter(case__in=ids).order_by("at", "pk").only("at", "score", "case_id")
        ),
    )


@transaction.atomic
def open_by_hand(*, account: User, reviewer: User, why: str, now: datetime) -> Case:
    """A case with this booker's appointments to come, in the reviewer's hand. Raises HasCase.

    ``why`` is kept for colleagues, without names or contacts.
    """
    User.objects.select_for_update(no_key=True).get(pk=account.pk)  # of two reviewers, one opens it
    standing = Case.objects.standing().exclude(kind=CaseKind.STAFF).filter(accounts__account=account).first()
    if standing is not None:
        raise HasCase(standing.pk)
    mine = Appointment.objects.upcoming(now=now).filter(account=account).values_list("pk", flat=True)
    case = open_case(found=Found(RULES_BY_HAND, 0.0, []), account_ids=[account.pk], appointment_ids=mine, now=now)
    CaseEvent.objects.create(case=case, at=now, kind="by_hand", actor=reviewer, detail={"note": why})
    record(actor=reviewer, action="case.open", target=case, now=now, reason=why, office_id=case.consulate_id)
    return case


@dataclass(frozen=True)
class Dot:
    x: float
    y: float
    title: str


@dataclass(frozen=True)
class ScoreLine:
    """Scores over time in a drawing of ``WIDTH`` by ``HEIGHT``; ``threshold`` is the height at which a case opens."""

    points: str
    dots: list[Dot]
    threshold: float
    highest: float


WIDTH, HEIGHT, EDGE = 600, 160, 12


def score_line(assessments: Sequence[Any], *, needed: float) -> ScoreLine | None:
    """None when there is nothing to draw."""
    if not assessments:
        return None
    first, last = assessments[0].at, assessments[-1].at
    span = (last - first).total_seconds() or 1
    top = max([needed, *(one.score for one in assessments)]) * 1.1

    def down(score: float) -> float:
        return round(HEIGHT - EDGE - max(score, 0) / top * (HEIGHT - 2 * EDGE), 1)

    dots = [
        Dot(
            round(EDGE + (one.at - first).total_seconds() / span * (WIDTH - 2 * EDGE), 1), down(one.score),
            f"{one.at:%Y-%m-%d %H:%M} UTC: {one.score:g}",
        )
        for one in assessments
    ]  # fmt: skip
    return ScoreLine(
        points=" ".join(f"{dot.x},{dot.y}" for dot in dots),
        dots=dots,
        threshold=down(needed),
        highest=max(one.score for one in assessments),
    )
