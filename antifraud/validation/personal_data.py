"""This room's part of "download my data" and "delete my account"."""

from datetime import datetime

from antifraud.models import IdentityRequest, RequestState
from antifraud.validation.answers import locked, to_the_window
from antifraud.validation.returning import back_when_answered
from mexitel.accounts.models import User


def own_data(user: User) -> dict:
    """Every time that we asked at a contact of this account, and what was answered there."""
    asked = IdentityRequest.objects.filter(contact_of=user).order_by("asked_at", "pk")
    return {
        "asked_to_confirm": [
            {
                "contact": one.contact or None,
                "by": one.asked_by,
                "at": one.send_at.isoformat(),
                "state": one.state,
                "answered_at": one.answered_at.isoformat() if one.answered_at else None,
                "charged": one.charged or None,
                "dollars": one.charged_dollars,
                "how": one.charged_how or None,
            }
            for one in asked
        ]
    }


def forget(user: User, now: datetime) -> None:
    """The contact goes; whoever was still to answer there shows ID at the window instead."""
    mine = IdentityRequest.objects.filter(contact_of=user)
    for key in mine.filter(state=RequestState.OPEN).order_by("pk").values_list("pk", flat=True):
        request = locked(key)
        to_the_window(request, "contact_gone", now=now)
        back_when_answered(request.case, now=now)
    mine.update(contact="", charged_how="")
