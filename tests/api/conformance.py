"""Is this answer one that the OpenAPI document promises? Status, media type, shape, and no member beside it."""

import json
from functools import cache

import jsonschema
from django.urls import resolve

from mexitel.api.documents import document


@cache
def promised() -> dict:
    """The document with every shape closed: what is not listed must not be sent."""
    copy = json.loads(json.dumps(document()))
    for shape in copy["components"]["schemas"].values():
        if shape.get("type") == "object":
            shape.setdefault("additionalProperties", False)
    return copy


@cache
def path_of(route: str) -> str:
    """``/api/v1/holds/{hold_id}`` for Django's ``api/v1/holds/<uuid:hold_id>``."""
    parts = []
    for part in route.split("/"):
        parts.append("{" + part[1:-1].split(":")[-1] + "}" if part.startswith("<") else part)
    return "/" + "/".join(parts)


def check_answer(method: str, response) -> None:
    request = response.wsgi_request
    kind = response.headers.get("Content-Type", "")
    assert response.status_code < 500 or response.status_code == 503, (response.status_code, request.path)
    if response.status_code >= 400:
        assert kind == "application/problem+json", (response.status_code, kind, request.path)
        check_shape(response.json(), {"$ref": "#/components/schemas/Problem"})
        assert response.json()["status"] == response.status_code
    path = path_of(resolve(request.path).route)
    operation = promised()["paths"].get(path, {}).get(method.lower())
    if operation is None:
        assert response.status_code in (404, 405, 406, 429), (method, path, response.status_code)
        return
    answer = operation["responses"].get(str(response.status_code))
    assert answer is not None, f"{method} {path} does not promise {response.status_code}: {response.content[:500]}"
    content = answer.get("content", {})
    if response.status_code < 400 and content:
        assert kind == "application/json", kind
        check_shape(response.json(), content["application/json"]["schema"])
    elif not content:
        assert response.content == b""


def check_shape(value, shape: dict) -> None:
    root = {"components": promised()["components"], **shape}
    validator = jsonschema.Draft202012Validator(root, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
    errors = [f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in validator.iter_errors(value)]
    assert not errors, errors
