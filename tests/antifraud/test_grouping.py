"""Bookers that are one actor hold five in all; what stands above it is asked about, youngest first, families last."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from antifraud.live.excess import ask_excess, scopes_above
from antifraud.live.grouping import TooFew, cap_together, end_run_out, uncap
from antifraud.models import Case, CaseAppointment, Grouping, Standing
from appointments.enums import ScopeKind
from appointments.errors import LockFull
from appointments.models import Appointment, Scope
from appointments.services import hold_seats
from appointments.services.hold import Wish
from appointments.services.links import adopt_scopes
from mexitel.audit.models import AuditLine
from mexitel.utils.crypto import keyed_hash
from tests.antifraud.portal_history import a_mother_with, booked
from tests.factories import appointments as make
from tests.factories.appointments import NOW, offered
from tests.factories.blocks import reviewer
from tests.factories.cases import suspected
from tests.factories.ledger import assert_books_balance

pytestmark = pytest.mark.django_db


def holding(*counts, now=NOW):
    """Accounts with so many appointments each, one a minute."""
    accounts = []
    for count in counts:
        account = make.account()
        accounts.append(account)
        for number in range(count):
            booked(account, make.slot(), make.entry(), now=now + timedelta(minutes=number))
    return accounts


def one_more(account, *, now=NOW):
    at = make.slot()
    return hold_seats(account=account, wishes=[Wish(at.pk, 1)], procedure_id=offered(at).pk, now=now)


def together(accounts, *, cap=5, by=None, now=NOW, **more):
    ids = [account.pk for account in accounts]
    return cap_together(account_ids=ids, cap=cap, by=by or reviewer(), reason="Una sola persona.", now=now, **more)


def test_accounts_of_one_actor_hold_five_in_all():
    accounts = holding(2, 1, 0)
    one_more(accounts[0])  # the control: each alone may
    together(accounts)
    one_more(accounts[2])
    with pytest.raises(LockFull) as refused:
        one_more(accounts[1])
    assert refused.value.facts == {"cap": 5, "scope": ScopeKind.GROUP, "active": 5}
    assert_books_balance(now=NOW)
    line = AuditLine.objects.get(action="group.cap")
    assert (line.reason, line.detail["permits"]) == ("Una sola persona.", 4)


def test_what_they_hold_above_the_cap_stays_and_nothing_new_fits():
    accounts = holding(4, 4)
    together(accounts)
    assert Appointment.objects.filter(status="booked").count() == 8
    for account in accounts:
        with pytest.raises(LockFull):
            one_more(account)
    assert_books_balance(now=NOW)


def test_whoever_is_grouped_already_comes_along():
    first, second, third = holding(1, 1, 1)
    earlier = together([first, second])
    larger = together([second, third], cap=3)
    assert larger.account_ids == [first.pk, second.pk, third.pk]
    earlier.refresh_from_db()
    assert earlier.ended_at == NOW
    assert earlier.scope_id == larger.scope_id
    with pytest.raises(LockFull):
        one_more(first)
    assert_books_balance(now=NOW)


def test_two_groups_become_the_older_one():
    accounts = holding(1, 1, 1, 1)
    older, newer = together(accounts[:2]), together(accounts[2:])
    joined = together([accounts[0], accounts[3]], cap=4)
    assert joined.scope_id == older.scope_id
    assert set(Scope.objects.filter(kind=ScopeKind.ACCOUNT).values_list("group", flat=True)) == {older.scope_id}
    assert newer.scope_id != older.scope_id
    with pytest.raises(LockFull):
        one_more(accounts[2])
    assert_books_balance(now=NOW)


def test_a_group_ends_and_each_counts_alone_again():
    accounts = holding(3, 2)
    grouping = together(accounts)
    who = reviewer()
    uncap(grouping_id=grouping.pk, by=who, why="Son dos hermanas.", now=NOW)
    uncap(grouping_id=grouping.pk, by=who, why="Otra vez.", now=NOW)
    one_more(accounts[0])
    assert_books_balance(now=NOW)
    assert AuditLine.objects.get(action="group.end").reason == "Son dos hermanas."


def test_a_group_runs_out_by_itself_and_never_later_than_a_year():
    accounts = holding(3, 2)
    grouping = together(accounts)
    assert end_run_out(now=grouping.ends_at - timedelta(seconds=1)) == 0
    assert end_run_out(now=grouping.ends_at) == 1
    assert not Grouping.objects.standing().exists()
    with pytest.raises(IntegrityError, match="grouping_ends_within_a_year"), transaction.atomic():
        together(accounts, lasts=timedelta(days=366))


def test_one_account_is_no_group():
    [account] = holding(1)
    with pytest.raises(TooFew):
        together([account])


# What stands above --------------------------------------------------------------------------------------------------


class Asked(list):
    """Stands in for the sending of requests; ``standing`` is what it leaves, as the real one does."""

    def __call__(self, *, case, appointment_ids, by, now):
        self.append((case, list(appointment_ids), by))
        CaseAppointment.objects.filter(case=case, appointment__in=appointment_ids).update(standing=Standing.ASKED)

    @property
    def people(self):
        return [pk for _, ids, _ in self for pk in ids]


def ids_of(account):
    return list(Appointment.objects.filter(account=account).order_by("created_at").values_list("pk", flat=True))


def test_the_youngest_bookings_above_the_cap_are_asked_about_once_and_none_is_cancelled():
    first, second = holding(4, 3)
    together([first, second])
    asked = Asked()
    assert ask_excess(ask=asked, now=NOW) == 2
    assert asked.people == [
        ids_of(first)[3],
        *[pk for pk in (ids_of(first)[2], ids_of(second)[2]) if pk in asked.people],
    ]
    assert ask_excess(ask=asked, now=NOW) == 0
    assert set(Appointment.objects.values_list("status", flat=True)) == {"booked"}
    [case] = Case.objects.all()
    assert [reason["code"] for reason in case.reasons] == ["D4"]
    assert (case.score, asked[0][2]) == (sum(reason["points"] for reason in case.reasons), None)


def test_families_come_last():
    family = a_mother_with(3, now=NOW + timedelta(hours=1))  # the youngest bookings of all
    mother = Appointment.objects.get(pk=family[0]).account
    [other] = holding(3)
    together([mother, other])
    asked = Asked()
    ask_excess(ask=asked, now=NOW)
    assert sorted(asked.people) == sorted(ids_of(other)[1:])


def test_the_standing_case_of_these_bookers_takes_it():
    case = suspected(people=3, now=NOW)
    accounts = [one.account for one in case.accounts.select_related("account")]
    together(accounts, cap=2, case=case)
    asked = Asked()
    assert ask_excess(ask=asked, now=NOW) == 1
    assert asked[0][0] == case
    assert Case.objects.count() == 1


def test_a_phone_proven_later_counts_too_and_an_override_that_ended_does_not():
    phone = "+12135550166"
    accounts = holding(4, 4)
    for account in accounts:
        account.phone, account.phone_hash, account.phone_verified_at = phone, keyed_hash("phone", phone), NOW
        account.save()
        adopt_scopes(account=account, now=NOW)
    assert [(above.active, above.excess) for above in scopes_above(now=NOW)] == [(8, 3)]

    Scope.objects.filter(kind=ScopeKind.PHONE).update(override_cap=15, override_until=NOW + timedelta(days=1))
    assert scopes_above(now=NOW) == []
    Scope.objects.filter(kind=ScopeKind.PHONE).update(override_cap=None, override_until=None, cap=15)
    [one] = holding(5)
    Scope.objects.filter(kind=ScopeKind.ACCOUNT).update(cap=3)  # fewer than before, and no link brought anything
    assert scopes_above(now=NOW) == []
    assert one
