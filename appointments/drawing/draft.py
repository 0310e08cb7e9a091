"""The answers to an application that is not sent yet: ids and choices in the session, for one draw at a time."""

from datetime import date
from typing import Any, cast

from django.http import HttpRequest

from appointments import selectors
from appointments.drawing.bookers import own_application
from appointments.drawing.joining import Wishes
from appointments.models import Applicant, DrawApplication
from consulates.models import Procedure, Release

KEY = "draw"


class Draft:
    """The answers so far, in the session, for one draw at a time."""

    def __init__(self, request: HttpRequest, release: Release, account: Any) -> None:
        self.session, self.release, self.account = request.session, release, account
        kept = request.session.get(KEY) or {}
        if kept.get("release") != release.pk:
            kept = {"release": release.pk, **_told(own_application(account, release.pk))}
        self.kept = kept
        procedures = list(release.procedures.all())
        if len(procedures) == 1:
            self.kept["procedure"] = procedures[0].code
        self.procedures = procedures

    def keep(self, **answers: Any) -> None:
        self.session[KEY] = self.kept = self.kept | answers

    def drop(self) -> None:
        self.session.pop(KEY, None)

    @property
    def procedure(self) -> Procedure | None:
        return next((one for one in self.procedures if one.code == self.kept.get("procedure")), None)

    @property
    def people(self) -> list[Applicant]:
        found = {one.pk: one for one in selectors.saved_applicants(self.account)}
        return [found[pk] for pk in self.kept.get("people", []) if pk in found]

    @property
    def day(self) -> date:
        """For whose sake ages are counted."""
        first = self.release.sessions.published().order_by("date").values_list("date", flat=True).first()
        return first or self.release.opens_at.date()

    def wishes(self) -> Wishes:
        """To be asked for once nothing is missing."""
        return Wishes(
            procedure=cast(Procedure, self.procedure),
            applicants=tuple(one.pk for one in self.people),
            offices=tuple(self.kept["offices"]),
            days=self.kept["days"],
            chosen_days=tuple(date.fromisoformat(day) for day in self.kept.get("chosen", [])),
            half=self.kept["half"],
            sooner_first=self.kept.get("first") == "day",
        )

    def missing(self) -> str | None:
        """The first page that was not answered."""
        if self.procedure is None:
            return "draw_what"
        if not self.people:
            return "draw_people"
        if not self.kept.get("offices"):
            return "draw_where"
        return None if self.kept.get("days") and self.kept.get("half") else "draw_when"


def _told(own: DrawApplication | None) -> dict:
    if own is None:
        return {}
    return {
        "procedure": own.procedure.code,
        "people": [one.applicant_id for one in own.people.all() if one.applicant_id],
        "offices": own.office_ids,
        "days": own.days_wanted,
        "chosen": [day.isoformat() for day in own.chosen_days],
        "half": own.half_wanted,
        "first": "day" if own.sooner_first else "office",
    }
