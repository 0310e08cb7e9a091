"""The proof of a queue or draw, for machines: its hashes, its files, and what became of one ticket."""

from typing import Any

from django.http import Http404
from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from appointments.allocation import shown
from appointments.allocation.tending import due_at
from appointments.models import Drawing, DrawingFile
from consulates.models import Gate, Release
from mexitel.api.schema import endpoint
from mexitel.api.serializers import checked_query
from mexitel.api.views import PublicView


class ProofQuery(serializers.Serializer):
    ticket = serializers.CharField(max_length=60, required=False, help_text="Also say what became of this ticket.")


class ProofFileSerializer(serializers.Serializer):
    name = serializers.CharField()
    path = serializers.SerializerMethodField()
    size = serializers.IntegerField(help_text="Bytes, unpacked.")
    sha256 = serializers.CharField(source="digest")

    def get_path(self, file: DrawingFile) -> str:
        return reverse("draw_proof_file", args=[file.drawing_id, file.name])


class FoundTicketSerializer(serializers.Serializer):
    in_list = serializers.BooleanField()
    place = serializers.IntegerField(allow_null=True)
    won = serializers.ListField(child=serializers.CharField(), allow_null=True, help_text="Office, day, half-day.")
    skipped = serializers.CharField(allow_blank=True, help_text="Why it was passed over.")


class ProofSerializer(serializers.Serializer):
    """What anybody needs to recompute a queue or draw. Hashes are hexadecimal; null until their step is done."""

    committed_at = serializers.DateTimeField()
    commitment = serializers.CharField()
    sealed_at = serializers.DateTimeField(allow_null=True)
    sealed_sha256 = serializers.CharField(allow_null=True)
    tickets = serializers.IntegerField(allow_null=True)
    channels = serializers.DictField(child=serializers.IntegerField())
    beacon = serializers.CharField(allow_blank=True)
    demonstration = serializers.BooleanField(
        help_text="The random number is this installation's own and proves nothing."
    )
    round = serializers.IntegerField(allow_null=True)
    round_at = serializers.DateTimeField(allow_null=True)
    drawn_at = serializers.DateTimeField(allow_null=True)
    seed = serializers.CharField(allow_null=True)
    files = ProofFileSerializer(many=True)
    ticket = FoundTicketSerializer(allow_null=True)


class DrawProof(PublicView):
    @endpoint(
        operation_id="getDrawProof", tag="releases", summary="The proof of a queue or draw, and one ticket in it",
        query=ProofQuery, success={200: ProofSerializer}, fails=(404,), private=False, cached=True,
    )  # fmt: skip
    def get(self, request: Request, release_id: int) -> Response:
        code = shown.typed_ticket(checked_query(ProofQuery, request.query_params).get("ticket", ""))
        public = Release.objects.for_public(now=self.now).exclude(mode=Gate.OPEN)
        drawing = Drawing.objects.filter(release__in=public, release=release_id).first()
        if drawing is None:
            raise Http404
        found = shown.find(drawing, code) if code and drawing.drawn_at else None
        return Response(ProofSerializer(_facts(drawing) | {"ticket": found}).data)


def _facts(drawing: Drawing) -> dict[str, Any]:
    return {
        **{name: getattr(drawing, name) for name in ("committed_at", "sealed_at", "drawn_at", "tickets", "channels")},
        "commitment": bytes(drawing.commitment).hex(),
        "sealed_sha256": _hex(drawing.sealed_hash),
        "beacon": drawing.beacon,
        "demonstration": drawing.is_demonstration,
        "round": drawing.round,
        "round_at": due_at(drawing) if drawing.sealed_at else None,
        "seed": _hex(drawing.seed),
        "files": drawing.files.defer("packed"),
    }


def _hex(content: bytes | memoryview | None) -> str | None:
    return bytes(content).hex() if content else None
