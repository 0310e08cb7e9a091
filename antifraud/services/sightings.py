"""The engine's ear: what it should know that no appointment's ledger says."""

from datetime import datetime
from typing import Any
from uuid import UUID

from antifraud.models import Sighting


def note(
    kind: str, *, now: datetime, account_id: int | None = None, appointment_id: UUID | None = None, **detail: Any
) -> None:
    """Leave a fact for the engine, in the caller's transaction; it is read within seconds, by the next ingest.

    ``kind`` and the keys of ``detail`` are those of antifraud/EVENTS.md (``review`` with ``verdict``, ``helper``,
    ``drive`` with ``devices`` and ``until``, ``public_device`` with ``device``, ``verify_phone`` with ``phone`` as a
    keyed hash in hex ...). No raw contact, name or document.
    """
    Sighting.objects.create(at=now, kind=kind, account_id=account_id, appointment_id=appointment_id, detail=detail)
