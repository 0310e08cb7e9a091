"""This room's part of "download my data" and "delete my account"."""

from datetime import datetime

from appointments.drawing.joining import withdraw
from appointments.drawing.settling import decline
from appointments.drawing.shown import days_in_words
from appointments.models import DrawApplication, DrawPerson, DrawWin
from consulates.models import Consulate
from mexitel.accounts.models import User


def own_data(user: User) -> dict:
    """Every application with its people, what it asked and what it won."""
    found = DrawApplication.objects.for_pages().filter(account=user).order_by("applied_at")
    offices = dict(Consulate.objects.values_list("pk", "name_es"))
    return {
        "draws": [
            {
                "draw": one.release.name,
                "ticket": one.code,
                "procedure": one.procedure.name_es,
                "offices": [offices[pk] for pk in one.office_ids if pk in offices],
                "days": days_in_words(one),
                "hours": one.half_wanted,
                "weight": one.weight,
                "people": [each.applicant.full_name for each in one.people.all() if each.applicant],
                "applied_at": one.applied_at.isoformat(),
                "withdrawn_at": one.withdrawn_at.isoformat() if one.withdrawn_at else None,
                "place": one.place,
                "won_at": one.win.won_at.isoformat() if hasattr(one, "win") else None,
                "answer": one.win.outcome or None if hasattr(one, "win") else None,
            }
            for one in found
        ]
    }


def forget(user: User, now: datetime) -> None:
    """Out of every draw, what was won and not accepted goes to the next, and nobody's name stays."""
    mine = DrawApplication.objects.filter(account=user)
    for win in DrawWin.objects.open(now=now).filter(application__account=user).select_related("application__account"):
        decline(application=win.application, now=now)
    for application in mine.standing().filter(win=None):
        withdraw(application_id=application.pk, now=now)
    DrawPerson.objects.filter(application__account=user).delete()
    mine.update(email_key=None, phone_key=None, call_reference="")
