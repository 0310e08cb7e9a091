"""The waiting list on the telephone: an agent joins, reads out, accepts, declines and leaves for the caller at hand."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from appointments import selectors
from appointments.errors import BookingError
from appointments.forms import PersonForm
from appointments.guards import BookingRefused
from appointments.models import Applicant, WaitingEntry
from appointments.refusals import sentence as refusal_sentence
from appointments.services import save_applicant
from appointments.views.staff.console import Desk, console_page, with_caller
from appointments.waiting import joining
from appointments.waiting.answering import accept, decline
from appointments.waiting.errors import WaitingError, sentence
from appointments.waiting.forms import WaitForm, WhoForm
from appointments.waiting.shown import open_offer, own_entries, until_words
from consulates.access import StaffRequest
from consulates.models import Procedure
from consulates.wording import moment


@require_http_methods(["GET", "POST"])
@console_page
def waiting(request: StaffRequest) -> HttpResponse:
    return with_caller(_page)(request)


def _page(request: StaffRequest, desk: Desk) -> HttpResponse:
    desk.keep()
    if "entry" in request.POST:
        return _act(request, desk)
    sheet = Sheet(request, desk)
    if "agregar" in request.POST and sheet.adds_somebody():
        sheet = Sheet(request, desk, people=sheet.people())
    elif "unirse" in request.POST and sheet.is_valid() and sheet.joins():
        messages.success(request, _("The caller is in the list."))
        return redirect("staff_console_waiting")
    entries = own_entries(desk.caller, now=desk.now)
    desk.look(appointments=len(entries), page="waiting")
    context: dict[str, Any] = {
        "entries": [(shown, _offer_words(shown)) for shown in entries],
        "told": sheet.told, "whom": sheet.who, "new": sheet.new, "saved": sheet.saved, "errors": sheet.errors,
        "adds": bool(sheet.new.errors),
    }  # fmt: skip
    return desk.render("waiting.html", context, status=sheet.status)


class Sheet:
    """What the caller waits for and with whom, in one form: people of their list, somebody new, or both. ``people``
    were ticked or added before; what else was typed stands then without being judged.
    """

    def __init__(self, request: StaffRequest, desk: Desk, *, people: Sequence[Applicant] = ()) -> None:
        self.desk, self.errors, self.status = desk, list[dict[str, str]](), 200
        data = request.POST if request.method == "POST" and not people else None
        joins = data if "unirse" in request.POST else None
        self.saved = selectors.saved_applicants(desk.caller)
        self.told = WaitForm(joins, now=desk.now, initial=_typed(request) if request.POST else _asked(desk))
        ticked = [one.pk for one in people] or request.POST.getlist("personas") or [one.pk for one in self.saved]
        self.who = WhoForm(joins, saved=self.saved, initial={"personas": ticked})
        self.types_somebody = bool(data and (data.get("new-given_names") or "agregar" in data or not self.saved))
        self.who.fields["personas"].required = not self.types_somebody
        today = desk.now.date()
        self.new = PersonForm(
            data if self.types_somebody else None, procedure=Procedure(), session_day=today, prefix="new"
        )

    def adds_somebody(self) -> bool:
        return self._are_valid([self.new])

    def is_valid(self) -> bool:
        return self._are_valid([self.told, self.who, *([self.new] if self.types_somebody else [])])

    def _are_valid(self, forms: list[Form]) -> bool:
        self.errors = [
            {"text": str(error), "href": f"#{field.auto_id}"}
            for form in forms
            if not form.is_valid()
            for field in form
            for error in field.errors
        ]
        self.status = 422 if self.errors else 200
        return not self.errors

    def people(self) -> list[Applicant]:
        """Those who are ticked, and who was typed, who is on the caller's list from now on."""
        ticked = {one for one in self.desk.request.POST.getlist("personas") if one.isdecimal()}
        chosen = [one for one in self.saved if str(one.pk) in ticked]
        if self.types_somebody:
            account, today, now = self.desk.caller, self.desk.now.date(), self.desk.now
            new = save_applicant(account=account, entry=self.new.entry(), today=today, now=now)
            chosen = [*(one for one in chosen if one.pk != new.pk), new]
        return chosen

    def joins(self) -> bool:
        wanted, desk = self.told.wanted(), self.desk
        try:
            joining.join(
                account=desk.caller, wanted=wanted, people=self.people(), now=desk.now, agent=desk.agent, **desk.call.by
            )
        except WaitingError as refusal:
            self.errors = [{"text": sentence(refusal)}]
        except BookingRefused as refusal:
            self.errors = [{"text": refusal_sentence(refusal.code)}]
        self.status = 409 if self.errors else 200
        return not self.errors


def _asked(desk: Desk) -> dict[str, Any]:
    return {name: desk.call.wish[name] for name in ("tramite", "lugar") if desk.call.wish.get(name)}


def _typed(request: StaffRequest) -> dict[str, Any]:
    """What was said before somebody was added."""
    single = {name: request.POST.get(name, "") for name in ("tramite", "lugar", "millas", "horas")}
    hasta = [request.POST.get(f"hasta_{part}", "") for part in ("day", "month", "year")]
    return single | {"dias": request.POST.getlist("dias"), "oficinas": request.POST.getlist("oficinas"), "hasta": hasta}


def _offer_words(shown) -> dict[str, str] | None:
    """What the agent reads out of an offer."""
    if shown.offer is None:
        return None
    offer = shown.offer.offer
    return {"when": moment(offer.starts_at, offer.session.time_zone), "until": until_words(shown.offer)}


def _act(request: StaffRequest, desk: Desk) -> HttpResponse:
    mine = WaitingEntry.objects.select_related("account", "procedure").filter(account=desk.caller)
    entry = next((one for one in mine if str(one.pk) == request.POST["entry"]), None)
    do = request.POST.get("do", "")
    if entry is None or do not in ACTS:
        return redirect("staff_console_waiting")
    try:
        messages.success(request, ACTS[do](desk, entry))
    except WaitingError as refusal:
        messages.error(request, sentence(refusal))
    except (BookingError, BookingRefused) as refusal:
        messages.error(request, refusal_sentence(refusal.code, getattr(refusal, "facts", {})))
    return redirect("staff_console_waiting" if do != "accept" else "staff_console")


def _accept(desk: Desk, entry: WaitingEntry) -> str:
    found = open_offer(entry, now=desk.now)
    if found is None:
        return _("This offer is over. You keep your place in the list.")
    accept(found.offer, now=desk.now, agent=desk.agent, **desk.call.by)
    return _("Booked. The reference stands with the caller's appointments.")


def _decline(desk: Desk, entry: WaitingEntry) -> str:
    found = open_offer(entry, now=desk.now)
    if found is not None:
        decline(found.offer, now=desk.now, channel=desk.call.channel, agent=desk.agent)
    return _("The place goes to the next person. The caller stays in the list.")


def _leave(desk: Desk, entry: WaitingEntry) -> str:
    joining.leave(entry=entry, now=desk.now, agent=desk.agent, channel=desk.call.channel)
    return _("The caller left the list.")


def _stay(desk: Desk, entry: WaitingEntry) -> str:
    joining.stay(entry=entry, now=desk.now)
    return _("The caller's place in the list stands.")


ACTS = {"accept": _accept, "decline": _decline, "leave": _leave, "stay": _stay}

urlpatterns = [path("telefono/lista-de-espera/", waiting, name="staff_console_waiting")]
