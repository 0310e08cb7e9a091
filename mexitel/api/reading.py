"""Pure: the OpenAPI document arranged for reading, without references."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

PROBLEM = "application/problem+json"


@dataclass(frozen=True)
class Row:
    """A parameter or a member: ``path`` such as ``slots[].seats``."""

    path: str
    kind: str
    required: bool
    text: str


@dataclass(frozen=True)
class Operation:
    id: str
    method: str
    path: str
    summary: str
    description: str
    private: bool
    parameters: list[Row]
    body: list[Row]
    examples: list[tuple[str, str]]
    answers: list[tuple[str, str, list[Row]]]
    problems: list[tuple[str, str]]


@dataclass(frozen=True)
class Api:
    title: str
    version: str
    description: str
    tags: dict[str, list[Operation]] = field(default_factory=dict)


def read_document(document: Mapping[str, Any]) -> Api:
    info = document["info"]
    api = Api(info["title"], info["version"], info.get("description", ""))
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            api.tags.setdefault(operation["tags"][0], []).append(_operation(document, path, method, operation))
    return api


def _operation(document: Mapping, path: str, method: str, operation: Mapping) -> Operation:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    answers, problems = [], []
    for status, answer in sorted(operation["responses"].items()):
        content = answer.get("content", {})
        if PROBLEM in content:
            problems.append((status, answer.get("description", "")))
        else:
            shape = content.get("application/json", {}).get("schema", {})
            answers.append((status, answer.get("description", ""), list(_members(document, shape))))
    return Operation(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation.get("summary", ""),
        description=operation.get("description", ""),
        private=any(operation.get("security", [])),
        parameters=[
            Row(one["name"], f"{_kind(document, one['schema'])}, {one['in']}", one.get("required", False),
                one.get("description", "") or one["schema"].get("description", ""))
            for one in operation.get("parameters", [])
        ],
        body=list(_members(document, body.get("schema", {}))),
        examples=[
            (example.get("summary", name), json.dumps(example["value"], indent=2, ensure_ascii=False))
            for name, example in body.get("examples", {}).items()
        ],
        answers=answers,
        problems=problems,
    )  # fmt: skip


def _members(document: Mapping, shape: Mapping, path: str = "") -> Iterator[Row]:
    shape = _resolved(document, shape)
    if "items" in shape:
        yield from _members(document, shape["items"], f"{path}[]")
    required = shape.get("required", [])
    for name, member in shape.get("properties", {}).items():
        here = f"{path}.{name}" if path else name
        yield Row(here, _kind(document, member), name in required, member.get("description", ""))
        yield from _members(document, member, here)


def _resolved(document: Mapping, shape: Mapping) -> Mapping:
    """The shape behind references; of alternatives the first that is not null."""
    while True:
        choices = shape.get("allOf") or shape.get("oneOf") or shape.get("anyOf")
        if "$ref" in shape:
            shape = document["components"]["schemas"][shape["$ref"].rsplit("/", 1)[1]]
        elif choices:
            shape = next((one for one in choices if one.get("type") != "null"), {})
        else:
            return shape


def _kind(document: Mapping, shape: Mapping) -> str:
    alternatives = shape.get("oneOf") or shape.get("anyOf") or []
    null = any(one.get("type") == "null" for one in alternatives)
    shape = _resolved(document, shape)
    kind = shape.get("type", "any")
    if isinstance(kind, list):
        null = null or "null" in kind
        kind = next(one for one in kind if one != "null")
    text = str(shape.get("format", kind))
    if kind == "array":
        text = f"list of {_kind(document, shape['items'])}"
    if shape.get("enum"):
        text = " · ".join(str(one) for one in shape["enum"] if one not in (None, ""))
    return f"{text} or null" if null else text
