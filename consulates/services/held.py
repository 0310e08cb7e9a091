from consulates.models import Session, SessionStatus


def mark_held(*, session_id: int) -> bool:
    """A published session is over and was held; whether this call made it so. Who and when is the caller's record."""
    published = Session.objects.filter(pk=session_id, status=SessionStatus.PUBLISHED)
    return bool(published.update(status=SessionStatus.HELD))
