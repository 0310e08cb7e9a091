"""Draws for machines: the same services, guards and sentences as the pages."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample
from rest_framework.request import Request
from rest_framework.response import Response

from appointments.drawing import going_on, joining, settling
from appointments.drawing.errors import DrawError, sentence
from appointments.drawing.joining import Wishes
from appointments.drawing.serializers import (
    ApplyInputSerializer,
    DrawApplicationSerializer,
    DrawApplicationsSerializer,
    DrawsSerializer,
)
from appointments.drawing.shown import draw_or_none, draws_to_join, rule, shown
from appointments.enums import Channel
from appointments.models import DrawApplication
from appointments.serializers import AppointmentsSerializer
from appointments.views.api import REFUSED_CONFIRM, BookingView
from consulates.models import Consulate, Procedure, Release
from mexitel.api.problems import Problem, not_found
from mexitel.api.schema import NO_CONTENT, endpoint

REFUSED_APPLY = ["not_joinable", "applied_already", "person_applied", "applicant_booked", "wrong_people"]
REFUSED_APPLY += ["not_one_family", "nothing_suits", "blocked"]
NEWEST = 50
WISHES = {
    "draw": 42, "procedure": "passport-adult-renewal", "applicants": [4127, 4128],
    "offices": ["los-angeles", "san-bernardino"], "days": "weekend", "half": "any",
}  # fmt: skip


class DrawView(BookingView):
    """Refusals of this room become problems with their code."""

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, DrawError):
            about = {name: exc.facts[name] for name in ("applicant",) if name in exc.facts}
            exc = Problem(409, exc.code, sentence(exc), stored=False, **about)
        return super().handle_exception(exc)

    def own(self, application_id: UUID) -> DrawApplication:
        found = self.applications().filter(pk=application_id).first()
        if found is None:
            raise not_found()
        return found

    def applications(self) -> Any:
        found = DrawApplication.objects.for_pages().select_related("account", "release__draw_progress")
        return found.filter(account=self.account)

    def show(self, application_id: UUID, *, status: int = 200) -> Response:
        return Response(self.data([self.own(application_id)])[0], status=status)

    def data(self, applications: list[DrawApplication]) -> list[dict]:
        offices = {pk for application in applications for pk in application.office_ids}
        codes = dict(Consulate.objects.filter(pk__in=offices).values_list("pk", "code"))
        states = [shown(application, now=self.now) for application in applications]
        return list(DrawApplicationSerializer(states, many=True, context={"codes": codes}).data)

    def apply(self, release: Release | None, typed: dict) -> DrawApplication:
        procedure = Procedure.objects.filter(code=typed["procedure"]).first()
        if release is None or procedure is None:
            raise not_found()
        ids = dict(Consulate.objects.filter(code__in=typed["offices"]).values_list("code", "pk"))
        wishes = Wishes(
            procedure=procedure,
            applicants=tuple(typed["applicants"]),
            offices=tuple(dict.fromkeys(ids.get(code, 0) for code in typed["offices"])),
            days=typed["days"],
            chosen_days=tuple(typed["chosen_days"]),
            half=typed["half"],
            sooner_first=typed["sooner_first"],
        )
        return joining.apply(
            account=self.account, release=release, wishes=wishes, now=self.now, channel=Channel.API, client=self.client
        )


class DrawList(DrawView):
    limits = ["own"]

    @endpoint(
        operation_id="listDraws", tag="draws", summary="Draws that take applications now",
        success={200: DrawsSerializer},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        return Response(DrawsSerializer({"rule": rule(), "draws": draws_to_join(now=self.now)}).data)


class ApplicationList(DrawView):
    @endpoint(
        operation_id="listDrawApplications", tag="draws", summary="Your applications to draws, the newest first",
        success={200: DrawApplicationsSerializer},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        return Response({"applications": self.data(list(self.applications().order_by("-applied_at")[:NEWEST]))})

    @endpoint(
        operation_id="applyToDraw", tag="draws", summary="Apply to a draw, or change your application",
        description="One application for each account, mailbox and phone; asked again it changes the one that stands"
        " and keeps its ticket. Nothing is gained by being first.",
        request=ApplyInputSerializer, success={201: DrawApplicationSerializer}, fails=(404, 409),
        codes={409: REFUSED_APPLY},
        examples=[OpenApiExample("A couple, at a weekend", WISHES, request_only=True)],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        serializer = ApplyInputSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        release = draw_or_none(serializer.validated_data["draw"], now=self.now)
        return self.show(self.apply(release, serializer.validated_data).pk, status=201)


class ApplicationDetail(DrawView):
    @endpoint(
        operation_id="getDrawApplication", tag="draws", summary="One of your applications and where it stands",
        success={200: DrawApplicationSerializer}, fails=(404,),
    )  # fmt: skip
    def get(self, request: Request, application_id: UUID) -> Response:
        return self.show(application_id)

    @endpoint(
        operation_id="withdrawDrawApplication", tag="draws", summary="Leave the draw, or the order after it",
        success=NO_CONTENT, fails=(404, 409), codes={409: ["too_late"]},
    )  # fmt: skip
    def delete(self, request: Request, application_id: UUID) -> Response:
        joining.withdraw(application_id=self.own(application_id).pk, now=self.now)
        return Response(status=204)


class ApplicationAccept(DrawView):
    idempotent = True

    @endpoint(
        operation_id="acceptDrawWin", tag="draws", summary="The seats that you won become appointments",
        description="Of the people who applied; nothing is typed again. Where two or more attend in one seat, confirm"
        " the hold of `won` with their names instead.",
        success={200: AppointmentsSerializer}, fails=(404, 409), codes={409: [*REFUSED_CONFIRM, "too_late"]},
        keyed=True,
    )  # fmt: skip
    def post(self, request: Request, application_id: UUID) -> Response:
        key = self.key(request)
        booked = settling.accept(
            application=self.own(application_id), now=self.now, channel=Channel.API, client=self.client, key=key
        )
        return self.appointments(booked, key)


class ApplicationDecline(DrawView):
    @endpoint(
        operation_id="declineDrawWin", tag="draws", summary="Give the seats to the next in order",
        success={200: DrawApplicationSerializer}, fails=(404, 409), codes={409: ["too_late"]},
    )  # fmt: skip
    def post(self, request: Request, application_id: UUID) -> Response:
        settling.decline(application=self.own(application_id), now=self.now, channel=Channel.API)
        return self.show(application_id)


class ApplicationCarryOn(DrawView):
    @endpoint(
        operation_id="carryOnToNextDraw", tag="draws", summary="After a loss, into the next draw with the same wishes",
        description="Answers with the application in the next draw; with this one as long as none takes applications.",
        success={200: DrawApplicationSerializer}, fails=(404, 409), codes={409: ["not_carried", *REFUSED_APPLY]},
    )  # fmt: skip
    def post(self, request: Request, application_id: UUID) -> Response:
        entered = going_on.carry_on(
            application=self.own(application_id), now=self.now, channel=Channel.API, client=self.client
        )
        return self.show(entered.pk if entered else application_id)
