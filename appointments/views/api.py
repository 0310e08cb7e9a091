"""Booking for machines: the same services, guards and limits as the pages."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample
from rest_framework.request import Request
from rest_framework.response import Response

from appointments import selectors
from appointments.enums import Channel, ScopeKind
from appointments.errors import BookingError, SlotBusy, UnknownAppointment, UnknownHold
from appointments.family import FAMILY
from appointments.guards import BookingRefused, StepUpNeeded
from appointments.models import Applicant, Appointment, Hold
from appointments.queueing.admission import admitted_by
from appointments.refusals import sentence
from appointments.serializers import (
    ApplicantInputSerializer,
    ApplicantSerializer,
    AppointmentSerializer,
    AppointmentsQuery,
    AppointmentsSerializer,
    CancelInputSerializer,
    ConfirmInputSerializer,
    HoldInputSerializer,
    HoldSerializer,
    entry_of_typed,
    hold_data,
    party_entries,
)
from appointments.services import (
    IdempotencyKey,
    cancel_appointments,
    confirm_hold,
    extend_hold,
    hold_seats,
    release_hold,
    save_applicant,
)
from appointments.written import just_booked, just_held
from consulates.models import Procedure
from mexitel.api.idempotency import REPLAYED, body_hash, key_of
from mexitel.api.pagination import page
from mexitel.api.problems import Problem, invalid, not_found
from mexitel.api.schema import NO_CONTENT, endpoint, page_of
from mexitel.api.serializers import NextPage, checked, checked_query, shown
from mexitel.api.views import ApiView
from mexitel.utils.browsers import Seen, network_seen

BUSY_SECONDS = 1
STORED_BY_NOBODY = {"busy", "key_reused", "unknown_hold", "not_one_family"}  # the claim keeps no answer for these
REFUSED_HOLD = ["full", "busy", "closed", "started", "not_open", "unknown_slot", "not_offered", "several_sessions"]
REFUSED_HOLD += ["lock_full", "blocked", "not_movable", "step_up", "too_many_holds", "cool_down", "held_before"]
REFUSED_CONFIRM = ["hold_expired", "people_missing", "applicant_twice", "applicant_booked", "closed", "started"]
REFUSED_CONFIRM += ["lock_full", "blocked", "not_movable", "busy", "not_one_family", "step_up"]
# Where a step is taken; after it the same request goes through. "call" names the telephone line.
STEPS = {"work": "/api/v1/step-ups/work", "code": "/api/v1/step-ups/code"}
SLOTS = [{"slot": 81235, "seats": 2}]
ROSA = {"given_names": "Rosa María", "surname_1": "López", "surname_2": "Pérez", "birth_date": "1985-03-27"}
LUIS = {"given_names": "Luis", "surname_1": "Gómez", "birth_date": "2016-05-02", "guardian_name": "Rosa María López"}


class BookingView(ApiView):
    """Refusals of the services become problems with their code; sentences are those of the pages."""

    limits = ["booking"]

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, StepUpNeeded):
            where = STEPS.get(exc.need, settings.CONTACT_PHONE)
            exc = Problem(409, exc.code, sentence(exc.code, {}), need=exc.need, where=where)
        elif isinstance(exc, BookingRefused):
            exc = Problem(409, exc.code, sentence(exc.code, {}))
        elif isinstance(exc, BookingError):
            exc = refusal(exc)
        return super().handle_exception(exc)

    def key(self, request: Request) -> IdempotencyKey:
        """The key of this request. Asked for before the body is looked at, so that its absence is always said."""
        return IdempotencyKey(key_of(request), body_hash(request))

    @property
    def client(self) -> Seen:
        return network_seen(self.request)

    def own_hold(self, hold_id: UUID) -> Hold:
        hold = Hold.objects.select_related("procedure").filter(pk=hold_id, account=self.account).first()
        if hold is None:
            raise UnknownHold
        return hold

    def procedure(self, code: str) -> Procedure | None:
        return Procedure.objects.bookable().filter(code=code).first()

    def party(self, hold: Hold) -> selectors.HeldParty:
        return selectors.held_party(hold)

    def told_hold(self, hold: Hold, **options: Any) -> Response:
        return Response(hold_data(hold, self.party(hold), now=self.now), **options)

    def appointments(self, ids: list[UUID], key: IdempotencyKey) -> Response:
        found = {one.pk: one for one in selectors.own_appointments(self.account).filter(pk__in=ids)}
        return self.told_booked([found[pk] for pk in ids], key)

    def told_booked(self, appointments: Sequence[Appointment], key: IdempotencyKey) -> Response:
        told = shown(AppointmentSerializer, appointments, now=self.now)
        return Response({"appointments": told}, headers=replay_header(key))


def refusal(error: BookingError) -> Problem:
    facts: Mapping[str, Any] = error.facts
    shown = {name: facts[name] for name in ("cap", "active", "applicant", "until") if name in facts}
    if "scope" in facts:
        shown["scope"] = ScopeKind(facts["scope"]).name.lower()
    headers = {REPLAYED: "true"} if facts.get("replayed") else {}
    if isinstance(error, (UnknownHold, UnknownAppointment)):
        status = 404
    elif isinstance(error, SlotBusy):
        status, headers["Retry-After"] = 409, str(BUSY_SECONDS)
    else:
        status = 422 if error.code == "key_reused" else 409
    stored = error.code not in STORED_BY_NOBODY
    return Problem(status, error.code, sentence(error.code, facts), headers=headers, stored=stored, **shown)


def replay_header(key: IdempotencyKey) -> dict[str, str]:
    return {REPLAYED: "true"} if key.replayed else {}


class HoldList(BookingView):
    idempotent = True

    @endpoint(
        operation_id="holdSeats", tag="holds", summary="Keep seats for ten minutes",
        description="All the seats or none. Nobody is named yet. With `replaces` the seats are for moving appointments:"
        " such a hold takes no place of the five, and it is confirmed without people. The old times stay until then.",
        request=HoldInputSerializer, success={201: HoldSerializer}, fails=(409,), codes={409: REFUSED_HOLD}, keyed=True,
        examples=[
            OpenApiExample("For two", {"procedure": "passport-adult-renewal", "slots": SLOTS}, request_only=True),
            OpenApiExample(
                "A move",
                {
                    "procedure": "passport-adult-renewal",
                    "slots": [{"slot": 81235, "seats": 1}],
                    "replaces": ["01939f4e-7a60-7c1e-8a1b-2f6f0c1d2e3f"],
                },
                request_only=True,
            ),
        ],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        key = self.key(request)
        typed = checked(HoldInputSerializer, request.data)
        procedure = self.procedure(typed["procedure"])
        if procedure is None:
            raise invalid(
                "#/procedure", "not_bookable", _("That procedure is not booked here. Choose one of the list.")
            )
        held = hold_seats(
            account=self.account, wishes=typed["slots"], procedure_id=procedure.pk, now=self.now, channel=Channel.API,
            supersedes=typed.get("supersedes"), replaces=typed["replaces"], key=key, client=self.client,
            origin=FAMILY if typed["family"] and not typed["replaces"] else "",
            admitted=admitted_by(typed["turn"], account=self.account, now=self.now),
        )  # fmt: skip
        headers = {"Location": f"{request.path}/{held.hold_id}", **replay_header(key)}
        # A replay says how the hold stands now.
        hold = self.own_hold(held.hold_id) if key.replayed else just_held(held, typed, procedure)
        return self.told_hold(hold, status=201, headers=headers)


class HoldDetail(BookingView):
    @endpoint(
        operation_id="getHold", tag="holds", summary="One of your holds", success={200: HoldSerializer}, fails=(404,),
    )  # fmt: skip
    def get(self, request: Request, hold_id: UUID) -> Response:
        return self.told_hold(self.own_hold(hold_id))

    @endpoint(
        operation_id="releaseHold", tag="holds", summary="Give the seats back early",
        description="Nothing happens to a hold that is over already.", success=NO_CONTENT, fails=(404,),
    )  # fmt: skip
    def delete(self, request: Request, hold_id: UUID) -> Response:
        release_hold(account=self.account, hold_id=hold_id, now=self.now, channel=Channel.API)
        return Response(status=204)


class HoldExtend(BookingView):
    @endpoint(
        operation_id="extendHold", tag="holds", summary="Ten more minutes from now, once",
        success={200: HoldSerializer}, fails=(404, 409), codes={409: ["already_extended", "hold_expired"]},
    )  # fmt: skip
    def post(self, request: Request, hold_id: UUID) -> Response:
        extend_hold(account=self.account, hold_id=hold_id, now=self.now, channel=Channel.API)
        return self.told_hold(self.own_hold(hold_id))


class HoldConfirm(BookingView):
    idempotent = True

    @endpoint(
        operation_id="confirmHold", tag="holds", summary="Turn a hold into appointments, or move them",
        description="One person for each seat, in the order of the hold's slots; a saved person may be named by"
        " `applicant`. A hold that moves appointments is confirmed with `{}`: a move keeps its people.",
        request=ConfirmInputSerializer, success={200: AppointmentsSerializer}, fails=(404, 409),
        codes={409: REFUSED_CONFIRM}, keyed=True,
        examples=[
            OpenApiExample("A mother and her son", {"people": [ROSA, LUIS]}, request_only=True),
            OpenApiExample("A saved person", {"people": [{"applicant": 4127}]}, request_only=True),
            OpenApiExample("A move", {}, request_only=True),
        ],
    )  # fmt: skip
    def post(self, request: Request, hold_id: UUID) -> Response:
        key = self.key(request)
        people = checked(ConfirmInputSerializer, request.data).get("people", [])
        hold = self.own_hold(hold_id)
        party = self.party(hold)
        if hold.replaces and people:
            raise invalid("#/people", "people_kept", _("A move keeps its people: leave them out."))
        entries = party_entries(people, account=self.account, procedure=hold.procedure, day=party.day)
        booked = confirm_hold(
            account=self.account, hold_id=hold_id, people=entries, today=party.day, now=self.now, channel=Channel.API,
            key=key, client=self.client, held=hold,
        )  # fmt: skip
        if not booked.references:
            return self.appointments(booked, key)
        return self.told_booked(just_booked(booked, hold, party, entries, now=self.now), key)


class AppointmentList(BookingView):
    limits = ["own"]

    @endpoint(
        operation_id="listAppointments", tag="appointments", summary="Your appointments, newest booking first",
        query=AppointmentsQuery, success={200: page_of(AppointmentSerializer)}, paged=True,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        asked = checked_query(AppointmentsQuery, request.query_params)
        rows = selectors.own_appointments(self.account)
        if asked["upcoming"] is not None:
            coming = rows.upcoming(now=self.now)
            rows = coming if asked["upcoming"] else rows.exclude(pk__in=coming.values("pk"))

        def show(found: list) -> Any:
            return AppointmentSerializer(found, many=True, context={"now": self.now}).data

        return page(request, rows, key="id", asked=asked, show=show, newest_first=True)


class AppointmentDetail(BookingView):
    limits = ["own"]

    @endpoint(
        operation_id="getAppointment", tag="appointments", summary="One of your appointments",
        success={200: AppointmentSerializer}, fails=(404,),
    )  # fmt: skip
    def get(self, request: Request, appointment_id: UUID) -> Response:
        found = selectors.own_appointments(self.account).filter(pk=appointment_id).first()
        if found is None:
            raise UnknownAppointment
        return Response(AppointmentSerializer(found, context={"now": self.now}).data)


class AppointmentCancel(BookingView):
    idempotent = True

    @endpoint(
        operation_id="cancelAppointments", tag="appointments", summary="Cancel appointments, all of them or none",
        description="Cancelling what is cancelled changes nothing. The seats do not reappear at once.",
        request=CancelInputSerializer, success={200: AppointmentsSerializer}, fails=(404, 409),
        codes={409: ["not_cancellable"]}, keyed=True,
        examples=[
            OpenApiExample("One", {"appointments": ["01939f4e-7a60-7c1e-8a1b-2f6f0c1d2e3f"]}, request_only=True)
        ],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        key = self.key(request)
        serializer = CancelInputSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        ids = list(dict.fromkeys(serializer.validated_data["appointments"]))
        cancel_appointments(account=self.account, appointment_ids=ids, now=self.now, channel=Channel.API, key=key)
        return self.appointments(ids, key)


class ApplicantList(BookingView):
    limits = ["own"]

    @endpoint(
        operation_id="listApplicants", tag="applicants", summary="The people saved in your account",
        success={200: page_of(ApplicantSerializer)}, paged=True,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        asked = checked_query(NextPage, request.query_params)
        rows = Applicant.objects.filter(account=self.account, removed_at=None)
        return page(request, rows, key="id", asked=asked, show=lambda found: ApplicantSerializer(found, many=True).data)

    @endpoint(
        operation_id="saveApplicant", tag="applicants", summary="Save a person",
        description="Somebody who is saved already, typed again, stays one person.",
        request=ApplicantInputSerializer, success={201: ApplicantSerializer},
        examples=[OpenApiExample("Rosa", ROSA, request_only=True)],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        serializer = ApplicantInputSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        today = self.now.date()
        entry = entry_of_typed(serializer.validated_data, saved={}, procedure=Procedure(), day=today)
        saved = save_applicant(account=self.account, entry=entry, today=today, now=self.now)
        return Response(ApplicantSerializer(saved).data, status=201)


class ApplicantDetail(BookingView):
    limits = ["own"]

    @endpoint(
        operation_id="getApplicant", tag="applicants", summary="One saved person",
        success={200: ApplicantSerializer}, fails=(404,),
    )  # fmt: skip
    def get(self, request: Request, applicant_id: int) -> Response:
        found = Applicant.objects.filter(account=self.account, removed_at=None, pk=applicant_id).first()
        if found is None:
            raise not_found()
        return Response(ApplicantSerializer(found).data)
