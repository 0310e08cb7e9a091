"""One person or family of a work list: what is kept for them, the calls, and the time that the clerk books for them."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from appointments.closing import answers
from appointments.closing.acts import ClosingError
from appointments.closing.equivalents import Equivalent
from appointments.closing.forms import AnswerForm, BookForm, CallForm
from appointments.closing.lists import rows
from appointments.closing.shown import shown
from appointments.errors import BookingError
from appointments.guards import BookingRefused
from appointments.models import Orphan, OrphanCall
from appointments.refusals import sentence
from appointments.views.staff.closures import OF_OFFICE, closing_sentence
from consulates.access import StaffRequest, staff_page
from consulates.models import Consulate
from consulates.roles import May
from consulates.wording import miles, moment
from mexitel.accounts.access import person
from mexitel.audit.services import record
from mexitel.utils.time import now as clock


@require_http_methods(["GET", "POST"])
@staff_page(May.CLOSE)
def staff_orphan(request: StaffRequest, office: Consulate, closure_id: int, orphan_id: int) -> HttpResponse:
    now = clock()
    orphan: Orphan = get_object_or_404(
        Orphan.staff.select_related("closure", "appointment"), pk=orphan_id, closure=closure_id, consulate=office
    )
    page = PersonPage(request, orphan, now=now)
    if request.method == "POST" and page.act():
        return redirect("staff_closure", office.code, closure_id)
    record(
        actor=person(request),
        action="closure.person",
        target=orphan,
        now=now,
        office_id=office.pk,
        detail={"appointments": [str(one.appointment_id) for one in page.party]},
    )
    context = page.context() | {"office": office, "orphan": orphan}
    return render(request, "staff/closing/person.html", context, status=422 if page.has_errors else 200)


class PersonPage:
    """Its forms, each with a button of its own: ``do`` says which was pressed."""

    def __init__(self, request: StaffRequest, orphan: Orphan, *, now: datetime) -> None:
        self.request, self.orphan, self.now = request, orphan, now
        self.errors: list[dict] = []
        self.party = answers.party_of(orphan)
        self.options = answers.alternatives(self.party, now=now) if self.party else []
        offer = answers.offer_of(orphan.hold_id, now=now) if orphan.hold_id else None
        self.offer = shown(offer, now=now) if offer and offer.state == answers.OfferState.OPEN else None
        did = request.POST.get("do", "") if request.method == "POST" else ""
        self.accept = AnswerForm(request.POST if did == "accept" else None, prefix="accept")
        self.call = CallForm(request.POST if did == "call" else None, prefix="call")
        self.book = BookForm(request.POST if did == "book" else None, prefix="book", choices=self._choices())
        self.did = did

    def _choices(self) -> list[tuple[str, str]]:
        return [(option.choice.value, self._words(option)) for option in self.options]

    def _words(self, option: Equivalent) -> str:
        session = option.session
        where = f"{session.place_name}, {session.city}" if session.place_name else session.consulate.name
        return f"{moment(option.choice.starts_at, session.time_zone)} · {where} · {miles(option.miles)}"

    @property
    def has_errors(self) -> bool:
        return bool(self.errors or self.accept.errors or self.call.errors or self.book.errors)

    def act(self) -> bool:
        """Whether it was done. Whatever stands in the way is a sentence on the page."""
        try:
            return self._act()
        except ClosingError as error:
            self.errors = [{"text": closing_sentence(error.code)}]
        except (BookingError, BookingRefused) as refusal:
            self.errors = [{"text": sentence(refusal.code, getattr(refusal, "facts", {}))}]
        return False

    def _act(self) -> bool:
        user = person(self.request)
        if self.did == "accept" and self.accept.is_valid():
            if self.offer is None or self.orphan.hold_id is None:
                raise answers.NoOffer
            channel = self.accept.cleaned_data["channel"]
            answers.accept(self.orphan.hold_id, now=self.now, channel=channel, agent=user)
            done = _("Accepted. The confirmation goes to the person.")
        elif self.did == "book" and self.book.is_valid():
            wanted = self.book.cleaned_data
            chosen = next(option for option in self.options if option.choice.value == wanted["choice"])
            answers.book_for(self.party, chosen, by=user, channel=wanted["channel"], now=self.now)
            done = _("Booked. The confirmation goes to the person.")
        elif self.did == "call" and self.call.is_valid():
            noted = self.call.cleaned_data
            answers.note_call(self.orphan, outcome=noted["outcome"], note=noted["note"], by=user, now=self.now)
            done = _("The call is noted.")
        elif self.did == "again":
            answers.offer_again(self.orphan, by=user, now=self.now)
            done = _("In a minute we look for a time again and tell the person.")
        else:
            if not self.has_errors:
                self.errors = [{"text": _("Choose what you want to do.")}]
            return False
        messages.success(self.request, done)
        return True

    def context(self) -> dict:
        people = Orphan.staff.filter(pk__in=[one.pk for one in self.party] or [self.orphan.pk])
        return {
            "errors": self.errors,
            "rows": rows(people, now=self.now),
            "party": self.party,
            "offer": self.offer,
            "accept": self.accept,
            "call": self.call,
            "book": self.book,
            "forms": [form for form in (self.accept, self.call, self.book) if form.errors],
            "calls": OrphanCall.objects.filter(orphan=self.orphan).select_related("by"),
            "can_look_again": self.offer is None and bool(self.party) and self.orphan.ended_at is None,
        }


urlpatterns = [
    path(f"{OF_OFFICE}cierres/<int:closure_id>/persona/<int:orphan_id>/", staff_orphan, name="staff_orphan"),
]
