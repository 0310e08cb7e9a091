"""The steps that every act of planning shares: a form, its preview in numbers, and saving exactly what was shown."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from consulates import wording
from consulates.access import StaffRequest
from consulates.models import Consulate
from consulates.planning.errors import CannotBeSaved, WorldChanged
from consulates.planning.fields import sentence_for
from consulates.planning.preview import Preview, Proposal, preview, seal
from consulates.planning.saving import save_proposal
from consulates.planning.world import world_for
from consulates.services.sessions import SessionOverlaps

STEP, SEAL = "paso", "sello"
SAVE, CORRECT = "guardar", "corregir"


def step_of(request: StaffRequest) -> str:
    return request.POST.get(STEP, "")


def typed_again(request: StaffRequest) -> list[tuple[str, str]]:
    """What was typed, as hidden fields of the next step."""
    skipped = {"csrfmiddlewaretoken", STEP, SEAL}
    return [(name, value) for name, values in request.POST.lists() if name not in skipped for value in values]


def show_form(
    request: StaffRequest, office: Consulate, form: Any, *, title: str, back: str, **more: Any
) -> HttpResponse:
    context = {"form": form, "title": title, "back": back, "office": office, **more}
    return render(request, "staff/planning/form.html", context, status=422 if form.errors else 200)


def propose(
    request: StaffRequest,
    office: Consulate,
    proposal: Proposal,
    *,
    title: str,
    back: str,
    now: datetime,
    refused: bool = False,
) -> HttpResponse:
    """Show what ``proposal`` would do, or save it when it was shown and the reader says so."""
    told: list[dict[str, str]] = []
    if step_of(request) == SAVE:
        try:
            save_proposal(
                office=office,
                proposal=proposal,
                shown=request.POST.get(SEAL, ""),
                by=request.user,
                now=now,
            )
        except WorldChanged:
            told = [
                {"text": _("Something changed while you were looking. These are the numbers now: check them again.")}
            ]
        except (CannotBeSaved, SessionOverlaps):
            told = [{"text": _("This cannot be saved as it is. See why below.")}]
        else:
            messages.success(request, _("Saved. For ten minutes you can undo it here."))
            return redirect(f"{reverse('staff_planning', args=[office.code])}#deshacer")
    world = world_for(proposal, office, now=now)
    found = preview(proposal, world)
    context = {
        "title": title,
        "office": office,
        "found": found,
        "lines": sentences(found),
        "errors": told,
        "typed": typed_again(request),
        "seal": seal(proposal, world, office_id=office.pk, by=request.user.pk or 0),
        "back": back,
        "published": [(session, hours_url(office, session.id)) for session in found.published],
    }
    return render(request, "staff/planning/preview.html", context, status=409 if told else 200)


def sentences(found: Preview) -> list[dict[str, Any]]:
    """The preview in numbers: each line with how it weighs ("", "warning", "error") and what it is about."""
    lines: list[dict[str, Any]] = []

    def say(count: int, text: str, style: str = "", about: Iterable[str] = ()) -> None:
        if count:
            lines.append(
                {"text": text % {"count": count}, "style": style, "about": list(about)[:12], "more": max(0, count - 12)}
            )

    sessions, seats = len(found.accepted), found.seats
    say(sessions, ngettext("%(count)s session", "%(count)s sessions", sessions))
    say(seats, ngettext("Adds %(count)s seat", "Adds %(count)s seats", seats))
    withheld = seats - found.offered
    say(
        withheld,
        ngettext(
            "%(count)s of them withheld by a capacity factor",
            "%(count)s of them withheld by a capacity factor",
            withheld,
        ),
    )
    removed = found.removed_seats
    say(removed, ngettext("takes %(count)s seat of drafts away", "takes %(count)s seats of drafts away", removed))
    say(
        len(found.clashes),
        ngettext("%(count)s clash with a holiday", "%(count)s clashes with holidays", len(found.clashes)),
        "warning",
        (_holiday(clash) for clash in found.clashes),
    )
    say(
        len(found.skipped),
        ngettext("%(count)s left out for a holiday", "%(count)s left out for holidays", len(found.skipped)),
        "",
        (_holiday(clash) for clash in found.skipped),
    )
    say(
        len(found.overlaps),
        ngettext("%(count)s overlaps an existing session", "%(count)s overlap existing sessions", len(found.overlaps)),
        "error",
        (_overlap(one) for one in found.overlaps),
    )
    say(
        len(found.left_out),
        ngettext("%(count)s left out for an overlap", "%(count)s left out for overlaps", len(found.left_out)),
        "",
        (_overlap(one) for one in found.left_out),
    )
    say(
        len(found.refusals),
        ngettext("%(count)s day makes no calendar", "%(count)s days make no calendar", len(found.refusals)),
        "error",
        (f"{wording.short_date(one.plan.day)}: {sentence_for(one.code)}" for one in found.refusals),
    )
    people = found.people
    text = ngettext("%(count)s person would lose their seat", "%(count)s people would lose their seat", people)
    lines.append({"text": text % {"count": people}, "style": "error" if people else "", "about": [], "more": 0})
    return lines


def _holiday(clash: Any) -> str:
    said = f"{wording.short_date(clash.plan.day)}: {clash.holiday.name}"
    return said if clash.is_decided else _("%(holiday)s (nobody has decided yet)") % {"holiday": said}


def _overlap(one: Any) -> str:
    plan = one.plan
    return f"{wording.short_date(plan.day)}, {plan.opens:%H:%M}–{plan.closes:%H:%M}"


def hours_url(office: Consulate, session_id: int) -> str:
    """Where the hours of a published session are changed, once that page exists."""
    try:
        return reverse("staff_hours", args=[office.code, session_id])
    except NoReverseMatch:
        return ""
