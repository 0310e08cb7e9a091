"""What a booked person does afterwards, for machines: correct a typing error, say that they are coming."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from appointments import selectors
from appointments.coming.answers import say_coming
from appointments.corrections.correcting import NotCorrectable, correct_attendee, entry_of_attendee
from appointments.enums import Channel
from appointments.errors import BookingError, UnknownAppointment
from appointments.models import Appointment, ComingHow
from appointments.serializers import AppointmentSerializer, as_entry
from appointments.views.api import BookingView
from mexitel.api.schema import endpoint
from mexitel.api.serializers import StrictSerializer


class CorrectionInputSerializer(StrictSerializer):
    """Only what was mistyped; the rest stays. At most two letters in each name, one digit of the date, or day and month
    swapped.
    """

    given_names = serializers.CharField(max_length=100, required=False)
    surname_1 = serializers.CharField(max_length=100, required=False)
    surname_2 = serializers.CharField(max_length=100, required=False, allow_blank=True)
    birth_date = serializers.DateField(required=False, help_text="From 1900 on.")
    curp = serializers.CharField(max_length=30, required=False, allow_blank=True)
    guardian_name = serializers.CharField(
        max_length=200, required=False, help_text="Needed when the corrected date makes the person a minor."
    )


class NotAsked(BookingError):
    """Nobody is asked yet, or any more, whether they come."""

    code = "not_asked"


class AfterView(BookingView):
    def own(self, appointment_id: UUID) -> Appointment:
        found = selectors.own_appointments(self.account).filter(pk=appointment_id).first()
        if found is None:
            raise UnknownAppointment
        return found

    def shown(self, appointment_id: UUID) -> Response:
        return Response(AppointmentSerializer(self.own(appointment_id), context={"now": self.now}).data)


class AttendeeCorrect(AfterView):
    @endpoint(
        operation_id="correctAttendee", tag="appointments", summary="Correct a typing error of somebody who attends",
        description="The person at `position` of `people`, counted from 1, measured against who was booked. Another"
        " person means cancel and book. The confirmation is sent again.",
        request=CorrectionInputSerializer, success={200: AppointmentSerializer}, fails=(404, 409),
        codes={409: ["another_person", "not_correctable", "being_asked"]},
        examples=[OpenApiExample("A letter", {"surname_1": "González"}, request_only=True)],
    )  # fmt: skip
    def post(self, request: Request, appointment_id: UUID, position: int) -> Response:
        serializer = CorrectionInputSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        own = self.own(appointment_id)
        attendee = next((one for one in own.attendees.all() if one.position == position), None)
        if attendee is None:
            raise UnknownAppointment
        if not own.can_change(now=self.now):
            raise NotCorrectable
        known: dict[str, Any] = vars(entry_of_attendee(attendee)) | serializer.validated_data
        day = selectors.party_of(own, now=self.now).first.session.date
        entry = as_entry(known, procedure=own.procedure, day=day)
        correct_attendee(
            account=self.account, appointment_id=own.pk, position=position, entry=entry, now=self.now,
            channel=Channel.API,
        )  # fmt: skip
        return self.shown(appointment_id)


class AppointmentComing(AfterView):
    @endpoint(
        operation_id="sayComing", tag="appointments", summary="Say that you are coming",
        description="From ten days before. From three days before the office may release what nobody confirmed after"
        " three reminders.",
        success={200: AppointmentSerializer}, fails=(404, 409), codes={409: ["not_asked"]},
    )  # fmt: skip
    def post(self, request: Request, appointment_id: UUID) -> Response:
        if not say_coming([self.own(appointment_id)], how=ComingHow.API, now=self.now):
            raise NotAsked
        return self.shown(appointment_id)
