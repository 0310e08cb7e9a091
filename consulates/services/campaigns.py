"""A weekend in all offices: called in one act, answered office by office, published in one act."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import uuid4

from django.db import transaction
from django.db.models import Case, Value, When
from django.utils.text import slugify

from consulates.calendars import to_utc
from consulates.models import (
    Answer,
    Campaign,
    CampaignOffice,
    CampaignSession,
    Consulate,
    Procedure,
    Session,
    SessionKind,
    SessionStatus,
)
from consulates.openings import CAMPAIGN_WEEKS, wednesday_before
from mexitel.accounts.models import User
from mexitel.audit.services import record
from mexitel.utils.db import named_violations

from .drafts import discard_drafts
from .sessions import Published, SessionPlan, SupplyError, plan_sessions, publish_sessions
from .tours import LocalMoment, NothingToPublish, OpensTooLate

USUAL_WINDOWS = 2  # of an office that never had a session


class WeekendTaken(SupplyError):
    """That weekend has a campaign already."""

    code = "weekend_taken"


class AnsweredMeanwhile(SupplyError):
    """Somebody answered for the office after the form was shown; ``office`` is how it stands now."""

    code = "answered_meanwhile"

    def __init__(self, office: CampaignOffice) -> None:
        self.office = office
        super().__init__(f"version {office.version} of {office.pk}")


class AlreadyPublished(SupplyError):
    code = "already_published"


class PartlyPublished(SupplyError):
    """People may have booked: each office closes its day instead."""

    code = "partly_published"


class NothingChosen(SupplyError):
    """An office that takes part works on at least one of the days."""

    code = "nothing_chosen"


@dataclass(frozen=True)
class DayHours:
    """Wall time of the office."""

    opens: time
    closes: time
    windows: int


def days_of(campaign: Campaign) -> list[date]:
    sunday = campaign.saturday + timedelta(days=1)
    return [campaign.saturday] * campaign.on_saturday + [sunday] * campaign.on_sunday


def kind_of(day: date) -> SessionKind:
    return SessionKind.SATURDAY if day.isoweekday() == 6 else SessionKind.SUNDAY


def call_campaign(
    *,
    name: str,
    saturday: date,
    on_saturday: bool,
    on_sunday: bool,
    opens: time,
    closes: time,
    slot_minutes: int,
    procedures: Sequence[Procedure],
    by: User,
    now: datetime,
) -> Campaign:
    """Make the campaign, a row for every office that works that weekend, and their draft sessions.

    An office that has a session at its own door on one of the days keeps it: the campaign shows that one and
    makes none. Raises WeekendTaken, CalendarError, or SessionOverlaps when an office planned at this very moment.
    """
    errors = {"consulates_campaign_once_a_weekend": WeekendTaken}
    with named_violations(errors):
        campaign = Campaign.objects.create(
            slug=_slug(name, saturday),
            name=name,
            saturday=saturday,
            on_saturday=on_saturday,
            on_sunday=on_sunday,
            opens_local=opens,
            closes_local=closes,
            slot_minutes=slot_minutes,
            created_at=now,
            created_by=by,
        )
        campaign.procedures.set(procedures)
        days = days_of(campaign)
        consulates = list(Consulate.objects.working_on(saturday).order_by("id"))
        offices = CampaignOffice.objects.bulk_create(
            [CampaignOffice(campaign=campaign, consulate=consulate) for consulate in consulates]
        )
        kept = _own_sessions(consulates, days)
        windows = usual_windows(consulates)
        wanted = [(office, day) for office in offices for day in days if (office.consulate_id, day) not in kept]
        plans = [
            _plan(campaign, office, day, DayHours(opens, closes, windows[office.consulate_id]), procedures)
            for office, day in wanted
        ]
        sessions = plan_sessions(plans)
        _link(campaign, offices, zip(wanted, sessions, strict=True), kept)
        detail = {"offices": len(offices), "sessions": len(sessions), "kept": len(kept)}
        record(actor=by, action="campaign.call", target=campaign, now=now, detail=detail)
    return campaign


def usual_windows(consulates: Iterable[Consulate]) -> dict[int, int]:
    """Each office's windows: of its last weekend session, else three fifths of those of its last weekday."""
    weekend = [SessionKind.SATURDAY, SessionKind.SUNDAY]
    consulates = list(consulates)
    rows = (
        Session.objects.filter(consulate__in=consulates, kind__in=[*weekend, SessionKind.WEEKDAY])
        .annotate(rank=Case(When(kind__in=weekend, then=Value(0)), default=Value(1)))
        .order_by("consulate_id", "rank", "-date", "-id")
        .distinct("consulate_id")
        .values_list("consulate_id", "windows", "rank")
    )
    found = {office: windows if not rank else max(1, windows * 3 // 5) for office, windows, rank in rows}
    return {consulate.id: found.get(consulate.id, USUAL_WINDOWS) for consulate in consulates}


def confirm_office(
    *, office: CampaignOffice, version: int, hours: Mapping[date, DayHours], by: User, now: datetime
) -> CampaignOffice:
    """Say yes for one office, with its own hours for each day on which it works; days left out are not worked.

    ``version`` is that of the row which the form showed. Days with a session that the office had already stay as
    they are. Raises AnsweredMeanwhile, AlreadyPublished, NothingChosen, CalendarError or SessionOverlaps.
    """
    with transaction.atomic():
        office = _locked(office, version)
        campaign = office.campaign
        fixed = fixed_days(office)
        wanted = {day: at for day, at in hours.items() if day in days_of(campaign) and day not in fixed}
        if not wanted and not fixed:
            raise NothingChosen
        _remake(office, wanted)
        _answer(office, Answer.CONFIRMED, by=by, now=now)
        detail = {"campaign": campaign.pk, "version": office.version, "days": [str(day) for day in sorted(wanted)]}
        record(
            actor=by, action="campaign.confirm", target=office, now=now, office_id=office.consulate_id, detail=detail
        )
    return office


def decline_office(*, office: CampaignOffice, version: int, reason: str, by: User, now: datetime) -> CampaignOffice:
    """Say no, and why; the drafts that the campaign made go. Raises AnsweredMeanwhile or AlreadyPublished."""
    with transaction.atomic():
        office = _locked(office, version)
        _remake(office, {})
        _answer(office, Answer.DECLINED, by=by, now=now, reason=reason)
        detail = {"campaign": office.campaign_id, "version": office.version}
        record(
            actor=by,
            action="campaign.decline",
            target=office,
            now=now,
            office_id=office.consulate_id,
            reason=reason,
            detail=detail,
        )
    return office


def publish_campaign(
    *, campaign: Campaign, by: User, now: datetime, opening: LocalMoment | None = None
) -> tuple[int, Published]:
    """Publish what the offices confirmed, in one act; those that answer later are published by doing it again.

    Returns how many offices, and what was made. Raises NothingToPublish, OpensTooLate, CalendarError or NotDraft.
    """
    with transaction.atomic():
        # An answer in flight is waited for, and read again when it has ended.
        offices = list(campaign.offices.filter(answer=Answer.CONFIRMED).order_by("id").select_for_update())
        sessions = Session.objects.filter(campaign_session__office__in=offices)
        drafts = list(sessions.filter(status=SessionStatus.DRAFT))
        if not offices:
            raise NothingToPublish
        moments = {session.id: opens_at(session, opening, now=now) for session in drafts}
        if any(moments[session.id] >= session.starts_at for session in drafts):
            raise OpensTooLate
        published = publish_sessions(moments, opening=lambda session, _number: moments[session.id], now=now, by=by)
        CampaignOffice.objects.filter(pk__in=[office.pk for office in offices]).update(
            answer=Answer.PUBLISHED, published_at=now, published_by=by
        )
        detail = {"offices": len(offices), "sessions": published.sessions, "seats": published.seats}
        record(actor=by, action="campaign.publish", target=campaign, now=now, detail=detail)
    return len(offices), published


def withdraw_campaign(*, campaign: Campaign, reason: str, by: User, now: datetime) -> int:
    """Call the weekend off before any of it is published: its own drafts go, the offices' sessions stay.

    Returns how many drafts went. Raises PartlyPublished or NotDraft.
    """
    with transaction.atomic():
        offices = list(campaign.offices.order_by("id").select_for_update())
        if any(office.answer == Answer.PUBLISHED for office in offices):
            raise PartlyPublished
        own = CampaignSession.objects.filter(office__in=offices, own=True)
        drafts = discard_drafts(list(own.values_list("session_id", flat=True)))
        detail = {"name": campaign.name, "offices": len(offices), "sessions": drafts}
        record(actor=by, action="campaign.withdraw", target=campaign, now=now, reason=reason, detail=detail)
        campaign.offices.all().delete()
        campaign.delete()
    return drafts


def opens_at(session: Session, opening: LocalMoment | None, *, now: datetime) -> datetime:
    """On the office's own clocks; the Wednesday two weeks before unless chosen; at once if that has gone by."""
    if opening is None:
        return max(now, wednesday_before(session.date, session.time_zone, weeks=CAMPAIGN_WEEKS))
    return max(now, to_utc(opening.day, opening.hour, session.time_zone))


def fixed_days(office: CampaignOffice) -> dict[date, Session]:
    """Days whose session the campaign does not change: the office had it, or it was published already."""
    days = office.days.select_related("session")
    return {day.session.date: day.session for day in days if not day.own or day.session.status != SessionStatus.DRAFT}


def _locked(office: CampaignOffice, version: int) -> CampaignOffice:
    locked = CampaignOffice.objects.select_for_update(of=("self",)).select_related("campaign", "consulate")
    found = locked.get(pk=office.pk)
    if found.answer == Answer.PUBLISHED:
        raise AlreadyPublished
    if found.version != version:
        raise AnsweredMeanwhile(found)
    return found


def _remake(office: CampaignOffice, wanted: Mapping[date, DayHours]) -> None:
    """The campaign's own drafts of the office become those of ``wanted``."""
    own = office.days.filter(own=True, session__status=SessionStatus.DRAFT).values_list("session_id", flat=True)
    discard_drafts(list(own))
    campaign, days = office.campaign, sorted(wanted)
    procedures = list(campaign.procedures.all())
    sessions = plan_sessions([_plan(campaign, office, day, wanted[day], procedures) for day in days])
    CampaignSession.objects.bulk_create([CampaignSession(office=office, session=session) for session in sessions])


def _answer(office: CampaignOffice, answer: Answer, *, by: User, now: datetime, reason: str = "") -> None:
    office.answer, office.reason, office.answered_by, office.answered_at = answer, reason, by, now
    office.version += 1
    office.save(update_fields=["answer", "reason", "answered_by", "answered_at", "version"])


def _plan(
    campaign: Campaign, office: CampaignOffice, day: date, hours: DayHours, procedures: Sequence[Procedure]
) -> SessionPlan:
    return SessionPlan(
        consulate=office.consulate,
        kind=kind_of(day),
        day=day,
        opens=hours.opens,
        closes=hours.closes,
        windows=hours.windows,
        slot_minutes=campaign.slot_minutes,
        procedures=procedures,
    )


def _own_sessions(consulates: list[Consulate], days: list[date]) -> dict[tuple[int, date], Session]:
    """The sessions that offices have at their own door on those days, the longest of each day."""
    sessions = Session.objects.filter(
        consulate__in=consulates, date__in=days, place_name="", kind__in=[kind_of(day) for day in days]
    )
    found: dict[tuple[int, date], Session] = {}
    for session in sorted(sessions, key=lambda each: (each.ends_at - each.starts_at, each.id)):
        found[session.consulate_id, session.date] = session
    return found


def _link(campaign, offices, made, kept: Mapping[tuple[int, date], Session]) -> None:
    rows = [CampaignSession(office=office, session=session) for (office, _day), session in made]
    by_consulate = {office.consulate_id: office for office in offices}
    rows += [
        CampaignSession(office=by_consulate[consulate], session=session, own=False)
        for (consulate, _day), session in kept.items()
    ]
    CampaignSession.objects.bulk_create(rows)


def _slug(name: str, saturday: date) -> str:
    return f"{slugify(name)[:40].strip('-') or uuid4().hex[:8]}-{saturday:%Y-%m-%d}"
