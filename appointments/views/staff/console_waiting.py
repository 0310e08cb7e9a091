"""The waiting list on the telephone: an agent joins, reads out, accepts, declines and leaves for the caller at hand."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from appointments import selectors
from appointments.errors import BookingError
from appointments.forms import PersonForm
from appointments.guards import BookingRefused
from appointments.models import WaitingEntry
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
    adds, joins = "agregar" in request.POST, "unirse" in request.POST
    saved = selectors.saved_applicants(desk.caller)
    told = WaitForm(request.POST if joins or adds else None, now=desk.now, initial=_asked(desk))
    who = WhoForm(request.POST if joins else None, saved=saved)
    new = PersonForm(request.POST if adds else None, procedure=Procedure(), session_day=desk.now.date(), prefix="new")
    errors: list[dict[str, str]] = []
    if adds and new.is_valid():
        save_applicant(account=desk.caller, entry=new.entry(), today=desk.now.date(), now=desk.now)
        saved = selectors.saved_applicants(desk.caller)
        who = WhoForm(saved=saved, initial={"personas": [one.pk for one in saved]})
        told = WaitForm(initial=_typed(request), now=desk.now)
    elif joins and told.is_valid() and who.is_valid():
        try:
            joining.join(
                account=desk.caller, wanted=told.wanted(), people=who.chosen(), now=desk.now, agent=desk.agent,
                **desk.call.by,
            )  # fmt: skip
        except WaitingError as refusal:
            errors = [{"text": sentence(refusal)}]
        except BookingRefused as refusal:
            errors = [{"text": refusal_sentence(refusal.code)}]
        else:
            messages.success(request, _("The caller is in the list."))
            return redirect("staff_console_waiting")
    entries = own_entries(desk.caller, now=desk.now)
    desk.look(appointments=len(entries), page="waiting")
    context: dict[str, Any] = {
        "entries": [(shown, _offer_words(shown)) for shown in entries],
        "told": told, "whom": who, "new": new, "saved": saved, "errors": errors, "adds": adds and not new.is_valid(),
    }  # fmt: skip
    status = 409 if errors else 422 if (joins or context["adds"]) else 200
    return desk.render("waiting.html", context, status=status)


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
