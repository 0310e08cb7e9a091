"""The calendar for machines: the same reads as the public pages."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from consulates import selectors
from consulates.models import Consulate, Procedure
from consulates.parties import Choice
from consulates.places import Found, PlaceUnknown, find_place
from consulates.serializers import (
    DayQuery,
    FoundPlaceSerializer,
    MonthQuery,
    MonthSerializer,
    OfficeDaySerializer,
    OfficeRefSerializer,
    OfficeSerializer,
    OfficesQuery,
    OpeningSerializer,
    ProcedureSerializer,
    ProceduresQuery,
    SessionSerializer,
    SoonestQuery,
    SoonestSerializer,
    as_dict,
)
from consulates.unmet import tell_unmet
from mexitel.api.pagination import page
from mexitel.api.problems import invalid
from mexitel.api.schema import endpoint, page_of
from mexitel.api.serializers import checked_query, local
from mexitel.api.views import PublicView

# As on the pages: further months are not planned, and nobody needs to walk the centuries.
DAYS_AHEAD = 215
FEW = 3
NEAREST_OFFICES = 6


class OfficeList(PublicView):
    @endpoint(
        operation_id="listOffices", tag="offices", summary="Every consular office that serves the public",
        query=OfficesQuery, success={200: page_of(OfficeSerializer)}, private=False, cached=True, paged=True,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        asked = checked_query(OfficesQuery, request.query_params)
        earliest = selectors.earliest_by_office(now=self.now)

        def show(found: list) -> Any:
            return OfficeSerializer(found, many=True, context={"earliest": earliest}).data

        return page(request, selectors.offices(on=self.now.date()), key="code", asked=asked, show=show)


class OfficeDetail(PublicView):
    @endpoint(
        operation_id="getOffice", tag="offices", summary="One office",
        success={200: OfficeSerializer}, fails=(404,), private=False, cached=True,
    )  # fmt: skip
    def get(self, request: Request, code: str) -> Response:
        earliest = selectors.earliest_by_office(now=self.now)
        return Response(OfficeSerializer(_office(code), context={"earliest": earliest}).data)


class ProcedureList(PublicView):
    max_age_seconds = 300

    @endpoint(
        operation_id="listProcedures", tag="procedures", summary="Every procedure of the consular network",
        query=ProceduresQuery, success={200: page_of(ProcedureSerializer)}, private=False, cached=True, paged=True,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        asked = checked_query(ProceduresQuery, request.query_params)
        rows = Procedure.objects.all()
        if asked["bookable"] is not None:
            rows = rows.bookable() if asked["bookable"] else rows.exclude(pk__in=Procedure.objects.bookable())
        return page(
            request, rows, key="code", asked=asked, show=lambda found: ProcedureSerializer(found, many=True).data
        )


class ProcedureDetail(PublicView):
    max_age_seconds = 300

    @endpoint(
        operation_id="getProcedure", tag="procedures", summary="One procedure: for whom, what to bring, what it costs",
        success={200: ProcedureSerializer}, fails=(404,), private=False, cached=True,
    )  # fmt: skip
    def get(self, request: Request, code: str) -> Response:
        found = Procedure.objects.filter(code=code).first()
        if found is None:
            raise Http404
        return Response(ProcedureSerializer(found).data)


class OfficeMonth(PublicView):
    @endpoint(
        operation_id="getOfficeMonth", tag="availability", summary="The days of a month with their free seats",
        description="Days on which the office has a session to come, with the free seats in all of them.",
        query=MonthQuery, success={200: MonthSerializer}, fails=(404,), private=False, cached=True,
    )  # fmt: skip
    def get(self, request: Request, code: str) -> Response:
        asked = checked_query(MonthQuery, request.query_params)
        office, procedure = _office(code), _procedure(asked.get("procedure"))
        today = local_date(self.now, office.time_zone)
        first = date.fromisoformat(f"{asked['month']}-01") if "month" in asked else today.replace(day=1)
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        days = {}
        if last >= today and first <= today + timedelta(days=DAYS_AHEAD):
            days = selectors.office_month(office, first=max(first, today), last=last, now=self.now, procedure=procedure)
        openings = selectors.next_openings(now=self.now, consulates=[office], procedure=procedure)
        return Response(
            {
                "office": as_dict(OfficeRefSerializer, office),
                "month": f"{first:%Y-%m}",
                "time_zone": office.time_zone,
                "days": [
                    {
                        "date": day.day.isoformat(),
                        "free": day.free,
                        "kinds": sorted(day.kinds),
                        "next_opening": day.next_opening and local(day.next_opening, office.time_zone),
                    }
                    for day in days.values()
                ],
                "next_openings": OpeningSerializer(openings, many=True).data,
            }
        )


class OfficeDay(PublicView):
    @endpoint(
        operation_id="getOfficeDay", tag="availability", summary="The times of one day that fit a party",
        description="`slots` of a time is what `POST /api/v1/holds` takes.",
        query=DayQuery, success={200: OfficeDaySerializer}, fails=(404,), private=False, cached=True,
    )  # fmt: skip
    def get(self, request: Request, code: str, day: date) -> Response:
        asked = checked_query(DayQuery, request.query_params)
        office, procedure = _office(code), _procedure(asked.get("procedure"))
        today, found = local_date(self.now, office.time_zone), []
        if today - timedelta(days=1) <= day <= today + timedelta(days=DAYS_AHEAD):
            found = selectors.office_day(office, day, now=self.now, procedure=procedure, party=asked["party"])
        sessions = [
            as_dict(SessionSerializer, one.session)
            | {
                "free": one.free,
                "next_opening": one.next_opening and local(one.next_opening, one.session.time_zone),
                "times": [_time(choice, one.session.time_zone) for choice in one.choices],
            }
            for one in found
        ]
        return Response({"office": as_dict(OfficeRefSerializer, office), "date": day.isoformat(), "sessions": sessions})


class Soonest(PublicView):
    limits = ["search", "soonest"]

    @endpoint(
        operation_id="findSoonest", tag="availability", summary="The earliest seats for a party, near a place",
        description="One time per place, over offices and mobile sessions; within 100 miles first. Without `place` all"
        " places count.",
        query=SoonestQuery, success={200: SoonestSerializer}, private=False, cached=True,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        asked = checked_query(SoonestQuery, request.query_params)
        near, procedure = _place(asked.get("place")), _procedure(asked["procedure"])
        hits = selectors.soonest(
            now=self.now, procedure=procedure, near=near, weekend=asked["weekend"], party=asked["party"],
            order=asked["order"],
        )  # fmt: skip
        tell_unmet(request, hits, place=near, procedure=procedure, party=asked["party"], now=self.now)
        openings: Sequence[selectors.NextOpening] = ()
        if len(hits) < FEW:
            offices = list(selectors.offices(on=self.now.date()))
            if near:
                here = (near.latitude, near.longitude)
                offices.sort(key=lambda one: selectors.miles_between(here, (float(one.latitude), float(one.longitude))))
                offices = offices[:NEAREST_OFFICES]
            openings = selectors.next_openings(now=self.now, consulates=offices, procedure=procedure)
        return Response(
            {
                "place": near and as_dict(FoundPlaceSerializer, near),
                "items": [_hit(hit) for hit in hits],
                "next_openings": OpeningSerializer(openings, many=True).data,
            }
        )


def local_date(at: datetime, zone: str) -> date:
    return date.fromisoformat(local(at, zone)[:10])


def _hit(hit: selectors.Hit) -> dict[str, Any]:
    return as_dict(SessionSerializer, hit.session) | {
        "office": as_dict(OfficeRefSerializer, hit.session.consulate),
        "miles": None if hit.miles is None else round(hit.miles, 1),
        "near": hit.stop.is_near,
        "free": hit.free,
        "time": _time(hit.choice, hit.session.time_zone),
    }


def _time(choice: Choice, zone: str) -> dict[str, Any]:
    return {
        "starts_at": local(choice.starts_at, zone),
        "last_starts_at": local(choice.last_starts_at, zone),
        "free": choice.free,
        "slots": [{"slot": slot, "seats": seats} for slot, seats in choice.parts],
    }


def _office(code: str) -> Consulate:
    office = Consulate.objects.real().filter(code=code).first()
    if office is None:
        raise Http404
    return office


def _procedure(code: str | None) -> Procedure | None:
    if code is None:
        return None
    procedure = Procedure.objects.bookable().filter(code=code).first()
    if procedure is None:
        raise invalid("#/procedure", "not_bookable", _("That procedure is not booked here. Choose one of the list."))
    return procedure


def _place(typed: str | None) -> Found | None:
    if not typed:
        return None
    try:
        return find_place(typed)
    except PlaceUnknown as error:
        raise invalid("#/place", error.code, str(error.sentence)) from error
