"""The queue of a release for machines: join, look, come in, and the times to choose from."""

from drf_spectacular.utils import OpenApiExample
from rest_framework.request import Request
from rest_framework.response import Response

from appointments.enums import Channel
from appointments.queueing import times
from appointments.queueing.admission import NotYourTurn, enter
from appointments.queueing.joining import join, leave
from appointments.queueing.serializers import (
    QueueSerializer,
    QueueSlotSerializer,
    QueueSlotsQuery,
    QueueSlotsSerializer,
    TurnSerializer,
    room_data,
)
from appointments.queueing.shown import Stage, queue_release, room_of
from appointments.views.api import BookingView
from consulates.models import Procedure, Release
from mexitel.api.problems import not_found
from mexitel.api.schema import NO_CONTENT, endpoint
from mexitel.api.serializers import checked_query

REFUSED_JOIN = ["ticket_taken", "queue_closed", "blocked", "step_up"]


class QueueView(BookingView):
    def queue(self, release_id: int) -> Release:
        release = queue_release(release_id, now=self.now)
        if release is None:
            raise not_found()
        return release

    def told(self, release: Release, *, status: int = 200) -> Response:
        return Response(room_data(room_of(release, self.account, now=self.now)), status=status)


class Queue(QueueView):
    @endpoint(
        operation_id="getQueue", tag="queues", summary="Where you stand in the queue of a release",
        description="For how far the queue is, read `/aperturas/{release}/fila.json`: one small file for all, with"
        " `again`, the seconds after which it is worth looking again.",
        success={200: QueueSerializer}, fails=(404,),
    )  # fmt: skip
    def get(self, request: Request, release_id: int) -> Response:
        return self.told(self.queue(release_id))

    @endpoint(
        operation_id="joinQueue", tag="queues", summary="Join, once for each account, e-mail and phone",
        description="Joining again changes nothing. Before the opening it makes no difference when; whoever joins later"
        " stands behind.",
        request=None, success={200: QueueSerializer, 201: QueueSerializer}, fails=(404, 409),
        codes={409: REFUSED_JOIN},
    )  # fmt: skip
    def post(self, request: Request, release_id: int) -> Response:
        release = self.queue(release_id)
        new = join(account=self.account, release_id=release.pk, now=self.now, channel=Channel.API, client=self.client)
        return self.told(release, status=201 if new else 200)

    @endpoint(
        operation_id="leaveQueue", tag="queues", summary="Give your place up", success=NO_CONTENT, fails=(404,),
    )  # fmt: skip
    def delete(self, request: Request, release_id: int) -> Response:
        leave(account=self.account, release=self.queue(release_id), now=self.now)
        return Response(status=204)


class QueueTurn(QueueView):
    @endpoint(
        operation_id="takeTurn", tag="queues", summary="Come in: ten minutes to choose begin",
        description="Within them, calling again changes nothing.", request=None, success={200: TurnSerializer},
        fails=(404, 409), codes={409: ["not_your_turn"]},
        examples=[OpenApiExample("In", {"turn": "WzEy…", "until": "2026-12-02T10:21:00-08:00"}, response_only=True)],
    )  # fmt: skip
    def post(self, request: Request, release_id: int) -> Response:
        release = self.queue(release_id)
        turn = enter(account=self.account, release_id=release.pk, now=self.now)
        return Response({"turn": turn.token, "until": turn.until})


class QueueSlots(QueueView):
    limits = ["own"]

    @endpoint(
        operation_id="listQueueSlots", tag="queues", summary="The free times of the release, for whoever is in",
        query=QueueSlotsQuery, success={200: QueueSlotsSerializer}, fails=(404, 409), codes={409: ["not_your_turn"]},
    )  # fmt: skip
    def get(self, request: Request, release_id: int) -> Response:
        release = self.queue(release_id)
        asked = checked_query(QueueSlotsQuery, request.query_params)
        procedure = Procedure.objects.bookable().filter(code=asked["procedure"]).first()
        if procedure is None:
            raise not_found()
        if room_of(release, self.account, now=self.now).stage != Stage.CHOOSING:
            raise NotYourTurn
        free = times.free_times(release, procedure, now=self.now)
        return Response({"slots": QueueSlotSerializer(free, many=True).data})
