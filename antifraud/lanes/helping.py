"""Registered helpers: who books for others, charges nothing, and says so to those whom they help."""

from datetime import datetime, timedelta

from django.db import transaction

from antifraud.models import Helper, HelperState
from antifraud.services.sightings import note
from appointments.models import CapOverride
from appointments.services.overrides import end_override, raise_cap
from mexitel.accounts.models import User
from mexitel.audit.services import record
from mexitel.outbox.services import publish
from mexitel.utils.db import named_violations

CAP = 15
REGISTERED_FOR = timedelta(days=365)


class HelperError(Exception):
    """Why somebody is not registered, confirmed or withdrawn; ``code`` is stable."""

    code = "helper"


class PhoneMissing(HelperError):
    """A helper can be called: the account has no verified phone."""

    code = "phone_missing"


class AskedAlready(HelperError):
    """A request of this account waits, or it is registered."""

    code = "asked_already"


class DecidedAlready(HelperError):
    """Somebody else decided a moment ago."""

    code = "decided_already"


class OwnRequest(HelperError):
    """Nobody decides about themselves."""

    code = "own_request"


def helper_of(account: User) -> Helper | None:
    """The latest request of ``account``, whatever became of it."""
    return Helper.objects.filter(account=account).order_by("-asked_at", "-pk").first()


@transaction.atomic
def ask(*, account: User, name: str, organisation: str, place: str, now: datetime) -> Helper:
    """A request for a reviewer; sending it is the pledge. Raises PhoneMissing or AskedAlready."""
    if not account.has_verified_phone:
        raise PhoneMissing
    told = {"name": name, "organisation": organisation, "place": place}
    with named_violations({"helper_one_standing_for_an_account": AskedAlready}):
        Helper.objects.filter(account=account, state=HelperState.CONFIRMED, until__lte=now).update(
            state=HelperState.LEFT  # the year is over, and they ask for another
        )
        helper = Helper.objects.create(account=account, pledged_at=now, asked_at=now, **told)
    record(actor=account, action="helper.ask", target=helper, now=now)
    return helper


@transaction.atomic
def confirm(*, helper_id: int, reviewer: User, why: str, now: datetime) -> Helper:
    """Up to 15 appointments at a time, for a year. Raises DecidedAlready or OwnRequest."""
    helper = _locked(helper_id, HelperState.ASKED, reviewer)
    until = now + REGISTERED_FOR
    helper.override = raise_cap(
        account=helper.account, kind=CapOverride.Kind.HELPER, cap=CAP, reason=why, author=reviewer, until=until,
        now=now, name=helper.shown_name,
    )  # fmt: skip
    helper.until = until
    _decide(helper, HelperState.CONFIRMED, reviewer, why, now=now)
    record(actor=reviewer, action="helper.confirmed", target=helper, now=now, reason=why)
    note("helper", now=now, account_id=helper.account_id, until=until.isoformat())
    return helper


@transaction.atomic
def refuse(*, helper_id: int, reviewer: User, why: str, now: datetime) -> Helper:
    """Nothing changes for the person, who reads why and can ask again. Raises DecidedAlready or OwnRequest."""
    helper = _locked(helper_id, HelperState.ASKED, reviewer)
    _decide(helper, HelperState.REFUSED, reviewer, why, now=now)
    record(actor=reviewer, action="helper.refused", target=helper, now=now, reason=why)
    return helper


@transaction.atomic
def withdraw(*, helper_id: int, reviewer: User, why: str, now: datetime) -> Helper:
    """From now on five, like everybody; what was booked stays. Raises DecidedAlready or OwnRequest."""
    helper = _locked(helper_id, HelperState.CONFIRMED, reviewer)
    _decide(helper, HelperState.WITHDRAWN, reviewer, why, now=now)
    record(actor=reviewer, action="helper.withdrawn", target=helper, now=now, reason=why)
    _end(helper, now=now)
    return helper


@transaction.atomic
def leave(*, account: User, now: datetime) -> None:
    """The person stops by themselves."""
    helper = Helper.objects.select_for_update().filter(account=account, state=HelperState.CONFIRMED).first()
    if helper is None:
        return
    helper.state, helper.until = HelperState.LEFT, now
    helper.save(update_fields=["state", "until"])
    _end(helper, now=now)
    record(actor=account, action="helper.leave", target=helper, now=now)


def _end(helper: Helper, *, now: datetime) -> None:
    if helper.override:
        end_override(helper.override, now=now)
    note("helper", now=now, account_id=helper.account_id, until=now.isoformat())


def _locked(helper_id: int, state: HelperState, reviewer: User) -> Helper:
    # The account's row comes with it unlocked: the claim's scopes are what a cap is read under.
    helper = Helper.objects.select_for_update(of=("self",)).select_related("account", "override").get(pk=helper_id)
    if helper.state != state:
        raise DecidedAlready
    if helper.account_id == reviewer.pk:
        raise OwnRequest
    return helper


def _decide(helper: Helper, state: HelperState, reviewer: User, why: str, *, now: datetime) -> None:
    helper.state, helper.decided_by, helper.decided_at, helper.why = state, reviewer, now, why
    helper.save()
    publish(kind="helper.answered", payload={"helper": helper.pk, "state": str(state)}, now=now)
