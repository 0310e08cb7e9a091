"""Bookers whom a reviewer found to be one actor hold five in all: one group scope beside their own (DESIGN 4.5)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction

from antifraud.models import Case, Grouping
from antifraud.models.reading import COUNTED_TOGETHER
from appointments.services.links import link_accounts, unlink_accounts
from mexitel.accounts.models import User
from mexitel.audit.services import record


class TooFew(ValueError):
    """One account counts alone already."""


@transaction.atomic
def cap_together(
    *, account_ids: Sequence[int], cap: int, by: User, reason: str, now: datetime, case: Case | None = None,
    lasts: timedelta = COUNTED_TOGETHER,
) -> Grouping:  # fmt: skip
    """From now until ``now + lasts`` these accounts hold ``cap`` appointments in all, whatever each could alone.

    Whoever is grouped with one of them already comes along. What they hold above the cap stays, and nothing new fits
    until it ends. ``by`` is the reviewer who confirmed it, ``reason`` their words. Raises TooFew.
    """
    _one_at_a_time()
    earlier = list(Grouping.objects.standing().filter(account_ids__overlap=list(account_ids)).select_for_update())
    members = sorted({*account_ids, *(pk for one in earlier for pk in one.account_ids)})
    accounts = list(User.objects.filter(pk__in=members, is_staff=False).order_by("pk"))
    if len(accounts) < 2:
        raise TooFew
    for one in earlier:
        one.ended_at = now
        one.save(update_fields=["ended_at"])
    scope_id, brought = link_accounts(accounts=accounts, cap=cap, now=now)
    grouping = Grouping.objects.create(
        scope_id=scope_id, account_ids=[account.pk for account in accounts], cap=cap, case=case, author=by,
        reason=reason, starts_at=now, ends_at=now + lasts,
    )  # fmt: skip
    detail = {"accounts": len(accounts), "cap": cap, "permits": brought, "case": case.pk if case else None}
    record(actor=by, action="group.cap", target=grouping, now=now, reason=reason, detail=detail)
    return grouping


@transaction.atomic
def uncap(*, grouping_id: int, by: User | None, why: str, now: datetime) -> None:
    """Each counts alone again; ``by`` is None when it ran out. Ending what has ended changes nothing."""
    _one_at_a_time()
    grouping = Grouping.objects.standing().select_for_update().filter(pk=grouping_id).first()
    if grouping is None:
        return
    unlink_accounts(
        accounts=list(User.objects.filter(pk__in=grouping.account_ids).order_by("pk")),
        scope_id=grouping.scope_id,
        now=now,
    )
    grouping.ended_at, grouping.ended_by, grouping.ended_why = now, by, why
    grouping.save(update_fields=["ended_at", "ended_by", "ended_why"])
    record(actor=by, action="group.end", target=grouping, now=now, reason=why)


def end_run_out(*, now: datetime) -> int:
    """Groupings whose end has come; how many."""
    over = list(Grouping.objects.standing().filter(ends_at__lte=now).order_by("pk").values_list("pk", flat=True))
    for pk in over:
        uncap(grouping_id=pk, by=None, why="", now=now)
    return len(over)


def _one_at_a_time() -> None:
    """Reviewers' acts are few: they wait for each other instead of meeting half-way."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('antifraud.grouping'))")
