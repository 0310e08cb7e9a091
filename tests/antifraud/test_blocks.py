"""What a block hits, what it spares, and how it ends."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from antifraud.errors import DecidedAlready, EverybodysDomain, SecondPersonNeeded, StandsAlready
from antifraud.models import Block, BlockKind, BlockReason, BlockState
from antifraud.models.block import STEPS
from antifraud.names import target_of
from antifraud.providers import is_everybodys
from antifraud.reach import MOST_ATTENDED
from antifraud.selectors import blocks_of, must_finish_by_phone
from antifraud.services.appeals import file_appeal
from antifraud.services.blocks import confirm_block, end_run_out, lift_block, propose_block, reject_block
from appointments.models import Appointment, BlockedMark, Scope
from appointments.services.callers import register_caller
from mexitel.audit.models import AuditLine
from mexitel.utils import retention
from tests.factories import appointments as make
from tests.factories.accounts import UserFactory
from tests.factories.appointments import NOW
from tests.factories.blocks import NOTE, blocked, proposed, reviewer

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)


def can_hold(account, *, now=NOW):
    """Whether a new hold is given; the refusal's code when not."""
    answer = make.hold(account, make.slot(seats=9), now=now)
    return answer.ok or answer.code


@pytest.mark.parametrize(
    ("kind", "typed", "hit", "spared"),
    [
        ("address", "ana.ruiz@gmail.com", "ana.ruiz@gmail.com", "anaruiz@gmail.com"),
        ("mailbox", "ana.ruiz@gmail.com", "a.naruiz+2@googlemail.com", "ana.ruizz@gmail.com"),
        ("mailbox", "ana+x@correo.example", "ana+x@correo.example", "ana@correo.example"),
        ("domain", "venta.example", "x@venta.example", "x@una.venta.example"),
    ],
    ids=["address", "mailbox", "unknown-domain-keeps-its-tag", "domain"],
)
def test_block_hits_its_name_and_nobody_else(kind, typed, hit, spared):
    before = make.account(hit)
    blocked(kind, typed)

    assert can_hold(before) == "blocked"
    assert can_hold(make.account(spared)) is True


@pytest.mark.parametrize(
    ("kind", "typed", "email"),
    [
        ("address", "nueva@correo.example", "nueva@correo.example"),
        ("mailbox", "nueva@gmail.com", "n.ueva@gmail.com"),
        ("domain", "venta.example", "nueva@venta.example"),
    ],
)
def test_account_that_comes_after_the_block_is_born_blocked(kind, typed, email):
    blocked(kind, typed)

    assert can_hold(make.account(email)) == "blocked"


def test_phone_is_blocked_whether_it_is_verified_or_only_stated():
    agent = reviewer()
    caller = register_caller(phone="+12135550177", agent=agent, now=NOW)
    owner = make.account("duena@correo.example", phone="+12135550177")
    blocked("phone", "213 555 0177")

    assert can_hold(caller) == "blocked"
    assert can_hold(owner) == "blocked"
    assert can_hold(make.account(phone="+12135550178")) is True


def test_whoever_is_blocked_stays_so_with_another_address():
    account = make.account("ana@gmail.com")
    blocked("mailbox", "ana@gmail.com")
    account.email = "otra@correo.example"
    account.save()

    assert can_hold(account) == "blocked"
    assert len(blocks_of(account, now=NOW)) == 1


def test_appointments_that_stand_stay():
    account = make.account("ana@gmail.com")
    [booked] = make.book(account, make.slot())
    blocked("mailbox", "ana@gmail.com")

    assert Appointment.objects.get(pk=booked).status == "booked"
    assert make.cancel(account, booked).ok


def test_hold_that_is_open_is_not_confirmed():
    account = make.account("ana@venta.example")
    held = make.hold(account, make.slot())
    blocked("domain", "venta.example")

    assert make.confirm(account, held).code == "blocked"


def test_block_ends_by_the_clock_without_any_task():
    account = make.account("ana@venta.example")
    block = blocked("domain", "venta.example")
    make.session(seats=9, starts_at=block.ends_at + timedelta(days=9))

    assert can_hold(account, now=NOW) == "blocked"
    assert blocks_of(account, now=block.ends_at - timedelta(seconds=1))
    assert blocks_of(account, now=block.ends_at) == []
    at = make.slot(seats=1, starts_at=block.ends_at + timedelta(days=9))
    assert make.hold(account, at, now=block.ends_at - timedelta(seconds=1)).code == "blocked"
    assert make.hold(account, at, now=block.ends_at).ok
    assert Block.objects.get().state == BlockState.CONFIRMED
    assert (end_run_out(now=block.ends_at), end_run_out(now=block.ends_at)) == (1, 0)
    assert Block.objects.get().state == BlockState.ENDED


def test_first_time_180_days_then_365_and_what_was_overturned_does_not_count():
    lengths = []
    for state in (BlockState.OVERTURNED, BlockState.LIFTED, BlockState.ENDED):
        block = blocked("mailbox", "ana@gmail.com")
        lengths.append((block.ends_at - block.starts_at).days)
        if state == BlockState.ENDED:
            end_run_out(now=block.ends_at)
        else:
            lift_block(block_id=block.pk, reviewer=reviewer(), why="x", now=NOW, state=state)

    assert lengths == [180, 180, 365]


@pytest.mark.parametrize("kind", list(BlockKind))
def test_lifting_frees_at_once(kind):
    account = make.account("ana@venta.example", phone="+12135550177")
    typed = {"domain": "venta.example", "phone": account.phone}.get(kind, account.email)
    block = blocked(kind, typed)
    assert can_hold(account) == "blocked"

    lift_block(block_id=block.pk, reviewer=reviewer(), why="Fue un error.", now=NOW)

    assert can_hold(account) is True
    assert not BlockedMark.objects.exists()
    assert not Scope.objects.exclude(blocked_until=None).exists()


def test_lifting_one_of_two_blocks_leaves_the_other():
    account = make.account("ana@gmail.com")
    mailbox, own = blocked("mailbox", account.email), blocked("account", account.email)

    lift_block(block_id=own.pk, reviewer=reviewer(), why="x", now=NOW)
    assert can_hold(account) == "blocked"
    lift_block(block_id=mailbox.pk, reviewer=reviewer(), why="x", now=NOW)

    assert can_hold(account) is True


def test_proposal_blocks_nobody_and_asks_for_the_telephone_for_a_day():
    account = make.account("ana@gmail.com")
    block = proposed("mailbox", "a.na@gmail.com")

    assert can_hold(account) is True
    assert must_finish_by_phone(account, now=NOW + timedelta(hours=23, minutes=59))
    assert not must_finish_by_phone(account, now=NOW + timedelta(hours=24))
    reject_block(block_id=block.pk, reviewer=reviewer(), why="Es una familia.", now=NOW)
    assert not must_finish_by_phone(account, now=NOW)


@pytest.mark.parametrize("domain", ["gmail.com", "hotmail.com.mx", "privaterelay.appleid.com", "sre.gob.mx"])
def test_domain_of_a_provider_is_refused(domain):
    assert is_everybodys(domain)
    with pytest.raises(EverybodysDomain):
        proposed("domain", domain)


def attend(how_many):
    for n in range(how_many):
        account = make.account(f"persona{n}@empresa.example")
        Appointment.objects.filter(pk__in=make.book(account, make.slot())).update(status="attended")


def test_domain_of_many_people_who_came_is_refused_also_when_they_came_meanwhile():
    attend(MOST_ATTENDED)
    block = proposed("domain", "empresa.example")
    account = make.account("una-mas@empresa.example")
    Appointment.objects.filter(pk__in=make.book(account, make.slot())).update(status="attended")

    with pytest.raises(EverybodysDomain):
        confirm_block(block_id=block.pk, reviewer=reviewer(), now=NOW)
    assert can_hold(account) is True


def test_domain_needs_two_people():
    author, second = reviewer(), reviewer()
    block = proposed("domain", "venta.example", by=author)

    with pytest.raises(SecondPersonNeeded):
        confirm_block(block_id=block.pk, reviewer=author, now=NOW)
    confirmed = confirm_block(block_id=block.pk, reviewer=second, now=NOW)

    assert (confirmed.author, confirmed.approver) == (author, second)


def test_machine_proposes_no_domain():
    target = target_of(BlockKind.DOMAIN, "venta.example")
    with pytest.raises(IntegrityError, match="block_of_a_domain_proposed_by_a_person"), transaction.atomic():
        propose_block(target=target, reason=BlockReason.HOARDED, note=NOTE, by=None, now=NOW)


def test_name_has_one_standing_block():
    proposed("mailbox", "ana@gmail.com")
    with pytest.raises(StandsAlready):
        proposed("mailbox", "a.na+1@googlemail.com")


def test_second_decision_comes_too_late():
    block = blocked("mailbox", "ana@gmail.com")
    with pytest.raises(DecidedAlready):
        reject_block(block_id=block.pk, reviewer=reviewer(), why="x", now=NOW)


def set_state(block, state):
    """Whatever the other columns must say for that state."""
    closed = state not in {BlockState.PROPOSED, BlockState.CONFIRMED}
    by_person = closed and state != BlockState.ENDED
    Block.objects.filter(pk=block.pk).update(
        state=state,
        author=reviewer(),
        closed_at=NOW if closed else None,
        closed_by=reviewer() if by_person else None,
        closed_why="x" if by_person else "",
    )


def in_state(state):
    block = proposed("account", str(UserFactory().pk))
    way = {BlockState.PROPOSED: [], BlockState.CONFIRMED: [state], BlockState.REJECTED: [state]}
    for step in way.get(state, [BlockState.CONFIRMED, state]):
        set_state(block, step)
    return block


@pytest.mark.parametrize("before", list(BlockState))
def test_database_allows_the_steps_of_the_table_and_no_other(before):
    for after in BlockState:
        block = in_state(before)
        if after in STEPS[before]:
            set_state(block, after)
        else:
            with pytest.raises(IntegrityError, match="cannot go to"), transaction.atomic():
                set_state(block, after)


def test_no_name_is_kept_in_a_block():
    """Domains are nobody's own and are shown; of everything else only hash and mask stay."""
    account = make.account("secreta.persona@gmail.com", phone="+12135550177")
    for kind, typed in [
        ("address", account.email), ("mailbox", account.email), ("phone", account.phone), ("account", account.email),
    ]:  # fmt: skip
        blocked(kind, typed)
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(b::text, ' ') FROM antifraud_block b")
        kept = cursor.fetchone()[0]
        cursor.execute("SELECT string_agg(l::text, ' ') FROM audit_line l")
        kept += cursor.fetchone()[0]

    assert "secreta" not in kept
    assert "5550177" not in kept
    assert "•••" in kept


def test_blocks_are_forgotten_two_years_after_they_closed_and_rejected_ones_after_90_days():
    ended, rejected = blocked("mailbox", "ana@gmail.com"), proposed("mailbox", "eva@gmail.com")
    file_appeal(block_id=ended.pk, person=b"p" * 32, words="x", by=None, now=NOW)
    for step, block in [(lift_block, ended), (reject_block, rejected)]:
        step(block_id=block.pk, reviewer=reviewer(), why="x", now=NOW)

    left = []
    for days in (90, 91, 730, 731):
        retention.apply(now=NOW + timedelta(days=days), tables={"antifraud_appeal", "antifraud_block"})
        left.append(set(Block.objects.values_list("pk", flat=True)))
    assert left == [{ended.pk, rejected.pk}, {ended.pk}, {ended.pk}, set()]


def test_every_step_leaves_a_line():
    block = blocked("mailbox", "ana@gmail.com")
    lift_block(block_id=block.pk, reviewer=reviewer(), why="Fue un error.", now=NOW)

    lines = AuditLine.objects.filter(object_type="antifraud.block").order_by("id")
    assert [(line.action, line.reason) for line in lines] == [
        ("block.propose", NOTE), ("block.confirm", NOTE), ("block.lift", "Fue un error."),
    ]  # fmt: skip
