"""Somebody looked for a place near them and found none: said as a signal, for whoever counts demand above."""

from collections.abc import Sequence
from datetime import datetime

from django.http import HttpRequest

from consulates.models import Procedure
from consulates.places import Found
from consulates.selectors import Hit
from consulates.signals import search_unmet


def tell_unmet(
    request: HttpRequest,
    hits: Sequence[Hit],
    *,
    place: Found | None,
    procedure: Procedure | None,
    party: int,
    now: datetime,
) -> None:
    """``hits`` are what was found around ``place``; nothing is told where one of them is near."""
    if place is None or procedure is None or any(hit.stop.is_near for hit in hits):
        return
    search_unmet.send_robust(
        sender=None, request=request, place=place, procedure=procedure, party=party, is_far=bool(hits), now=now
    )
