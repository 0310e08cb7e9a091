"""The waiting list for machines: the same services, guards and limits as the pages."""

from uuid import UUID

from drf_spectacular.utils import OpenApiExample
from rest_framework.request import Request
from rest_framework.response import Response

from appointments.enums import Channel
from appointments.models import Applicant, WaitingEntry, WaitingOffer
from appointments.serializers import AppointmentsSerializer
from appointments.views.api import REFUSED_CONFIRM, BookingView
from appointments.waiting import joining
from appointments.waiting.answering import accept, decline
from appointments.waiting.errors import NoOffer, NotWaiting, WaitingError, sentence
from appointments.waiting.forms import WaitForm
from appointments.waiting.serializers import (
    MEMBERS,
    JoinSerializer,
    WaitingEntrySerializer,
    as_typed,
    entry_data,
)
from appointments.waiting.shown import shown_entry
from mexitel.api.pagination import page
from mexitel.api.problems import Problem, invalid, not_found
from mexitel.api.schema import NO_CONTENT, endpoint, page_of
from mexitel.api.serializers import NextPage, checked_query

REFUSED_ACCEPT = [*REFUSED_CONFIRM, "no_offer", "other_people"]
REFUSED_JOIN = ["waits_already", "person_booked", "person_does_not_fit", "unreachable"]


class WaitingView(BookingView):
    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, WaitingError):
            exc = Problem(409, exc.code, sentence(exc), stored=False, **exc.facts)
        return super().handle_exception(exc)

    def own(self, entry_id: UUID) -> WaitingEntry:
        mine = WaitingEntry.objects.select_related("procedure", "account").filter(account=self.account)
        entry = mine.filter(pk=entry_id).first()
        if entry is None:
            raise not_found()
        return entry

    def offer_of(self, entry_id: UUID) -> WaitingOffer:
        """The latest offer of the entry. Raises NoOffer when there never was one."""
        found = WaitingOffer.objects.select_related("entry__account", "entry__procedure", "session__consulate")
        offer = found.filter(entry=self.own(entry_id)).order_by("-made_at").first()
        if offer is None:
            raise NoOffer
        return offer

    def shown(self, entry: WaitingEntry, status: int = 200) -> Response:
        entry.refresh_from_db()
        headers = {"Location": f"/api/v1/waiting-list/{entry.pk}"} if status == 201 else {}
        return Response(entry_data(shown_entry(entry, now=self.now), now=self.now), status=status, headers=headers)


class WaitingList(WaitingView):
    @endpoint(
        operation_id="listWaiting", tag="waiting list", summary="Your places in the waiting list, newest first",
        success={200: page_of(WaitingEntrySerializer)}, paged=True,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        asked = checked_query(NextPage, request.query_params)
        mine = WaitingEntry.objects.filter(account=self.account).select_related("procedure", "account")

        def show(found: list[WaitingEntry]) -> list[dict]:
            return [entry_data(shown_entry(entry, now=self.now), now=self.now) for entry in found]

        return page(request, mine, key="id", asked=asked, show=show, newest_first=True)

    @endpoint(
        operation_id="joinWaiting", tag="waiting list", summary="Wait for a freed place",
        description="When somebody cancels, their place is kept for 30 minutes for whoever has waited more days; among"
        " those of one day a draw decides. Joining again for the same people answers with the place that there is.",
        request=JoinSerializer, success={201: WaitingEntrySerializer}, fails=(404, 409), codes={409: REFUSED_JOIN},
        examples=[
            OpenApiExample(
                "Weekends near a ZIP code",
                {"procedure": "passport-adult-renewal", "applicants": [4127], "near": "90012", "weekdays": [6, 7],
                 "until": "2027-01-31"},
                request_only=True,
            )
        ],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        serializer = JoinSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        typed = serializer.validated_data
        form = WaitForm(as_typed(typed), now=self.now)
        if not form.is_valid():
            field, [error, *_rest] = next(iter(form.errors.get_json_data().items()))
            raise invalid(f"#/{MEMBERS[field]}", error["code"] or "invalid", str(error["message"]))
        saved = Applicant.objects.filter(account=self.account, removed_at=None).in_bulk(typed["applicants"])
        if len(saved) < len(set(typed["applicants"])):
            raise not_found()
        entry = joining.join(
            account=self.account, wanted=form.wanted(), people=list(saved.values()), now=self.now, channel=Channel.API,
            client=self.client,
        )  # fmt: skip
        return self.shown(entry, 201)


class WaitingDetail(WaitingView):
    @endpoint(
        operation_id="getWaiting", tag="waiting list", summary="Where you stand, what is kept, why others were served",
        success={200: WaitingEntrySerializer}, fails=(404,),
    )  # fmt: skip
    def get(self, request: Request, entry_id: UUID) -> Response:
        return self.shown(self.own(entry_id))

    @endpoint(
        operation_id="leaveWaiting", tag="waiting list", summary="Leave the list",
        description="What was kept goes to the next. Nothing happens to a place that is over already.",
        success=NO_CONTENT, fails=(404,),
    )  # fmt: skip
    def delete(self, request: Request, entry_id: UUID) -> Response:
        joining.leave(entry=self.own(entry_id), now=self.now, channel=Channel.API)
        return Response(status=204)


class WaitingStay(WaitingView):
    @endpoint(
        operation_id="stayWaiting", tag="waiting list", summary="Say that you still wait",
        description="After four offers without an answer a place rests until then.",
        success={200: WaitingEntrySerializer}, fails=(404, 409), codes={409: [NotWaiting.code]},
    )  # fmt: skip
    def post(self, request: Request, entry_id: UUID) -> Response:
        entry = self.own(entry_id)
        joining.stay(entry=entry, now=self.now)
        return self.shown(entry)


class WaitingAccept(WaitingView):
    idempotent = True

    @endpoint(
        operation_id="acceptWaitingOffer", tag="waiting list", summary="Accept what is kept for you",
        description="The appointments are for the people who waited, and for nobody else.",
        success={200: AppointmentsSerializer}, fails=(404, 409), codes={409: REFUSED_ACCEPT}, keyed=True,
    )  # fmt: skip
    def post(self, request: Request, entry_id: UUID) -> Response:
        key = self.key(request)
        offer = self.offer_of(entry_id)
        booked = accept(offer, now=self.now, channel=Channel.API, client=self.client, key=key)
        return self.appointments(booked, key)


class WaitingDecline(WaitingView):
    @endpoint(
        operation_id="declineWaitingOffer", tag="waiting list", summary="Say no to what is kept for you",
        description="It costs nothing: the place goes to the next, and you go on waiting.",
        success={200: WaitingEntrySerializer}, fails=(404, 409), codes={409: ["no_offer"]},
    )  # fmt: skip
    def post(self, request: Request, entry_id: UUID) -> Response:
        offer = self.offer_of(entry_id)
        decline(offer, now=self.now, channel=Channel.API)
        return self.shown(offer.entry)
