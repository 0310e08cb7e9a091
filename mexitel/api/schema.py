"""What the OpenAPI document says beside what DRF knows: problems, headers, examples."""

from collections.abc import Callable, Mapping
from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema, inline_serializer
from rest_framework import serializers

from mexitel.api.problems import MEDIA_TYPE
from mexitel.api.serializers import NextPage, ProblemSerializer, StrictSerializer

WHEN = {
    400: "The shape of the request is wrong; `errors` says where.",
    401: "There is no bearer token, or it is over.",
    403: "This cannot be done with that account.",
    404: "Unknown, or somebody else's: the two look alike.",
    405: "The path has no such method.",
    406: "`Accept` leaves no room for JSON.",
    409: "Refused; `code` says why.",
    413: "The body is larger than 64 kB.",
    415: "The body is not `application/json`.",
    422: "`key_reused`: this Idempotency-Key came with another body before.",
    429: "Too many requests; `Retry-After` says when to come back.",
    503: "Not now, and perhaps done: send it again with the same key after `Retry-After` seconds.",
}
ALWAYS = (406, 429, 503)
WITH_BODY = (400, 413, 415)

LANGUAGE = OpenApiParameter(
    "Accept-Language", str, OpenApiParameter.HEADER, description="`es` (what you get without it) or `en`."
)
KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    OpenApiParameter.HEADER,
    required=True,
    description="A new one, such as a UUID, for each booking, move or cancellation. Sent again within 24 hours with the"
    " same body it gets the same answer, success or refusal, and nothing is done twice; that answer carries"
    " `Idempotency-Replayed: true`. Answers with `stored: false` are not kept under it.",
    examples=[OpenApiExample("UUID", "6f1c2a52-8a0e-4a38-9d4e-0c6d0f1b7a11")],
)
NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    str,
    OpenApiParameter.HEADER,
    description="The `ETag` of the answer that you have; 304 when it is the same.",
)


def _header(name: str, description: str, status: Any, example: str) -> OpenApiParameter:
    return OpenApiParameter(
        name, str, OpenApiParameter.HEADER, response=status, description=description,
        examples=[OpenApiExample(name, example)],
    )  # fmt: skip


SPOKEN = [200, 201, 202, 204, 429]
RESPONSE_HEADERS = [
    _header("RateLimit", "Calls that remain, and seconds until there are new ones.", SPOKEN, '"search";r=239;t=41'),
    _header("RateLimit-Policy", "Calls per window of so many seconds.", SPOKEN, '"search";q=240;w=60'),
    _header("Retry-After", "Seconds.", [429, 503], "5"),
]
LINK = _header("Link", "First and next page.", [200], '<https://…?cursor=…>; rel="next"')
ETAG = _header("ETag", "Of these very bytes.", [200, 304], '"9f86d081884c7d659a2feaa0c55ad015"')
REPLAYED = _header("Idempotency-Replayed", "`true` when this is the answer of before.", [200, 201, 409], "true")


def problems(*statuses: int, codes: Mapping[int, list[str]] | None = None) -> dict:
    """Responses in problem+json; ``codes`` lists the stable codes to expect under a status."""
    told = codes or {}
    return {
        (status, MEDIA_TYPE): OpenApiResponse(
            ProblemSerializer, WHEN[status] + "".join(f" `{code}`" for code in told.get(status, ())),
            examples=[_problem_example(status, told.get(status, [""])[0])] if status in _EXAMPLES else [],
        )
        for status in sorted(set(statuses))
    }  # fmt: skip


def endpoint(
    *,
    operation_id: str,
    tag: str,
    summary: str,
    success: dict,
    description: str = "",
    request: Any = None,
    query: Any = None,
    fails: tuple[int, ...] = (),
    codes: Mapping[int, list[str]] | None = None,
    examples: list[OpenApiExample] | None = None,
    private: bool = True,
    keyed: bool = False,
    cached: bool = False,
    paged: bool = False,
) -> Callable:
    """``extend_schema`` with everything that is the same everywhere."""
    statuses = {*fails, *ALWAYS, *(WITH_BODY if request else ()), *((400,) if query or paged else ())}
    statuses |= {401} if private else set()
    statuses |= {400, 422} if keyed else set()
    parameters: list[Any] = [LANGUAGE, *RESPONSE_HEADERS]
    parameters += [query] if query else []
    parameters += [NextPage] if paged and not query else []
    parameters += [LINK] if paged else []
    parameters += [KEY, REPLAYED] if keyed else []
    parameters += [NONE_MATCH, ETAG] if cached else []
    responses = {**success, **problems(*statuses, codes=codes)}
    if cached:
        responses[304] = OpenApiResponse(description="Not changed since the `ETag` that you sent.")
    options: dict[str, Any] = {} if private else {"auth": []}
    return extend_schema(
        operation_id=operation_id,
        tags=[tag],
        summary=summary,
        description=description or summary,
        request=request,
        parameters=parameters,
        responses=responses,
        examples=examples,
        **options,
    )


def page_of(kind: type[serializers.Serializer]) -> Any:
    """The envelope of a list: rows of ``kind``, and the address of the next page."""
    name = kind.__name__.removesuffix("Serializer")
    return inline_serializer(f"{name}Page", {"items": kind(many=True), "next": serializers.URLField(allow_null=True)})


class ClosedInput(OpenApiSerializerExtension):
    """Members that are not listed are refused, and the document says so."""

    target_class = StrictSerializer
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: str) -> dict:
        shape = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        if "__doc__" not in vars(type(self.target)) or not type(self.target).__doc__:
            shape.pop("description", None)
        return shape | {"additionalProperties": False}


NO_CONTENT = {204: OpenApiResponse(description="Done; there is nothing to say.")}

_EXAMPLES = {
    400: ("invalid", "La petición no es correcta", "Algún dato no es correcto."),
    404: ("not_found", "No se encontró", "Aquí no hay nada, o no es suyo."),
    409: (
        "full",
        "No se pudo hacer",
        "Alguien más tomó ese horario. Elija otro: la lista muestra lo que está libre ahora.",
    ),
    422: ("key_reused", "La clave ya se usó", "Esta petición ya se envió con otros datos. Empiece de nuevo."),
}


def _problem_example(status: int, code: str) -> OpenApiExample:
    known, title, detail = _EXAMPLES[status]
    same = code in ("", known)
    value: dict[str, Any] = {
        "type": f"https://citas.example.org/api/docs/#{code or known}",
        "title": title,
        "status": status,
        "code": code or known,
        "detail": detail if same else title,
    }
    if status != 404:
        value["instance"] = "/api/v1/…"
    if status == 400:
        value["errors"] = [{"pointer": "#/slots/0/seats", "code": "min_value", "detail": "Debe ser mayor o igual a 1."}]
    return OpenApiExample(f"{status} {code or known}", value, response_only=True, status_codes=[str(status)])
