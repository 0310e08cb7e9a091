"""Contacts of standing cases that a machine proposes to block: once, never a domain, and a person decides."""

from dataclasses import replace
from datetime import timedelta

import pytest

from antifraud.live.proposals import propose_due
from antifraud.models import Block, BlockKind, BlockReason, BlockState, Case
from antifraud.selectors import must_finish_by_phone
from antifraud.services.blocks import reject_block
from appointments.models import Appointment
from mexitel.utils.crypto import keyed_hash
from tests.factories.appointments import NOW
from tests.factories.blocks import reviewer
from tests.factories.cases import FOUND, suspected

pytestmark = pytest.mark.django_db
WEAK = replace(FOUND, reasons=[one for one in FOUND.reasons if one["group"] != "contact"])


def bookers(case):
    return [one.account for one in case.accounts.select_related("account").order_by("account")]


def test_the_mailbox_of_a_case_is_proposed_once_and_blocks_nobody():
    case = suspected(now=NOW)
    assert propose_due(now=NOW) == 1
    assert propose_due(now=NOW + timedelta(minutes=10)) == 0
    block = Block.objects.get()
    assert (block.kind, block.state, block.by_machine) == (BlockKind.MAILBOX, BlockState.PROPOSED, True)
    assert block.reason == BlockReason.TRADED
    assert block.note == f"Propuesto por el sistema: caso {case.pk}, contactos compartidos."
    assert block.account_ids == [account.pk for account in bookers(case)]
    assert set(Appointment.objects.values_list("status", flat=True)) == {"booked"}
    one = bookers(case)[0]
    assert must_finish_by_phone(one, now=NOW)
    assert not must_finish_by_phone(one, now=NOW + timedelta(hours=24))


def test_what_a_person_rejected_is_not_proposed_again_for_that_case():
    suspected(now=NOW)
    propose_due(now=NOW)
    reject_block(block_id=Block.objects.get().pk, reviewer=reviewer(), why="Una familia.", now=NOW)
    assert propose_due(now=NOW + timedelta(minutes=10)) == 0
    suspected(now=NOW + timedelta(days=1))
    assert propose_due(now=NOW + timedelta(days=1)) == 1  # of the other case, whose mailbox is another


def test_a_phone_on_three_accounts_is_proposed_and_on_two_is_not():
    case = suspected(people=3, now=NOW)
    one, two, three = bookers(case)
    phone = "+12135550155"
    for number, account in enumerate((one, two, three)):
        account.email = f"persona.{number}@example.com"
        account.phone, account.phone_hash, account.phone_verified_at = phone, keyed_hash("phone", phone), NOW
    for account in (one, two):
        account.save()
    three.email, three.phone, three.phone_hash, three.phone_verified_at = "persona.3@example.com", "", None, None
    three.save()
    assert propose_due(now=NOW) == 0
    three.phone, three.phone_hash, three.phone_verified_at = phone, keyed_hash("phone", phone), NOW
    three.save()
    assert propose_due(now=NOW) == 1
    assert Block.objects.get().kind == BlockKind.PHONE


def test_a_throw_away_mailbox_is_proposed_alone():
    case = suspected(people=1, now=NOW)
    [account] = bookers(case)
    assert propose_due(now=NOW) == 0
    account.email = "alguien@mailinator.com"
    account.save()
    assert propose_due(now=NOW) == 1
    assert Block.objects.get().kind == BlockKind.MAILBOX  # never the domain


def test_without_strong_contact_evidence_or_after_the_case_nothing_is_proposed():
    suspected(now=NOW, found=WEAK)
    assert propose_due(now=NOW) == 0
    closed = suspected(now=NOW)
    Case.objects.filter(pk=closed.pk).update(state="closed", verdict="legitimate", closed_by=reviewer(), closed_at=NOW)
    assert propose_due(now=NOW) == 0
