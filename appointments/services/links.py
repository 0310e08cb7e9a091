from datetime import datetime

from appointments import claim
from appointments.services.hold import request_for
from mexitel.accounts.models import User


def adopt_scopes(*, account: User, now: datetime) -> int:
    """Count what ``account`` has in use in every scope that it has now; returns how many permits that added.

    To be called whenever a contact of the account was verified or changed. The permits come as
    ``grandfathered``: the scope may stand above its cap until they end, and until then nothing new fits.
    Called again it adds none.
    """
    return claim.adopt_scopes(request_for(account, "adopt", channel=""), now=now)
