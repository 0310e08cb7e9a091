"""Carry out a rehearsal that somebody asked for, in a worker; and rehearse a history that is given, for the command."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import transaction

from antifraud.events import Event
from antifraud.models import Rehearsal, RehearsalState
from antifraud.oversight.comparing import Compared, compare
from antifraud.oversight.history import portal_events
from antifraud.rulesets import from_data, ruleset

logger = logging.getLogger(__name__)

History = Callable[[datetime], Iterable[Event]]
REMEMBERED_SECONDS = 3600


def run_waiting(*, now: datetime, clock: Callable[[], datetime], history: History = portal_events) -> int:
    """Those that wait, one after the other; how many. Two workers never take the same one."""
    done = 0
    while asked := _take(now):
        _run(asked, clock=clock, history=history)
        done += 1
    return done


def progress(rehearsal: Rehearsal) -> int:
    """How many events it has read; 0 when nobody knows (it only decorates the page)."""
    return cache.get(_key(rehearsal)) or 0


def _take(now: datetime) -> Rehearsal | None:
    with transaction.atomic():
        asked = Rehearsal.objects.to_run(now=now).select_for_update(skip_locked=True).first()
        if asked is not None:
            asked.state, asked.started_at = RehearsalState.RUNNING, now
            asked.save(update_fields=["state", "started_at"])
    return asked


def _run(asked: Rehearsal, *, clock: Callable[[], datetime], history: History) -> None:
    """A history that cannot be read ends the rehearsal, and nothing can be published on it."""
    since = asked.asked_at - timedelta(days=asked.days)
    try:
        found = compare(
            history(since), ruleset(asked.against), from_data(asked.ruleset.data), told=lambda done: _tell(asked, done)
        )
    except Exception:
        logger.exception("rehearsal %s could not be done", asked.pk)
        _end(asked, RehearsalState.FAILED, Compared({}, []), clock())
    else:
        _end(asked, RehearsalState.DONE, found, clock())


def _end(asked: Rehearsal, state: RehearsalState, found: Compared, now: datetime) -> None:
    """What was edited meanwhile keeps this rehearsal from counting: the digest is that of the day it was asked for."""
    if asked.ruleset.digest != asked.digest:
        state = RehearsalState.FAILED
    asked.state, asked.numbers, asked.rows, asked.ended_at = state, found.numbers, found.rows, now
    asked.save(update_fields=["state", "numbers", "rows", "ended_at"])


def _tell(asked: Rehearsal, done: int) -> None:
    cache.set(_key(asked), done, REMEMBERED_SECONDS)


def _key(asked: Rehearsal) -> str:
    return f"rehearsal:{asked.pk}"
