"""Proof while it exists: shown to the officer who decides, gone 72 hours after the answer."""

from datetime import datetime, timedelta

from django.db import connection
from django.http import HttpResponse

from appointments.emergencies.files import SUFFIX
from appointments.models import EmergencyProof
from mexitel.utils.crypto import is_current, rotate_bytes

KEPT_AFTER_ANSWER = timedelta(hours=72)  # the rules of mexitel/utils/retention.py delete it then
PICTURES = {EmergencyProof.Media.JPEG, EmergencyProof.Media.PNG}


def is_over(proof: EmergencyProof, *, now: datetime) -> bool:
    """Judged when read: what should be gone is not shown, even if nothing has deleted it yet."""
    closed_at = proof.request.closed_at
    return closed_at is not None and closed_at + KEPT_AFTER_ANSWER <= now


def served(proof: EmergencyProof) -> HttpResponse:
    """The file under a name of our own, as what its content is, for nobody's cache, and with nothing in it allowed to
    run: pictures in the page, anything else as a download.
    """
    response = HttpResponse(proof.content, content_type=proof.media)
    way = "inline" if proof.media in PICTURES else "attachment"
    response["Content-Disposition"] = (
        f'{way}; filename="prueba-{proof.place}.{SUFFIX[EmergencyProof.Media(proof.media)]}"'
    )
    response["Cache-Control"] = "no-store, private"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def reseal() -> int:
    """Seal every file again with the first field key, one at a time (rotate_field_keys); returns how many changed."""
    changed = 0
    for pk in list(EmergencyProof.objects.values_list("pk", flat=True)):
        with connection.cursor() as cursor:
            cursor.execute("SELECT content FROM appointments_emergencyproof WHERE id = %s", [pk])
            row = cursor.fetchone()
            if row is None or is_current(token := bytes(row[0])):
                continue
            cursor.execute(
                "UPDATE appointments_emergencyproof SET content = %s WHERE id = %s", [rotate_bytes(token), pk]
            )
            changed += cursor.rowcount
    return changed
