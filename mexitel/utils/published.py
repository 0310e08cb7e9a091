"""Public files at a bounded age: made once for everybody, given without the database, or by the web server itself.

A file's name is the path of its address without the first slash, below ``settings.PUBLIC_DIR``. A task makes it anew in
time with ``put``; whoever asks for one that is older than it may be makes it, once for all (``answer``). So with
every worker dead a file is as fresh as it says, and with the database away the last one is given rather than none.
"""

import fcntl
import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import http_date

logger = logging.getLogger(__name__)

# In the memory of a process; others are read from the disk again.
KEPT_FILES = 64

Maker = Callable[[datetime], bytes]


class File(NamedTuple):
    content: bytes
    etag: str
    made_at: datetime


def put(name: str, content: bytes, *, now: datetime) -> File:
    """Write the file in one step: nobody reads half of it. It is as old as what it says. Raises OSError."""
    path = path_of(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.part")
    part.write_bytes(content)
    os.utime(part, (now.timestamp(), now.timestamp()))
    part.replace(path)
    return _file(content, now)


def get(name: str) -> File | None:
    """What was published last, however old."""
    path = path_of(name)
    with suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError):
        stat = path.stat()
        return _read(path, stat.st_mtime_ns, stat.st_size)
    return None


def fresh(name: str, *, oldest: timedelta, make: Maker, now: datetime) -> File:
    """The file, younger than ``oldest``; made anew by one of all who ask while the others are given the last one.

    Raises what ``make`` raises, except a DatabaseError while there is a file of before.
    """
    found = get(name)
    if found and now - found.made_at < oldest:
        return found
    with _turn(name, wait=found is None) as is_mine:
        again = get(name)
        if again and (not is_mine or now - again.made_at < oldest):
            return again
        try:
            return keep(name, make(now), now=now)  # inside the turn: who waits for it finds the file
        except DatabaseError:
            if again is None:
                raise
            logger.warning("%s is given as it was at %s: it cannot be made anew", name, again.made_at)
            return again


def keep(name: str, content: bytes, *, now: datetime) -> File:
    """As ``put``, but whoever asked gets what was made even where it cannot be written."""
    try:
        return put(name, content, now=now)
    except OSError:  # a disk that is full or not ours
        logger.warning("%s was not written", name)
        return _file(content, now)


def answer(
    request: HttpRequest, name: str, *, content_type: str, oldest: timedelta, make: Maker, now: datetime
) -> HttpResponseBase:
    """The file as a response: 304 for whoever has it, and how long it may be kept. Any page may read it."""
    file = fresh(name, oldest=oldest, make=make, now=now)
    response = get_conditional_response(request, etag=file.etag) or HttpResponse(
        file.content, content_type=content_type
    )
    left = max(timedelta(), file.made_at + oldest - now)
    response["ETag"] = file.etag
    response["Last-Modified"] = http_date(file.made_at.timestamp())
    response["Cache-Control"] = f"public, max-age={int(left.total_seconds())}"
    response["Access-Control-Allow-Origin"] = "*"
    return response


def path_of(name: str) -> Path:
    """Raises ValueError for a name that leads out of the folder."""
    folder = Path(settings.PUBLIC_DIR)
    path = folder / name
    if not name or ".." in path.parts or not path.is_relative_to(folder):
        raise ValueError("no public file has this name")
    return path


@lru_cache(maxsize=KEPT_FILES)
def _read(path: Path, mtime_ns: int, size: int) -> File:
    """As it was at that moment: another moment or size is another entry."""
    return _file(path.read_bytes(), datetime.fromtimestamp(mtime_ns / 1e9, UTC))


def _file(content: bytes, made_at: datetime) -> File:
    return File(content, f'"{sha256(content).hexdigest()[:32]}"', made_at)


@contextmanager
def _turn(name: str, *, wait: bool) -> Iterator[bool]:
    """Whether it is this process's turn to make the file; of all processes one has it. A lock dies with its holder."""
    path = path_of(name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.with_name(f".{path.name}.lock").open("w")
    except OSError:
        yield True
        return
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True
