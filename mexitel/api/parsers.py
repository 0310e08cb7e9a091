"""JSON as RFC 8259 means it for strangers: one value per name, text that a database can keep, not too deep."""

import json
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from mexitel.api.problems import Problem

MAX_BYTES = 64 * 1024
MAX_DEPTH = 8


class StrictJSONParser(BaseParser):
    """Refuses what would otherwise become a 500 or a surprise further in: NUL, lone surrogates, repeated names,
    NaN and infinities, deep nesting, large bodies.
    """

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        raw = stream.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise Problem(413, "too_large", _("The body is larger than 64 kB."))
        try:
            value = json.loads(raw.decode("utf-8"), object_pairs_hook=_once, parse_constant=_refuse)
            _check(value, MAX_DEPTH)
        except (ValueError, RecursionError) as error:
            raise ParseError from error
        return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) < len(pairs):
        raise ValueError("a name is there twice")
    return names


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _check(value: Any, depth: int) -> None:
    if isinstance(value, str):
        if "\x00" in value or not value.isascii():
            _check_text(value)
    elif isinstance(value, float):
        if value in (float("inf"), float("-inf")):
            raise ValueError("a number is too large")
    elif isinstance(value, (dict, list)):
        if not depth:
            raise ValueError("nested too deep")
        for inner in value:
            _check(inner, depth - 1)
        if isinstance(value, dict):
            for inner in value.values():
                _check(inner, depth - 1)


def _check_text(text: str) -> None:
    if "\x00" in text:
        raise ValueError("NUL in a string")
    text.encode()  # UnicodeEncodeError, a ValueError, for a lone surrogate
