"""Write, rehearse, agree to and withdraw rule sets. Each is one transaction and leaves a line of audit."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from antifraud.models import Rehearsal, RehearsalState, RuleSetRecord, RuleSetState
from antifraud.oversight.errors import NoDraft, NotRehearsed, NotYourDraft, RehearsesAlready, SamePerson
from antifraud.oversight.soundness import check, digest_of
from antifraud.rulesets import FOLDER, newest
from mexitel.accounts.models import User
from mexitel.audit.services import record
from mexitel.utils.db import named_violations

REHEARSED_DAYS = 28
FROM_THE_BEGINNING = datetime(2021, 1, 1, tzinfo=UTC)
NUMBERING = 0x72756C65  # an advisory lock: two drafts at once get two numbers


def standing(*, now: datetime) -> RuleSetRecord:
    """The record that is in force."""
    return RuleSetRecord.objects.in_force(now=now).first() or _first()


def _first() -> RuleSetRecord:
    """Number 1, which comes with the code: the migration writes it, and so does whoever finds an emptied table."""
    data = json.loads((FOLDER / "ruleset-1.json").read_text())
    columns = dict.fromkeys(("created_at", "published_at", "in_force_from"), FROM_THE_BEGINNING)
    told = {"data": data, "digest": digest_of(data), "note": "As the code brings it.", "state": RuleSetState.PUBLISHED}
    return RuleSetRecord.objects.get_or_create(number=1, defaults={**told, **columns})[0]


@transaction.atomic
def draft(*, data: Mapping[str, Any], note: str, by: User, now: datetime) -> RuleSetRecord:
    """A new draft under the next number, which replaces whatever number ``data`` has. Raises UnsoundRuleSet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [NUMBERING])
    last = RuleSetRecord.objects.aggregate(last=Max("number"))["last"] or 1
    number = max(last, newest()) + 1  # numbers of the code's own sets are never a draft's
    numbered = {**data, "number": number}
    check(numbered)
    made = RuleSetRecord.objects.create(
        number=number, data=numbered, digest=digest_of(numbered), note=note, author=by, created_at=now
    )
    record(actor=by, action="ruleset.draft", target=made, now=now, reason=note, detail={"number": number})
    return made


@transaction.atomic
def edit(*, number: int, data: Mapping[str, Any], note: str, by: User, now: datetime) -> RuleSetRecord:
    """Other numbers in a draft; what was rehearsed before no longer counts. Raises NoDraft, NotYourDraft or
    UnsoundRuleSet.
    """
    own = _own_draft(number, by)
    numbered = {**data, "number": number}
    check(numbered)
    own.data, own.digest, own.note = numbered, digest_of(numbered), note
    own.save(update_fields=["data", "digest", "note"])
    record(actor=by, action="ruleset.edit", target=own, now=now, reason=note, detail={"number": number})
    return own


@transaction.atomic
def withdraw(*, number: int, by: User, now: datetime) -> None:
    """Raises NoDraft or NotYourDraft."""
    own = _own_draft(number, by)
    own.state = RuleSetState.WITHDRAWN
    own.save(update_fields=["state"])
    record(actor=by, action="ruleset.withdraw", target=own, now=now, detail={"number": number})


def ask_rehearsal(*, number: int, by: User, now: datetime) -> Rehearsal:
    """A rehearsal of the draft as it stands, beside the rule set in force; a worker begins it within half a minute.
    Raises NoDraft, NotYourDraft or RehearsesAlready.
    """
    with named_violations({"rehearsal_one_at_a_time": RehearsesAlready}):
        own = _own_draft(number, by)
        asked = Rehearsal.objects.create(
            ruleset=own, digest=own.digest, against=standing(now=now).number, days=REHEARSED_DAYS, asked_by=by,
            asked_at=now,
        )  # fmt: skip
        record(actor=by, action="ruleset.rehearse", target=own, now=now, detail={"number": number})
    return asked


@transaction.atomic
def publish(*, number: int, by: User, now: datetime, in_force_from: datetime | None = None) -> RuleSetRecord:
    """``by`` agrees: in force from ``in_force_from`` (at once without one), for ever unchanged.

    Whether ``by`` may sign is asked in the view. Raises NoDraft, SamePerson, or NotRehearsed when what was rehearsed
    last is not exactly this, or was compared with rules that are no longer in force.
    """
    drafted = _locked(number)
    if drafted.author_id == by.pk:
        raise SamePerson
    rehearsal = good_rehearsal(drafted, now=now)
    if rehearsal is None:
        raise NotRehearsed
    drafted.state, drafted.rehearsal, drafted.approver = RuleSetState.PUBLISHED, rehearsal, by
    drafted.published_at, drafted.in_force_from = now, in_force_from or now
    drafted.save(update_fields=["state", "rehearsal", "approver", "published_at", "in_force_from"])
    detail = {"number": number, "digest": drafted.digest, "from": drafted.in_force_from.isoformat()}
    record(actor=by, action="ruleset.publish", target=drafted, now=now, reason=drafted.note, detail=detail)
    return drafted


def good_rehearsal(drafted: RuleSetRecord, *, now: datetime) -> Rehearsal | None:
    """The last finished one of exactly this draft beside what is in force."""
    done = drafted.rehearsals.filter(state=RehearsalState.DONE, digest=drafted.digest, against=standing(now=now).number)
    return done.order_by("-ended_at").first()


def _locked(number: int) -> RuleSetRecord:
    found = RuleSetRecord.objects.select_for_update(of=("self",)).filter(number=number).first()
    if found is None or found.state != RuleSetState.DRAFT:
        raise NoDraft
    return found


def _own_draft(number: int, by: User) -> RuleSetRecord:
    found = _locked(number)
    if found.author_id != by.pk:
        raise NotYourDraft
    return found
