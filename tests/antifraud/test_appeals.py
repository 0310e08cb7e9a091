from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from antifraud.errors import AnotherPersonNeeded, AppealOpen, DecidedAlready, NotBlocked
from antifraud.models import Appeal, Block, BlockState
from antifraud.selectors import person_of
from antifraud.services.appeals import decide_appeal, file_appeal
from antifraud.services.blocks import lift_block
from mexitel.audit.models import AuditLine
from tests.factories import appointments as make
from tests.factories.appointments import NOW
from tests.factories.blocks import blocked, reviewer

pytestmark = pytest.mark.django_db
WORDS = "Saco citas para mis cuatro hijos."


def appealed(kind="mailbox", email="ana@gmail.com", by=None):
    account = make.account(email)
    block = blocked(kind, "venta.example" if kind == "domain" else email, by=by)
    return account, file_appeal(block_id=block.pk, person=person_of(account), words=WORDS, by=account, now=NOW)


def decide(appeal, who, *, overturn=True):
    return decide_appeal(appeal_id=appeal.pk, reviewer=who, overturn=overturn, answer="Lo revisé.", now=NOW)


def test_overturning_lifts_and_the_person_books_at_once():
    account, appeal = appealed()
    decide(appeal, reviewer())

    assert Block.objects.get().state == BlockState.OVERTURNED
    assert make.hold(account, make.slot()).ok


def test_upholding_leaves_the_block_and_answers():
    account, appeal = appealed()
    answered = decide(appeal, reviewer(), overturn=False)

    assert (answered.state, answered.answer) == ("upheld", "Lo revisé.")
    assert make.hold(account, make.slot()).code == "blocked"


def test_answer_is_due_in_72_hours():
    _account, appeal = appealed()

    assert appeal.answer_by == NOW + timedelta(hours=72)


def test_whoever_blocked_does_not_decide():
    author = reviewer()
    _account, appeal = appealed(by=author)

    with pytest.raises(AnotherPersonNeeded):
        decide(appeal, author)
    with pytest.raises(IntegrityError, match="appeal_decided_by_another_person"), transaction.atomic():
        Appeal.objects.update(state="upheld", decided_by=author, decided_at=NOW)


def test_neither_of_the_two_who_blocked_a_domain_decides():
    _account, appeal = appealed("domain", "ana@venta.example")
    block = Block.objects.get()

    for who in (block.author, block.approver):
        with pytest.raises(AnotherPersonNeeded):
            decide(appeal, who)
    decide(appeal, reviewer())


def test_one_open_appeal_for_a_person_and_block():
    account, appeal = appealed()
    again = {"block_id": appeal.block_id, "person": person_of(account), "words": WORDS, "by": account, "now": NOW}
    with pytest.raises(AppealOpen):
        file_appeal(**again)
    decide(appeal, reviewer(), overturn=False)

    assert file_appeal(**again).state == "open"


def test_decided_once():
    _account, appeal = appealed()
    decide(appeal, reviewer(), overturn=False)
    with pytest.raises(DecidedAlready):
        decide(appeal, reviewer())


def test_no_appeal_against_what_is_over():
    account = make.account("ana@gmail.com")
    block = blocked("mailbox", account.email)
    lift_block(block_id=block.pk, reviewer=reviewer(), why="x", now=NOW)
    with pytest.raises(NotBlocked):
        file_appeal(block_id=block.pk, person=person_of(account), words=WORDS, by=account, now=NOW)


def test_overturning_after_the_block_was_lifted_is_an_answer_and_no_error():
    _account, appeal = appealed()
    lift_block(block_id=appeal.block_id, reviewer=reviewer(), why="x", now=NOW)
    decide(appeal, reviewer())

    assert Block.objects.get().state == BlockState.LIFTED


def test_words_are_sealed_and_every_step_leaves_a_line():
    _account, appeal = appealed()
    decide(appeal, reviewer(), overturn=False)
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(a::text, ' ') FROM antifraud_appeal a")
        assert "hijos" not in cursor.fetchone()[0]

    lines = AuditLine.objects.filter(object_type="antifraud.appeal").order_by("id").values_list("action", flat=True)
    assert list(lines) == ["appeal.file", "appeal.uphold"]
