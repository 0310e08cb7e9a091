"""Where pages, the API and everybody read the figures: files at a bounded age (mexitel/utils/published.py).

Figures change once an hour at most, when the timetable reckons days that are over. A warm page asks no database.
"""

import json
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from appointments.statistics import documents, files
from mexitel.utils import published

FOLDER = "datos/cifras/"
OLDEST = timedelta(hours=1)


def overview(code: str | None, *, now: datetime) -> dict[str, Any]:
    """Of the network, or of the office with that code. Raises NoFigures."""
    name = f"{FOLDER}oficinas/{code}.json" if code else f"{FOLDER}red.json"
    return _document(published.fresh(name, oldest=OLDEST, make=lambda at: documents.overview(code, now=at), now=now))


def month(code: str | None, text: str, *, now: datetime) -> dict[str, Any]:
    """``text`` is YYYY-MM. Raises NoFigures."""
    name = f"{FOLDER}oficinas/{code}-{text}.json" if code else f"{FOLDER}red-{text}.json"
    return _document(published.fresh(name, oldest=OLDEST, make=lambda at: documents.month(code, text, now=at), now=now))


def _document(file: published.File) -> dict[str, Any]:
    return _parsed(file.content)


@lru_cache(maxsize=64)
def _parsed(content: bytes) -> dict[str, Any]:
    return json.loads(content)


def download(request: HttpRequest, first: date, end: str, *, now: datetime) -> HttpResponseBase:
    """One file of the month that begins on ``first``; ``end`` is a key of files.KINDS. Raises NoFigures."""

    def make(at: datetime) -> bytes:
        documents.month(None, f"{first:%Y-%m}", now=at)  # a month without figures has no file
        return files.of_kind(first, end)

    name = f"{FOLDER}{first:%Y-%m}{end}.csv"
    return published.answer(request, name, content_type="text/csv; charset=utf-8", oldest=OLDEST, make=make, now=now)


def dictionary(request: HttpRequest, *, now: datetime) -> HttpResponseBase:
    """What each column means, in both languages."""
    return published.answer(
        request, FOLDER + files.DICTIONARY, content_type="text/csv; charset=utf-8", oldest=OLDEST,
        make=lambda at: files.dictionary(), now=now,
    )  # fmt: skip


def refresh(*, now: datetime) -> None:
    """Write anew what most people read, and the files of months that may have changed; the rest is made when asked for.

    The web server itself gives what is there, and does not look how old it is.
    """
    content = documents.overview(None, now=now)
    published.put(f"{FOLDER}red.json", content, now=now)
    for text in [one["month"] for one in json.loads(content)["months"][-2:]]:
        published.put(f"{FOLDER}red-{text}.json", documents.month(None, text, now=now), now=now)
        for name, file in files.of_month(date.fromisoformat(f"{text}-01")).items():
            published.put(FOLDER + name, file, now=now)
