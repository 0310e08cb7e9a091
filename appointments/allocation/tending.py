"""What goes on by itself: promises after an announcement, and rounds that have come."""

import logging
from datetime import datetime

from appointments.allocation.beacon import chain_named
from appointments.allocation.drawing import commit, take_round
from appointments.allocation.errors import DrawingError
from appointments.models import Drawing
from consulates.models import Gate, Release

log = logging.getLogger(__name__)


def tend(*, now: datetime) -> dict[str, int]:
    """Commit for what was announced, take the rounds that are out. One that fails keeps no other waiting."""
    announced = Release.objects.announced(now=now).exclude(mode=Gate.OPEN).filter(drawing=None, opens_at__gt=now)
    return {
        "committed": sum(commit(release, now).committed_at == now for release in announced),
        "drawn": sum(_take(drawing, now) for drawing in Drawing.objects.to_draw().select_related("release")),
    }


def _take(drawing: Drawing, now: datetime) -> bool:
    if now < due_at(drawing):
        return False
    try:
        take_round(drawing.release, now)
    except DrawingError as error:
        log.warning("release %s is not drawn yet: %s", drawing.release_id, error.code)
        return False
    return True


def due_at(drawing: Drawing) -> datetime:
    """When the round of a sealed drawing begins."""
    return chain_named(drawing.beacon.split()[0]).begins(drawing.round or 1)
