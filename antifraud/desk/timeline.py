"""What happened, in order: bookings and cancellations, places that changed hands, and what people did in the case."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from antifraud.models import Act, CaseEvent, Verdict
from appointments.models import Appointment

SHOWN = 80
HOUR = "%Y-%m-%d %H"

WORDS: Mapping[str, Promise] = {
    "opened": gettext_lazy("The evidence opened the case"),
    "by_hand": gettext_lazy("Opened by hand"),
    "taken": gettext_lazy("Taken in hand"),
    "given_back": gettext_lazy("Given back"),
    "decided": gettext_lazy("Decided"),
    "approved": gettext_lazy("Approved by a second person"),
    "withdrawn": gettext_lazy("Withdrawn before it took effect"),
    "done": gettext_lazy("Carried out"),
    "closed": gettext_lazy("Case closed"),
    "revealed": gettext_lazy("Names and contacts looked at"),
    "merged": gettext_lazy("Made one with another case"),
    "cancelled": gettext_lazy("Appointments cancelled, and their people told why"),
    "overturned": gettext_lazy("An appeal was right"),
    "restored": gettext_lazy("Made good after an appeal"),
    "advert_linked": gettext_lazy("An advert was tied to it"),
    "report_linked": gettext_lazy("A report of a charge was tied to it"),
    "compared": gettext_lazy("Compared with the agent's colleagues"),
    "asked": gettext_lazy("People were asked to confirm"),
    "confirmed": gettext_lazy("Somebody confirmed an appointment"),
    "denied": gettext_lazy("Somebody did not ask for an appointment"),
    "no_answer": gettext_lazy("Nobody answered in time"),
    "all_confirmed": gettext_lazy("Everybody confirmed"),
    "answers_in": gettext_lazy("All answers are in"),
    "chose_call": gettext_lazy("Somebody wants to be called"),
    "chose_window": gettext_lazy("Somebody shows ID at the window"),
    "wrong_number": gettext_lazy("The number was wrong"),
    "not_reached": gettext_lazy("Nobody was reached by telephone"),
    "identity_shown": gettext_lazy("ID was shown at the window"),
    "other_person": gettext_lazy("Another person came"),
    "contact_gone": gettext_lazy("The contact is gone"),
    "token_shown": gettext_lazy("A person showed that the appointment is theirs"),
    "token_used": gettext_lazy("A person used their place before others"),
    "second_look_give": gettext_lazy("A second person looked, without knowing the decision"),
    "second_look_settle": gettext_lazy("A senior reviewer settled two opinions"),
}


@dataclass(frozen=True)
class Moment:
    """``who`` is a colleague's address, or nobody for a machine and for bookers; ``style`` tells kinds apart."""

    at: datetime
    text: str
    who: str = ""
    style: str = "case"


def moments(
    events: Iterable[CaseEvent], appointments: Iterable[Appointment], links: Iterable[Any]
) -> tuple[list[Moment], int]:
    """The newest first, and how many older ones are left out."""
    found = [_said(event) for event in events]
    found += _booked(appointments)
    found += [_changed_hands(link) for link in links if link.kind.startswith("transfer")]
    found.sort(key=lambda one: one.at, reverse=True)
    return found[:SHOWN], max(0, len(found) - SHOWN)


def _said(event: CaseEvent) -> Moment:
    detail, text = event.detail, str(WORDS.get(event.kind, event.kind))
    if event.kind == "grew":
        new = int(detail.get("appointments", 0))
        text = ngettext("%(count)d appointment came in", "%(count)d appointments came in", new) % {"count": new}
    elif "act" in detail:
        text = f"{text}: {dict(Act.choices).get(detail['act'], detail['act'])}"
    elif "verdict" in detail:
        text = f"{text}: {dict(Verdict.choices).get(detail['verdict'], detail['verdict'])}"
    elif "note" in detail:
        text = f"{text}: {detail['note']}"
    colleague = event.actor if event.actor and event.actor.is_staff else None
    return Moment(event.at, text, colleague.email or "" if colleague else "")


def _booked(appointments: Iterable[Appointment]) -> list[Moment]:
    """What one account booked, or gave up, within one hour is one line."""
    sittings: dict[tuple[int, str, str], list[datetime]] = {}
    for one in appointments:
        for style, at in (("booked", one.created_at), ("cancelled", one.cancelled_at)):
            if at is not None:
                sittings.setdefault((one.account_id, style, at.strftime(HOUR)), []).append(at)
    return [
        Moment(min(when), _sitting(style, len(when), account), style=style)
        for (account, style, _hour), when in sittings.items()
    ]


def _sitting(style: str, count: int, account: int) -> str:
    told = {"count": count, "account": account}
    if style == "booked":
        return (
            ngettext(
                "Account #%(account)d booked %(count)d appointment",
                "Account #%(account)d booked %(count)d appointments",
                count,
            )
            % told
        )
    return (
        ngettext(
            "Account #%(account)d: %(count)d appointment cancelled",
            "Account #%(account)d: %(count)d appointments cancelled",
            count,
        )
        % told
    )


def _changed_hands(link: Any) -> Moment:
    told = {"a": link.a, "b": link.b}
    return Moment(link.first_seen, _("A place went from one of #%(a)s and #%(b)s to the other") % told, style="trade")
