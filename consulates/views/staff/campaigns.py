"""Campaigns of the whole network: calling one, its board, each office's answer, and publishing."""

from typing import Any, cast

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from consulates import wording
from consulates.access import StaffRequest, staff_page
from consulates.calendars import CalendarError
from consulates.models import Answer, Campaign, CampaignOffice, Consulate, Session, SessionStatus
from consulates.planning.factors import factors_of
from consulates.roles import May
from consulates.selectors.campaigns import standing, with_sessions
from consulates.services import SupplyError
from consulates.services.campaigns import (
    AnsweredMeanwhile,
    DayHours,
    call_campaign,
    confirm_office,
    days_of,
    decline_office,
    fixed_days,
    opens_at,
    publish_campaign,
    usual_windows,
    withdraw_campaign,
)
from consulates.services.sessions import slots_of
from consulates.tours_forms import AnswerForm, CampaignForm, OpeningForm, WithdrawForm, refusal
from mexitel.utils import time

REFUSED = (SupplyError, CalendarError)


@require_safe
@staff_page(May.PLAN)
def staff_campaigns(request: StaffRequest) -> HttpResponse:
    rows = [{"campaign": each, "standing": standing(each)} for each in Campaign.objects.all()[:20]]
    context = {"rows": rows, "may_call": request.access.may(May.CAMPAIGN)}
    return render(request, "staff/campaigns/campaigns.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(May.CAMPAIGN, fresh=True)
def staff_campaign_new(request: StaffRequest) -> HttpResponse:
    form = CampaignForm(request.POST if request.method == "POST" else None, initial={"slot_minutes": 30})
    if form.is_bound and form.is_valid():
        data = dict(form.cleaned_data)
        days = data.pop("days")
        try:
            campaign = call_campaign(
                **{**data, "procedures": list(data["procedures"])},
                on_saturday="saturday" in days,
                on_sunday="sunday" in days,
                by=request.user,
                now=time.now(),
            )
        except REFUSED as error:
            form.add_error(None, refusal(error))
        else:
            return redirect("staff_campaign", campaign.slug)
    return render(request, "staff/campaigns/campaign_form.html", {"form": form})


@require_safe
@staff_page(May.PLAN)
def staff_campaign(request: StaffRequest, slug: str) -> HttpResponse:
    """The board: numbers of the network, and the offices of whoever looks."""
    campaign = get_object_or_404(Campaign, slug=slug)
    offices = with_sessions(CampaignOffice.staff.filter(campaign=campaign))
    context = {
        "campaign": campaign,
        "days": days_of(campaign),
        "standing": standing(campaign),
        "groups": _by_answer(offices),
        "may_publish": request.access.may(May.CAMPAIGN),
    }
    return render(request, "staff/campaigns/board.html", context)


def _by_answer(offices: Any) -> list[dict[str, Any]]:
    groups: dict[str, list[CampaignOffice]] = {answer: [] for answer in Answer.values}
    for office in offices:
        groups[office.answer].append(office)
    return [{"answer": Answer(answer), "offices": found} for answer, found in groups.items() if found]


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(May.PLAN)
def staff_campaign_office(request: StaffRequest, office: Consulate, slug: str) -> HttpResponse:
    asked = get_object_or_404(
        with_sessions(CampaignOffice.staff.filter(consulate=office)).select_related("campaign", "answered_by"),
        campaign__slug=slug,
    )
    form = _answer_form(request, asked)
    if form.is_bound and form.is_valid() and (done := _answer(request, asked, form)):
        return done
    context = {
        "office": office,
        "asked": asked,
        "campaign": asked.campaign,
        "form": form,
        "fixed": list(fixed_days(asked).values()),
        "is_published": asked.answer == Answer.PUBLISHED,
    }
    return render(request, "staff/campaigns/answer.html", context)


def _answer_form(request: StaffRequest, asked: CampaignOffice) -> AnswerForm:
    campaign, fixed = asked.campaign, fixed_days(asked)
    free = [day for day in days_of(campaign) if day not in fixed]
    hours = {each.date: DayHours(each.opens_local, each.closes_local, each.windows) for each in asked.sessions.all()}
    if asked.answer == Answer.DECLINED:
        windows = usual_windows([asked.consulate])[asked.consulate_id]
        hours = dict.fromkeys(free, DayHours(campaign.opens_local, campaign.closes_local, windows))
    initial = {"version": asked.version, "reason": asked.reason}
    if asked.answer != Answer.PROPOSED:
        initial["answer"] = "decline" if asked.answer == Answer.DECLINED else "confirm"
    return AnswerForm(
        request.POST if request.method == "POST" else None,
        initial=initial,
        days={day: hours[day] for day in free if day in hours},
        words={day: wording.short_date(day) for day in free},
    )


def _answer(request: StaffRequest, asked: CampaignOffice, form: AnswerForm) -> HttpResponse | None:
    data = form.cleaned_data
    who: dict[str, Any] = {"office": asked, "version": data["version"], "by": request.user, "now": time.now()}
    try:
        if data["answer"] == "confirm":
            confirm_office(hours=form.hours(), **who)
        else:
            decline_office(reason=data["reason"], **who)
    except AnsweredMeanwhile as error:
        sentence = _("Somebody answered for this office while you were writing: %(answer)s. Look at the hours again.")
        form.add_error(None, sentence % {"answer": error.office.get_answer_display()})
        # What the person typed stays; saving it again is now a decision made with open eyes.
        typed = cast(QueryDict, form.data).copy()
        typed["version"] = str(error.office.version)
        form.data = typed
        return None
    except REFUSED as error:
        form.add_error(None, refusal(error))
        return None
    messages.success(request, _("The answer of this office is saved."))
    return redirect("staff_campaign", asked.campaign.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(May.CAMPAIGN, fresh=True)
def staff_campaign_publish(request: StaffRequest, slug: str) -> HttpResponse:
    now = time.now()
    campaign = get_object_or_404(Campaign, slug=slug)
    habit = _("On the Wednesday two weeks before, at 10:00")
    form = OpeningForm(request.POST if request.method == "POST" else None, habit=habit)
    opening = None
    if form.is_bound and form.is_valid():
        opening = form.moment()
        if "publish" in request.POST:
            try:
                offices, published = publish_campaign(campaign=campaign, opening=opening, by=request.user, now=now)
            except REFUSED as error:
                form.add_error(None, refusal(error))
            else:
                sentence = ngettext(
                    "Published in %(offices)s office: %(seats)s places.",
                    "Published in %(offices)s offices: %(seats)s places.",
                    offices,
                )
                messages.success(request, sentence % {"offices": offices, "seats": f"{published.offered:,}"})
                return redirect("staff_campaign", campaign.slug)
    context = {"campaign": campaign, "form": form, "standing": standing(campaign), **_numbers(campaign, opening, now)}
    return render(request, "staff/campaigns/publish.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(May.CAMPAIGN, fresh=True)
def staff_campaign_withdraw(request: StaffRequest, slug: str) -> HttpResponse:
    campaign = get_object_or_404(Campaign, slug=slug)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            withdraw_campaign(campaign=campaign, reason=form.cleaned_data["reason"], by=request.user, now=time.now())
        except REFUSED as error:
            form.add_error(None, refusal(error))
        else:
            messages.success(request, _("“%(campaign)s” is called off.") % {"campaign": campaign.name})
            return redirect("staff_campaigns")
    drafts = Session.staff.filter(campaign_session__office__campaign=campaign, campaign_session__own=True)
    context = {"campaign": campaign, "form": form, "drafts": drafts.filter(status=SessionStatus.DRAFT).count()}
    return render(request, "staff/campaigns/withdraw.html", context, status=422 if form.errors else 200)


def _numbers(campaign: Campaign, opening: Any, now: Any) -> dict[str, Any]:
    """What publishing would make now, and between which moments it would open."""
    drafts = Session.staff.filter(
        campaign_session__office__campaign=campaign,
        campaign_session__office__answer=Answer.CONFIRMED,
        status=SessionStatus.DRAFT,
    )
    sessions = list(drafts)
    factors = factors_of({each.consulate_id for each in sessions})
    slots = [slot for each in sessions for slot in slots_of(each, factor=factors.lowest(each))]
    try:
        moments = sorted((opens_at(each, opening, now=now), each.time_zone) for each in sessions)
    except CalendarError:
        moments = []
    return {
        "sessions": len(sessions),
        "slots": len(slots),
        "seats": sum(slot.offered for slot in slots),
        "moments": [wording.moment(at, zone) for at, zone in (moments[:1] + moments[-1:] if moments else [])],
    }


urlpatterns = [
    path("campanas/", staff_campaigns, name="staff_campaigns"),
    path("campanas/nueva/", staff_campaign_new, name="staff_campaign_new"),
    path("campanas/<slug:slug>/", staff_campaign, name="staff_campaign"),
    path("campanas/<slug:slug>/publicar/", staff_campaign_publish, name="staff_campaign_publish"),
    path("campanas/<slug:slug>/cancelar/", staff_campaign_withdraw, name="staff_campaign_withdraw"),
    path("oficinas/<slug:code>/campanas/<slug:slug>/", staff_campaign_office, name="staff_campaign_office"),
]
