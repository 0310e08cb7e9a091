"""Reviewers' pages, and what a blocked person reads. Blocks are of no office: whoever reviews sees them all."""

from datetime import timedelta

from antifraud.desk.deciding import Choice, decide
from antifraud.desk.views.shared import account_mark
from antifraud.models import Act, SecondLook, Verdict
from antifraud.services.appeals import file_appeal
from consulates.models import Role
from mexitel.utils.time import now
from tests.factories.accounts import UserFactory
from tests.factories.blocks import blocked, proposed, reviewer
from tests.factories.cases import suspected
from tests.factories.redress import cancelled
from tests.staff.matrix import Open, Staff

REVIEWERS = frozenset({Role.REVIEWER, Role.SENIOR_REVIEWER})
CALLERS = frozenset({Role.DESK_CLERK, Role.PHONE_AGENT, Role.OFFICE_MANAGER})


def a_proposal(world):
    return {"block_id": proposed("account", str(UserFactory().pk)).pk}


def an_appeal(world):
    block = blocked("account", str(UserFactory().pk))
    return {"appeal_id": file_appeal(block_id=block.pk, person=b"p" * 32, words="-", by=None, now=now()).pk}


def a_case(world):
    return {"case_id": suspected(people=1).pk}


def a_decision(world):
    case = suspected(people=1, starts_at=now() + timedelta(days=1))
    choice = Choice(Act.CANCEL, "hoarded", "-")
    return {"decision_id": decide(case_id=case.pk, choice=choice, reviewer=reviewer(), now=now()).pk}


def an_account(world):
    return {"mark": account_mark(UserFactory().pk)}


def a_cancellation(world):
    return {"token_id": cancelled(now=now()).token.pk}


def a_drawn_case(world):
    drawn = SecondLook.objects.create(
        case=cancelled(now=now()).case, lot=0, drawn_at=now(), first_by=reviewer(), first_verdict=Verdict.BROKER
    )
    return {"case_id": drawn.pk}


DESK = {
    "staff_cases": Staff(get=REVIEWERS),
    "staff_case_next": Staff(post=REVIEWERS),
    "staff_cases_decide": Staff(post=REVIEWERS),
    "staff_desk_keys": Staff(post=REVIEWERS),
    "staff_case": Staff(get=REVIEWERS, kwargs=a_case, of_office=False),
    "staff_case_reveal": Staff(post=REVIEWERS, kwargs=a_case, of_office=False),
    "staff_case_take": Staff(post=REVIEWERS, kwargs=a_case, of_office=False),
    "staff_case_decide": Staff(
        get=REVIEWERS, post=REVIEWERS, kwargs=lambda world: a_case(world) | {"slug": "descartar"}, of_office=False
    ),
    "staff_decisions": Staff(get=REVIEWERS),
    "staff_decision": Staff(get=REVIEWERS, post=REVIEWERS, kwargs=a_decision, of_office=False),
    "staff_accounts": Staff(get=REVIEWERS, post=REVIEWERS),
    "staff_account": Staff(get=REVIEWERS, post=REVIEWERS, kwargs=an_account, of_office=False),
    "staff_account_reveal": Staff(post=REVIEWERS, kwargs=an_account, of_office=False),
}

ROWS = DESK | {
    "cancelled_by_review": Open(),
    "place_by_token": Open(),
    "staff_review_caller": Staff(get=CALLERS, post=CALLERS),
    "staff_review_ask": Staff(get=CALLERS, post=CALLERS, kwargs=a_cancellation, of_office=False),
    "staff_second_looks": Staff(get=REVIEWERS),
    "staff_second_look": Staff(get=REVIEWERS, post=REVIEWERS, kwargs=a_drawn_case, of_office=False),
    "own_block": Open(),
    "block_by_link": Open(),
    "staff_blocks": Staff(get=REVIEWERS, post=REVIEWERS),
    "staff_block_new": Staff(get=REVIEWERS, post=REVIEWERS),
    "staff_block": Staff(get=REVIEWERS, post=REVIEWERS, kwargs=a_proposal, of_office=False),
    "staff_blocks_confirm": Staff(post=REVIEWERS),
    "staff_appeals": Staff(get=REVIEWERS),
    "staff_appeal": Staff(get=REVIEWERS, post=REVIEWERS, kwargs=an_appeal, of_office=False),
}
