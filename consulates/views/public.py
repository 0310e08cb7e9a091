"""The public calendar:

anyone may look, nothing is written. A time is taken by the form that posts to hold_create.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from consulates import requirements, selectors, wording
from consulates.forms import OfficeListForm, SearchForm
from consulates.models import Consulate, Procedure, ProcedureCategory, SessionKind
from consulates.parties import Choice
from consulates.places import STATES, Found
from consulates.selectors.notices import notices_for, notices_of
from consulates.unmet import tell_unmet
from consulates.wanted import Wanted
from mexitel.utils import time
from mexitel.utils.calendar import Day, Link, Month, long_date, month_of, month_title
from mexitel.utils.ratelimits import limited

# How far ahead a month may be looked at; further months are answered with the last one.
MONTHS_AHEAD = 6


@limited("search")
def office_list(request: HttpRequest) -> HttpResponse:
    now = time.now()
    form = OfficeListForm(request.GET or None)
    near = form.cleaned_data["lugar"] if form.is_bound and form.is_valid() else None
    earliest = selectors.earliest_by_office(now=now)
    rows: list[dict[str, Any]] = [
        {"office": office, "earliest": earliest.get(office.id), "miles": _miles(office, near)}
        for office in selectors.offices(on=now.date())
    ]
    context: dict[str, Any] = {"form": form, "near": near, "total": len(rows)}
    if near:
        rows.sort(key=lambda row: row["miles"] or 0.0)
        context["nearest"] = rows[:8]
    else:
        context["states"] = _by_state(rows)
    return render(request, "consulates/office_list.html", context)


def _miles(office: Consulate, near: Found | None) -> float | None:
    if near is None:
        return None
    return selectors.miles_between((near.latitude, near.longitude), (float(office.latitude), float(office.longitude)))


def _by_state(rows: Iterable[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    states: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        states[STATES.get(row["office"].state, row["office"].state)].append(row)
    return sorted(states.items())


@limited("search")
def office(request: HttpRequest, code: str) -> HttpResponse:
    now = time.now()
    consulate = get_object_or_404(Consulate.objects.real().select_related("line"), code=code)
    today = wording.local_day(now, consulate.time_zone)
    wanted, form = Wanted.from_query(request.GET)
    month = _month_asked(request.GET.get("mes", ""), today)
    days = selectors.office_month(
        consulate, first=max(month, today), last=_last_day(month), now=now, procedure=wanted.procedure
    )
    free = sum(day.free for day in days.values())
    openings = selectors.next_openings(now=now, consulates=[consulate], procedure=wanted.procedure)
    elsewhere = [] if free else _elsewhere(consulate, wanted, now=now)
    if not free:
        here = _place_of(consulate)
        tell_unmet(request, elsewhere, place=here, procedure=wanted.procedure, party=wanted.party, now=now)
    return render(
        request,
        "consulates/office.html",
        {
            "office": consulate,
            "office_notices": notices_for(consulate, now),
            "queues": selectors.queues_of(consulate, now=now),
            "form": form,
            "wanted": wanted,
            "calendar": _calendar(consulate, month, days, wanted, today=today),
            "month": month_title(month.year, month.month),
            "free_days": [day for day in days.values() if day.free],
            "free": free,
            "day_query": wanted.query(),
            "openings": openings,
            "near_openings": [] if free or openings else _openings_near(consulate, wanted, now=now),
            "travelling": _travelling(consulate, now=now, today=today),
            "elsewhere": elsewhere,
            "search_url": f"{reverse('search')}{wanted.query(lugar=f'{consulate.city}, {consulate.state}')}",
            "is_closed": consulate.closed_on is not None and consulate.closed_on <= today,
        },
    )


def _month_asked(text: str, today: date) -> date:
    """The first day of the month ``YYYY-MM``; what cannot be read or lies too far away gives the
    nearest month shown.
    """
    first = today.replace(day=1)
    last = _months_later(first, MONTHS_AHEAD)
    try:
        asked = datetime.strptime(text, "%Y-%m").date()
    except ValueError:
        return first
    return min(max(asked, first), last)


def _months_later(first: date, months: int) -> date:
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, 1)


def _last_day(first: date) -> date:
    return _months_later(first, 1) - timedelta(days=1)


def _calendar(
    consulate: Consulate,
    first: date,
    days: Mapping[date, selectors.OfficeDay],
    wanted: Wanted,
    *,
    today: date,
) -> Month:
    def link(month: date) -> Link:
        href = f"{consulate.get_absolute_url()}{wanted.query(mes=f'{month:%Y-%m}')}#calendario"
        return Link(href, month_title(month.year, month.month))

    current = today.replace(day=1)
    cells = {
        day: Day(
            day.day,
            href=reverse("office_day", args=[consulate.code, day.isoformat()]) + wanted.query(),
            note=str(found.free),
            label=f"{long_date(day)}: {_seats(found.free)}",
            today=day == today,
        )
        for day, found in days.items()
        if found.free
    }
    return month_of(
        first.year,
        first.month,
        cells,
        today=today,
        previous=link(_months_later(first, -1)) if first > current else None,
        next=link(_months_later(first, 1)) if first < _months_later(current, MONTHS_AHEAD) else None,
    )


def _seats(free: int) -> str:
    return ngettext("%(free)s place", "%(free)s places", free) % {"free": free}


def _travelling(consulate: Consulate, *, now: datetime, today: date) -> list[dict[str, Any]]:
    """The towns that the office travels to in the next weeks, with their days."""
    sessions = (
        consulate.sessions.published()
        .not_over(now=now)
        .filter(kind__in=SessionKind.travelling(), date__lte=today + timedelta(days=62))
    )
    towns: dict[tuple[str, str, str], dict[str, Any]] = {}
    for session in sessions:
        key = (session.kind, session.city, session.place_name)
        town = towns.setdefault(key, {"session": session, "days": []})
        if session.date not in town["days"]:
            town["days"].append(session.date)
    return list(towns.values())


def _elsewhere(
    consulate: Consulate, wanted: Wanted, *, now: datetime, shown: Iterable[selectors.OfficeDay] = ()
) -> list[selectors.Hit]:
    """The earliest seats around an office that has none, without its own days that are ``shown`` already."""
    here = _place_of(consulate)
    hits = selectors.soonest(now=now, procedure=wanted.procedure, near=here, party=wanted.party, limit=5)
    days = {(consulate.id, found.day) for found in shown}
    return [hit for hit in hits if (hit.session.consulate_id, hit.session.date) not in days][:4]


def _place_of(consulate: Consulate) -> Found:
    return Found(consulate.city, float(consulate.latitude), float(consulate.longitude))


def _openings_near(consulate: Consulate, wanted: Wanted, *, now: datetime) -> list[selectors.NextOpening]:
    """The next openings of the offices around one that has announced none."""
    here = _place_of(consulate)
    around = [office for office in _nearest_offices(here, now=now) if office != consulate]
    return selectors.next_openings(now=now, consulates=around, procedure=wanted.procedure)


@limited("search")
def office_day(request: HttpRequest, code: str, day: date) -> HttpResponse:
    now = time.now()
    consulate = get_object_or_404(Consulate.objects.real(), code=code)
    today = wording.local_day(now, consulate.time_zone)
    if not today - timedelta(days=1) <= day <= _last_day(_months_later(today.replace(day=1), MONTHS_AHEAD)):
        raise Http404
    wanted, form = Wanted.from_query(request.GET)
    sessions = selectors.office_day(
        consulate, day, now=now, procedure=wanted.procedure, party=wanted.party if wanted.procedure else 1
    )
    has_times = any(found.choices for found in sessions)
    openings = selectors.next_openings(now=now, consulates=[consulate], procedure=wanted.procedure)
    near_days = [] if has_times else _days_around(consulate, day, wanted, today=today, now=now)
    return render(
        request,
        "consulates/office_day.html",
        {
            "office": consulate,
            "office_notices": notices_for(consulate, now),
            "queues": selectors.queues_of(consulate, now=now),
            "day": day,
            "form": form,
            "wanted": wanted,
            "sessions": [_shown(found, wanted) for found in sessions],
            "has_times": has_times,
            "near_days": near_days,
            "openings": openings,
            "near_openings": [] if has_times or openings else _openings_near(consulate, wanted, now=now),
            "elsewhere": [] if has_times else _elsewhere(consulate, wanted, now=now, shown=near_days),
            "hold_url": _hold_url(),
            "month_url": f"{consulate.get_absolute_url()}{wanted.query(mes=f'{day:%Y-%m}')}",
            "day_query": wanted.query(),
        },
    )


def _days_around(
    consulate: Consulate, day: date, wanted: Wanted, *, today: date, now: datetime
) -> list[selectors.OfficeDay]:
    """The three days with enough free seats that are closest to ``day``."""
    days = selectors.office_month(
        consulate,
        first=max(today, day - timedelta(days=21)),
        last=day + timedelta(days=42),
        now=now,
        procedure=wanted.procedure,
    )
    fitting = [found for found in days.values() if found.free >= wanted.party and found.day != day]
    return sorted(sorted(fitting, key=lambda found: abs(found.day - day))[:3], key=lambda found: found.day)


def _shown(found: selectors.DaySession, wanted: Wanted) -> dict[str, Any]:
    return {
        "found": found,
        "session": found.session,
        "times": [_time(choice, found.session.time_zone, wanted) for choice in found.choices],
    }


def _time(choice: Choice, zone_name: str, wanted: Wanted) -> dict[str, str]:
    """A chip of components/times.html. With several slots its note says until when people are called."""
    if choice.together:
        note = _seats(choice.free)
    else:
        note = _("until %(clock)s") % {"clock": wording.clock(choice.last_starts_at, zone_name)}
    return {
        "text": wording.clock(choice.starts_at, zone_name),
        "name": "slots",
        "value": choice.value,
        "note": note,
    }


def _hold_url() -> str:
    try:
        return reverse("hold_create")
    except NoReverseMatch:
        return ""


def procedure_list(request: HttpRequest) -> HttpResponse:
    procedures: dict[str, list[Procedure]] = defaultdict(list)
    for found in Procedure.objects.all():
        procedures[str(ProcedureCategory(found.category).label)].append(found)
    return render(request, "consulates/procedure_list.html", {"categories": list(procedures.items())})


def procedure(request: HttpRequest, code: str) -> HttpResponse:
    found = get_object_or_404(Procedure, code=code)
    return render(
        request,
        "consulates/procedure.html",
        {
            "procedure": found,
            "to_bring": requirements.what_to_bring(found),
            "must_come": requirements.who_must_come(found),
            "how_to": requirements.how_to_get(found),
            "search_url": f"{reverse('search')}?{urlencode({'tramite': found.code})}",
        },
    )


@limited("soonest")
def search(request: HttpRequest) -> HttpResponse:
    now = time.now()
    form = SearchForm(_with_defaults(request.GET) if request.GET else None)
    context: dict[str, Any] = {"form": form, "keep": _keep(request.GET)}
    if form.is_bound and form.is_valid():
        context |= _results(request, form, now=now)
    return render(request, "consulates/search.html", context)


def _with_defaults(query: QueryDict) -> QueryDict:
    data = query.copy()
    data.setdefault("personas", "1")
    data.setdefault("orden", selectors.Order.SOONEST.value)
    return data


def _keep(query: QueryDict) -> str:
    """Everything of the address but the place, for links that only correct the place."""
    kept = query.copy()
    kept.pop("lugar", None)
    return kept.urlencode()


def _results(request: HttpRequest, form: SearchForm, *, now: datetime) -> dict[str, Any]:
    asked = form.cleaned_data
    near = asked["lugar"]
    wanted = Wanted(asked["tramite"], asked["personas"], near.point.as_text() if near and not near.is_state else "")
    criteria = {"now": now, "procedure": wanted.procedure, "near": near, "order": asked["orden"]}
    hits = selectors.soonest(**criteria, weekend=asked["fin_de_semana"], party=wanted.party)
    tell_unmet(request, hits, place=near, procedure=wanted.procedure, party=wanted.party, now=now)
    results: dict[str, Any] = {
        "searched": True,
        "office_notices": notices_of({hit.session.consulate_id for hit in hits}, now),
        "wanted": wanted,
        "place": near,
        "near": [_hit(hit, wanted) for hit in hits if hit.stop.is_near],
        "far": [_hit(hit, wanted) for hit in hits if not hit.stop.is_near],
        "hold_url": _hold_url(),
    }
    if not hits:
        results["other_days"] = asked["fin_de_semana"] and [
            _hit(hit, wanted) for hit in selectors.soonest(**criteria, party=wanted.party, limit=4)
        ]
        results["fewer"] = wanted.party > 1 and bool(selectors.soonest(**criteria, limit=1))
    if len(hits) < selectors.ENOUGH:
        results["openings"] = _openings_for(near, wanted, now=now)
    return results


def _openings_for(near: Found | None, wanted: Wanted, *, now: datetime) -> list[selectors.NextOpening]:
    """Of the nearest offices; where they have announced none, of any."""
    for around in (_nearest_offices(near, now=now), selectors.offices(on=now.date())):
        if found := selectors.next_openings(now=now, consulates=around, procedure=wanted.procedure):
            return found
    return []


def _nearest_offices(near: Found | None, *, now: datetime) -> list[Consulate]:
    offices = list(selectors.offices(on=now.date()))
    return offices if near is None else sorted(offices, key=lambda found: _miles(found, near) or 0.0)[:6]


def _hit(hit: selectors.Hit, wanted: Wanted) -> dict[str, Any]:
    session = hit.session
    url = reverse("office_day", args=[session.consulate.code, session.date.isoformat()]) + wanted.query()
    return {
        "hit": hit,
        "session": session,
        "office": session.consulate,
        "url": f"{url}#jornada-{session.id}",
        "time": _time(hit.choice, session.time_zone, wanted),
    }
