"""What base.html needs to know of the session."""

from django.http import HttpRequest

from mexitel.accounts import sessions


def idle(request: HttpRequest) -> dict:
    """Context processor: when this session ends for want of activity; nothing for strangers."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    limit = sessions.idle_limit(request.session, user)
    seconds = int(limit.total_seconds())
    return {
        "idle": {
            "seconds": seconds,
            "minutes": seconds // 60,
            "warn_seconds": int(sessions.WARN_BEFORE.total_seconds()),
        }
    }
