"""Who attends: one person per page, somebody saved or somebody new; where the procedure needs it, up to three with them
in the same appointment.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from appointments import selectors
from appointments.drafts import Typed, entry_of, fits, load_draft, save_draft, seated, with_entry, without_entry
from appointments.forms import PersonForm
from appointments.models import Applicant, Hold
from appointments.services import Entry
from appointments.services.applicants import is_same_person
from appointments.views.booking import held_by_me, over
from consulates.selectors.notices import notices_of
from mexitel.accounts.access import person
from mexitel.utils.time import now as clock

MakeForm = Callable[..., PersonForm]
SHOWN = "forms_shown"


@held_by_me
@require_http_methods(["GET", "POST"])
def hold_person(request: HttpRequest, held: Hold, place: int, number: int = 1) -> HttpResponse:
    """The ``number``-th person of the ``place``-th appointment, both counted from 1."""
    now = clock()
    typed = load_draft(person(request))
    people = seated(typed, party=held.party, procedure=held.procedure)
    here = people.get(place, [])
    if held.replaces or not 1 <= place <= held.party or not _has_room(held, here, number):
        return redirect("hold", held.pk)
    party = selectors.held_party(held)
    known = here[number - 1] if number <= len(here) else None
    at = f"{place}.{number}"
    saved = [
        applicant
        for applicant in selectors.saved_applicants(person(request))
        if applicant.pk not in _chosen(people, place, number)
        and held.procedure.allows_age(selectors.age_of(applicant, on=party.day))
    ]

    def form_for(**kwargs: object) -> PersonForm:
        return PersonForm(procedure=held.procedure, session_day=party.day, auto_id="id_%s", **kwargs)

    form, applicant_id = _form(request, form_for, saved=saved, known=known, people=people)
    sent = request.method == "POST"
    if sent and form.is_valid() and _is_new(form, people, place, number):
        entry = form.entry(applicant_id=applicant_id)
        seconds = known.fill_seconds if known else None if applicant_id else _fill_seconds(request, held, at, now=now)
        entry = replace(entry, fill_seconds=seconds)
        save_draft(person(request), with_entry(typed, place, number, entry), now=now)
        if "con" in request.POST and _has_room(held, [*here, entry], max(len(here), number) + 1):
            return redirect("hold_attendee", held.pk, place, max(len(here), number) + 1)
        return redirect("hold", held.pk)
    if not held.is_open(now=now):
        if sent:
            messages.info(request, _("We kept what you wrote."))
        return over(request, held)
    choose = bool(saved) and not sent and ("lista" in request.GET or (known is None and "otra" not in request.GET))
    if known is not None and not sent and not fits(known, procedure=held.procedure, day=party.day):
        form = form_for(data=_as_data(known))  # typed for another procedure: its sentence stands beside the field
    if not sent and not choose and known is None:
        _note_empty_form(request, held, at, now=now)
    context = {
        "hold": held,
        "party": party,
        "office_notices": notices_of([party.session.consulate_id], now),
        "place": place,
        "number": number,
        "principal": here[0] if number > 1 else None,
        "form": form,
        "saved": saved if choose else [],
        "can_choose": bool(saved) and not choose,
        "room_for": held.procedure.max_applicants - max(len(here), number),
        "must_add": number < held.procedure.min_applicants,
        "may_stop": number > held.procedure.min_applicants,
    }
    return render(request, "appointments/hold_person.html", context, status=422 if sent else 200)


@require_POST
@held_by_me
def hold_attendee_remove(request: HttpRequest, held: Hold, place: int, number: int) -> HttpResponse:
    """Somebody does not attend after all. The principal is changed, never taken out."""
    typed = load_draft(person(request))
    if 1 < number <= len(typed.get(place, [])):
        save_draft(person(request), without_entry(typed, place, number), now=clock())
    return redirect("hold", held.pk)


def _has_room(held: Hold, here: list[Entry], number: int) -> bool:
    return 1 <= number <= min(len(here) + 1, held.procedure.max_applicants)


def _chosen(people: Typed, place: int, number: int) -> set[int | None]:
    """The saved people who stand somewhere else in this party."""
    return {
        entry.applicant_id
        for at, entries in people.items()
        for nth, entry in enumerate(entries, start=1)
        if (at, nth) != (place, number)
    }


def _form(
    request: HttpRequest, form_for: MakeForm, *, saved: list[Applicant], known: Entry | None, people: Typed
) -> tuple[PersonForm, int | None]:
    """The form as it was sent or as it is shown first, and the saved person that it is about."""
    if request.method != "POST":
        # Brothers and sisters come with the same adult: nobody writes that name three times.
        guardian = next((entry.guardian_name for entries in people.values() for entry in entries), "")
        return form_for(initial=vars(known) if known else {"guardian_name": guardian}), None
    if request.POST.get("applicant"):
        applicant = next((one for one in saved if str(one.pk) == request.POST["applicant"]), None)
        if applicant is not None:
            return form_for(data=_as_data(entry_of(applicant))), applicant.pk
    own = {one.pk for one in saved}
    return form_for(data=request.POST), known.applicant_id if known and known.applicant_id in own else None


def _note_empty_form(request: HttpRequest, held: Hold, at: str, *, now: datetime) -> None:
    """When this person's form was first shown: how long it takes to fill in tells people and programs apart."""
    shown = request.session.get(SHOWN, {})
    if shown.get("hold") != str(held.pk):
        shown = {"hold": str(held.pk)}
    shown.setdefault(at, now.timestamp())
    request.session[SHOWN] = shown


def _fill_seconds(request: HttpRequest, held: Hold, at: str, *, now: datetime) -> float:
    """Whoever was never shown the form has typed since the time is held, at the longest."""
    shown = request.session.get(SHOWN, {})
    since = shown.get(at) if shown.get("hold") == str(held.pk) else None
    return round(now.timestamp() - (since or held.created_at.timestamp()), 1)


def _is_new(form: PersonForm, people: Typed, place: int, number: int) -> bool:
    """Whether nobody else of this appointment, and no other principal, is the same person; says so beside the name."""
    entry = form.entry()
    same = any(
        is_same_person(entry, other)
        for at, entries in people.items()
        for nth, other in enumerate(entries, start=1)
        if (at, nth) != (place, number) and (at == place or number == nth == 1)
    )
    if same:
        form.add_error("given_names", _("This person is in your booking already. Write somebody else's name."))
    return not same


def _as_data(entry: Entry) -> dict:
    """A person as the form would have been sent: whoever came of age or lost a guardian is asked again."""
    data = dict(vars(entry))
    born = data.pop("birth_date")
    return data | {"birth_date_day": born.day, "birth_date_month": born.month, "birth_date_year": born.year}
