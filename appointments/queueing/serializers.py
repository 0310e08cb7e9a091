"""A queue as machines read it: the same that the pages say."""

from typing import Any

from rest_framework import serializers

from appointments.queueing.shown import Room, Stage
from consulates.serializers import OfficeRefSerializer, PlaceSerializer
from mexitel.api.serializers import LocalTime, StrictSerializer, local


class WaitSerializer(serializers.Serializer):
    least_minutes = serializers.IntegerField()
    most_minutes = serializers.IntegerField()


class QueueSerializer(serializers.Serializer):
    """`stage` says where you stand; `place` counts from one once the order is drawn. `turn` opens `POST /holds` to you
    until `turn_until`.
    """

    release = serializers.IntegerField()
    stage = serializers.ChoiceField([str(stage) for stage in Stage])
    joins_from = serializers.DateTimeField()
    opens_at = serializers.DateTimeField()
    opens_to_all_at = serializers.DateTimeField()
    time_zone = serializers.CharField()
    ticket = serializers.CharField(help_text="Your number in the published list; empty without one.", allow_blank=True)
    place = serializers.IntegerField(allow_null=True)
    called_to = serializers.IntegerField(help_text="The last place that was let in.")
    people = serializers.IntegerField()
    free = serializers.IntegerField(help_text="Places that are free now.")
    wait = WaitSerializer(allow_null=True)
    come_until = serializers.DateTimeField(allow_null=True, help_text="Later your place is kept as well.")


class TurnSerializer(serializers.Serializer):
    turn = serializers.CharField(help_text="For `turn` of `POST /holds`: yours alone, for this release.")
    until = serializers.DateTimeField()


class QueueSlotsQuery(StrictSerializer):
    procedure = serializers.SlugField(max_length=40)


class QueueSlotSerializer(serializers.Serializer):
    slot = serializers.IntegerField(source="free.id")
    starts_at = LocalTime(zone="session.time_zone", source="free.starts_at")
    free = serializers.IntegerField(source="free.free")
    time_zone = serializers.CharField(source="session.time_zone")
    office = OfficeRefSerializer(source="session.consulate")
    place = PlaceSerializer(source="session")


class QueueSlotsSerializer(serializers.Serializer):
    slots = QueueSlotSerializer(many=True)


def room_data(room: Room) -> dict[str, Any]:
    release, zone, wait = room.release, room.time_zone, room.wait if room.stage == Stage.WAITING else None
    return {
        "release": release.pk,
        "stage": str(room.stage),
        "joins_from": local(release.joins_from or release.opens_at, zone),
        "opens_at": local(release.opens_at, zone),
        "opens_to_all_at": local(release.opens_to_all_at or release.opens_at, zone),
        "time_zone": zone,
        "ticket": room.ticket.code if room.ticket else "",
        "place": room.rank or None,
        "called_to": room.facts.called_to,
        "people": room.facts.people,
        "free": room.facts.free,
        "wait": {"least_minutes": wait.least, "most_minutes": wait.most} if wait else None,
        "come_until": local(room.come_until, zone) if room.can_enter and room.come_until else None,
    }
