"""Recurring releases: a rule prepares drafts some days ahead; a person looks at each and approves it."""

from contextlib import suppress
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from consulates import wording
from consulates.calendars import CalendarError
from consulates.models import Gate, Release, ReleaseRule, RuleRelease, Session
from mexitel.accounts.models import User
from mexitel.audit.services import record

from .drafting import choose_sessions, releasable, save_draft
from .errors import NotReleasable
from .moments import Terms, moments_of
from .recurrence import days_opened, openings

# A draft is there so long before its opening: enough to look at it, and for people to read of it.
PREPARED_AHEAD = timedelta(days=10)


@transaction.atomic
def make_rule(rule: ReleaseRule, *, by: User, now: datetime) -> ReleaseRule:
    """Save a rule that a form filled in; its first drafts come with the next run of the task."""
    rule.made_by, rule.made_at = by, now
    rule.save()
    detail = {"mode": rule.mode, "weekday": rule.weekday, "weeks_ahead": rule.weeks_ahead}
    record(actor=by, action="release_rule.make", target=rule, now=now, office_id=rule.consulate_id, detail=detail)
    return rule


@transaction.atomic
def end_rule(rule: ReleaseRule, *, by: User, now: datetime) -> None:
    """No more drafts; those that it made stay. Again: nothing."""
    if ReleaseRule.objects.in_force().filter(pk=rule.pk).update(ended_at=now, ended_by=by):
        record(actor=by, action="release_rule.end", target=rule, now=now, office_id=rule.consulate_id)


def prepare_all(*, now: datetime) -> int:
    """Make the drafts of the coming openings of all rules that lack them; returns how many. Each is a transaction of
    its own, and twice is once.
    """
    made = 0
    for rule in ReleaseRule.objects.in_force().select_related("consulate", "made_by").order_by("pk"):
        today = wording.local_day(now, rule.consulate.time_zone)
        for day in openings(rule.weekday, first=today, last=today + PREPARED_AHEAD):
            with suppress(NotReleasable):  # the next run sees what became of it
                made += prepare(rule, day, now=now) is not None
    return made


@transaction.atomic
def prepare(rule: ReleaseRule, day: date, *, now: datetime) -> Release | None:
    """The draft of the opening on ``day``; None when there is one, when it is past, when no session waits for it (what
    is planned later a later run finds), or when clocks do not show that hour once on that day.

    Raises NotReleasable when a session goes elsewhere at this very moment.
    """
    terms = _terms(rule, day)
    try:
        opens_at = moments_of(terms, {rule.consulate_id: rule.consulate.time_zone}).first
    except CalendarError:
        return None
    sessions = [session.pk for session in _sessions(rule, day, now=now) if session.starts_at > opens_at]
    if opens_at <= now or not sessions:
        return None
    made, is_new = RuleRelease.objects.get_or_create(rule=rule, opens_on=day)
    if not is_new:
        return None
    draft = save_draft(terms, offices=[rule.consulate], by=rule.made_by, now=now)
    choose_sessions(draft, chosen=sessions, among=sessions, by=rule.made_by, now=now)
    made.release = draft
    made.save(update_fields=["release"])
    return draft


def _sessions(rule: ReleaseRule, day: date, *, now: datetime) -> QuerySet[Session]:
    first, last = days_opened(day, weeks_ahead=rule.weeks_ahead)
    found = releasable(now=now).filter(consulate=rule.consulate, date__range=(first, last))
    return found.filter(kind__in=rule.kinds)


def _terms(rule: ReleaseRule, day: date) -> Terms:
    is_gated = rule.mode != Gate.OPEN
    return Terms(
        name=_named(rule.name, rule, day, "es"),
        name_en=_named(rule.name_en, rule, day, "en") if rule.name_en else "",
        mode=Gate(rule.mode),
        day=day,
        hour=rule.hour,
        joins_before=timedelta(hours=rule.joins_hours) if is_gated and rule.joins_hours else None,
        gate_for=timedelta(hours=rule.gate_hours) if is_gated and rule.gate_hours else None,
        phone_share=rule.phone_share,
        phone_for=timedelta(hours=rule.phone_hours) if rule.phone_share else None,
    )


def _named(name: str, rule: ReleaseRule, day: date, language: str) -> str:
    monday, _sunday = days_opened(day, weeks_ahead=rule.weeks_ahead)
    with translation.override(language):
        return _("%(name)s, week of %(day)s") % {"name": name, "day": wording.short_date(monday)}
