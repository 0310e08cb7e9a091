"""Shapes that every room shares."""

import threading
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import get_attribute

LARGEST_ID = 2**63 - 1
Made = TypeVar("Made", bound=serializers.Serializer)


class StrictSerializer(serializers.Serializer):
    """Input in which a name that we do not know is an error: it is a typing mistake, or an attempt."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = set(data) - set(self.fields) if isinstance(data, Mapping) else set()
        if unknown:
            message = serializers.ErrorDetail(_("There is no such member."), code="unknown_member")
            raise serializers.ValidationError({str(name)[:100]: [message] for name in sorted(unknown)})
        return super().to_internal_value(data)


_made = threading.local()


def ready(kind: type[Made]) -> Made:
    """This thread's serializer of a kind. Making its fields costs more than using them, and here they are made once; so
    it keeps nothing of a request: only ``checked`` and ``shown`` use it.
    """
    kinds = _made.__dict__.setdefault("kinds", {})
    if kind not in kinds:
        kinds[kind] = kind()
    return kinds[kind]


def checked(kind: type[serializers.Serializer], data: Any) -> dict[str, Any]:
    """What came in, as ``kind`` reads it. Raises ValidationError."""
    return ready(kind).run_validation(data)


def shown(kind: type[serializers.Serializer], rows: Iterable[Any], **context: Any) -> list[dict[str, Any]]:
    """``rows`` as ``kind`` writes them; ``context`` is what its methods find there."""
    serializer = ready(kind)
    serializer._context = context
    return [serializer.to_representation(row) for row in rows]


class RowId(serializers.IntegerField):
    """A number that fits the database's column."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1, max_value=LARGEST_ID, **options)


class LocalTime(serializers.DateTimeField):
    """A moment with its offset, in the zone that ``zone`` names in the same object (``"UTC"`` when None)."""

    def __init__(self, *, zone: str | None = "time_zone", **options: Any) -> None:
        self.zone = zone
        super().__init__(read_only=True, **options)

    def get_attribute(self, instance: Any) -> Any:
        at = super().get_attribute(instance)
        return at and local(at, get_attribute(instance, self.zone.split(".")) if self.zone else "UTC")

    def to_representation(self, value: Any) -> str:
        return value


def local(at: datetime, zone: str) -> str:
    """``2026-12-01T09:00:00-08:00``: whole seconds, always with the offset."""
    return at.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")


@extend_schema_field({"type": "string", "enum": ["UTC"]})
class Utc(serializers.CharField):
    """The name of the zone beside times that belong to no place."""

    def __init__(self) -> None:
        super().__init__(read_only=True, source="*")

    def to_representation(self, value: Any) -> str:
        return "UTC"


class FieldErrorSerializer(serializers.Serializer):
    pointer = serializers.CharField(help_text="JSON pointer to the member, or to the parameter of the address.")
    code = serializers.CharField()
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer):
    """RFC 9457. `code` is stable; `detail` is a sentence for a person, in the language of `Accept-Language`."""

    type = serializers.URLField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    instance = serializers.CharField(required=False, help_text="The path; not in a 404.")
    errors = FieldErrorSerializer(many=True, required=False)  # type: ignore[assignment]  # RFC 9457's word
    stored = serializers.BooleanField(
        required=False, help_text="Whether the same Idempotency-Key gets this answer again. False: it may be sent anew."
    )
    cap = serializers.IntegerField(required=False, help_text="`lock_full`: how many at the same time.")
    active = serializers.IntegerField(required=False, help_text="`lock_full`: how many there are now.")
    scope = serializers.CharField(required=False, help_text="`lock_full`: account, email, phone or group.")
    applicant = serializers.IntegerField(required=False, help_text="`applicant_booked`: which saved person.")
    until = serializers.DateTimeField(
        required=False, help_text="`too_many_holds`, `cool_down`, `held_before`: from when it can be done."
    )
    attempts_left = serializers.IntegerField(required=False, help_text="`code_wrong`.")


class NextPage(serializers.Serializer):
    limit = serializers.IntegerField(min_value=1, max_value=100, default=100, help_text="Rows per page.")
    cursor = serializers.CharField(
        max_length=500, required=False, help_text="From `next` or the `Link` header of the page before."
    )


def checked_query(kind: type[serializers.Serializer], query: Mapping[str, Any], **options: Any) -> dict[str, Any]:
    """The parameters of the address as ``kind`` reads them; unknown and repeated ones are errors."""
    known = kind(**options).fields
    problems = {
        name[:100]: [
            serializers.ErrorDetail(_("There is no such parameter, or it is there twice."), "unknown_parameter")
        ]
        for name in query
        if name not in known or len(query.getlist(name)) > 1  # type: ignore[attr-defined]
    }
    if problems:
        raise serializers.ValidationError(problems)
    serializer = kind(data=query.dict(), **options)  # type: ignore[attr-defined]
    serializer.is_valid(raise_exception=True)
    return serializer.validated_data
