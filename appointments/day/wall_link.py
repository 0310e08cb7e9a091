"""The address of a wall: signed, for the sessions it names, good for their day. A television signs in nowhere."""

from datetime import datetime

from django.core import signing

from consulates.models import Session
from consulates.wording import local_day

SALT = "day.wall.1"


def wall_token(session: Session) -> str:
    return signing.dumps(session.pk, salt=SALT)


def session_of_wall(token: str, *, now: datetime) -> Session | None:
    """None for a link that is not ours, or whose day is over or has not come in the session's own zone."""
    try:
        session_id = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    session = Session.objects.select_related("consulate").filter(pk=session_id).first()
    if session is None or local_day(now, session.time_zone) != session.date:
        return None
    return session
