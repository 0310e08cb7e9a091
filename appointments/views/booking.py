"""From a tapped time to a booked appointment: hold, check, done. Who attends stands in attending.py."""

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from appointments import selectors
from appointments.demand.counting import count_booking
from appointments.drafts import Typed, first_missing, load_draft, seated
from appointments.errors import AlreadyExtended, ApplicantBooked, BookingError, HoldExpired
from appointments.forms import WishForm
from appointments.guards import BookingRefused, StepUpNeeded
from appointments.links import receipt_path
from appointments.models import Applicant, Hold
from appointments.queueing.admission import admitted_by
from appointments.refusals import sentence
from appointments.services import confirm_hold, extend_hold, hold_seats, release_hold
from consulates.models import Procedure
from consulates.selectors.notices import notices_of
from mexitel.accounts.access import person
from mexitel.utils.browsers import seen_of
from mexitel.utils.http import personal
from mexitel.utils.ratelimits import limited
from mexitel.utils.time import now as clock

WISH = "wish"
# What is kept of a tapped time until somebody has signed in.
WISHED = ("slots", "procedure", "turn", "mover", "near")
HELD_HERE = "hold"
# The point from which somebody searched for what they hold; forgotten when it is booked.
SEARCHED_NEAR = "near"


@never_cache
@require_http_methods(["GET", "POST"])
@limited("booking")
def hold_create(request: HttpRequest) -> HttpResponse:
    """Keep the tapped time. Somebody who is not signed in does that first; the time waits in their session."""
    if request.method == "POST":
        form = WishForm(request.POST)
        if not form.is_valid():
            return _refused(request, _("That time cannot be chosen. Search again."), status=400)
        request.session[WISH] = {name: form.data.get(name, "") for name in WISHED}
    if not request.user.is_authenticated:
        return redirect(f"{reverse('sign_in')}?next={reverse('hold_create')}")
    form = WishForm(request.session.pop(WISH, None) or {})
    if not form.is_valid():
        return redirect("search")
    procedure = Procedure.objects.bookable().filter(code=form.cleaned_data["procedure"]).first()
    if procedure is None:
        return _refused(request, _("That procedure is not booked here. Search again."), status=400)
    now = clock()
    admitted = admitted_by(form.cleaned_data["turn"], account=person(request), now=now)
    moving = selectors.ids_to_move(person(request), form.cleaned_data["mover"], now=now)
    try:
        held = hold_seats(
            account=person(request),
            wishes=form.cleaned_data["slots"],
            procedure_id=procedure.pk,
            supersedes=_held_here(request),
            client=seen_of(request),
            origin="" if moving else form.origin,
            admitted=admitted,
            replaces=moving,
            now=now,
        )
    except StepUpNeeded:
        request.session[WISH] = dict(form.data)  # the time waits, as it does for a sign-in
        return redirect("step_work")
    except (BookingError, BookingRefused) as refusal:
        slot_id = form.cleaned_data["slots"][0].slot_id
        standing = _to_standing(selectors.open_holds(person(request), now=clock()))
        links = _to_reasons(refusal) + standing + _to_queue(admitted, procedure, party=form.party)
        links += selectors.ways_out(slot_id, procedure, party=form.party)
        return _refused(request, _say(refusal), links=links)
    request.session[HELD_HERE] = str(held.hold_id)
    request.session[SEARCHED_NEAR] = "" if moving else form.cleaned_data["near"]
    return redirect("hold_check" if moving else "hold", held.hold_id)


def held_by_me(view: Callable) -> Callable:
    """The view gets the signed-in person's own Hold; a stranger's looks like one that never was."""

    @personal
    @wraps(view)
    def wrapped(request: HttpRequest, hold_id: UUID, **kwargs: object) -> HttpResponse:
        holds = Hold.objects.select_related("procedure")
        return view(request, get_object_or_404(holds, pk=hold_id, account=person(request)), **kwargs)

    return wrapped


@held_by_me
def hold(request: HttpRequest, held: Hold) -> HttpResponse:
    """Where this hold stands: the first person still missing, the check page, or what became of it."""
    if held.outcome == "confirmed":
        return redirect(receipt_path(selectors.party_id_of(held)))
    if offer := selectors.waiting_offer_of(held):
        return redirect("waiting_offer", offer.code)
    if not held.is_open(now=clock()):
        return over(request, held)
    return _ask_for_missing(held, _typed(request, held)) or redirect("hold_check", held.pk)


@limited("booking", methods=("POST",))
@held_by_me
@require_http_methods(["GET", "POST"])
def hold_check(request: HttpRequest, held: Hold) -> HttpResponse:
    """Everything once more before it counts. A clash names the person; the hold and the answers stay."""
    if offer := selectors.waiting_offer_of(held):  # whoever waited is named there, and nobody else can be
        return redirect("waiting_offer", offer.code)
    now = clock()
    party = selectors.held_party(held)
    typed = _typed(request, held)
    booked = held.outcome == "confirmed"
    if booked and request.method == "GET":
        return over(request, held)
    if not booked:
        if not held.is_open(now=now):
            return over(request, held)
        if elsewhere := _ask_for_missing(held, typed):
            return elsewhere
    errors = []
    if request.method == "POST":
        people = [] if held.replaces else list(typed.values())
        try:
            confirm_hold(
                account=person(request),
                hold_id=held.pk,
                people=people,
                today=party.day,
                client=seen_of(request),
                now=now,
            )
        except HoldExpired:
            return over(request, held)
        except StepUpNeeded:
            return redirect("step_up", held.pk)
        except (BookingError, BookingRefused) as refusal:
            errors = [{"text": _say(refusal)}, *_to_reasons(refusal)]
        else:
            request.session.pop(HELD_HERE, None)
            if near := request.session.pop(SEARCHED_NEAR, ""):
                count_booking(near, session=party.session, procedure_id=held.procedure_id, party=held.party, now=now)
            messages.success(request, _good_news(held))
            return redirect(receipt_path(selectors.party_id_of(held)))
    context = {
        "hold": held,
        "party": party,
        "office_notices": notices_of([party.session.consulate_id], now),
        "seats": _seats(held, typed),
        "moved": selectors.appointments_to_move(held),
        "errors": errors,
    }
    return render(request, "appointments/hold_check.html", context, status=409 if errors else 200)


@require_POST
@held_by_me
def hold_extend(request: HttpRequest, held: Hold) -> HttpResponse:
    try:
        extend_hold(account=person(request), hold_id=held.pk, now=clock())
    except AlreadyExtended as refusal:
        messages.info(request, _say(refusal))
    except BookingError:
        return over(request, held)
    else:
        messages.success(request, _("You have ten more minutes."))
    return redirect("hold", held.pk)


@require_POST
@held_by_me
def hold_release(request: HttpRequest, held: Hold) -> HttpResponse:
    release_hold(account=person(request), hold_id=held.pk, now=clock())
    request.session.pop(HELD_HERE, None)
    messages.info(request, _("You left that time. What you wrote is kept for a day."))
    return redirect(selectors.search_again(held))


def _held_here(request: HttpRequest) -> UUID | None:
    """The hold that this browser made before: choosing another time gives it back."""
    held = request.session.get(HELD_HERE)
    return UUID(held) if held else None


def _say(refusal: BookingError | BookingRefused) -> str:
    facts = getattr(refusal, "facts", {})
    text = sentence(refusal.code, facts)
    if isinstance(refusal, ApplicantBooked):
        applicant = Applicant.objects.filter(pk=facts.get("applicant", 0)).first()
        return f"{applicant.full_name}: {text}" if applicant else text
    return text


def _refused(request: HttpRequest, text: str, *, links: list[dict] | None = None, status: int = 409) -> HttpResponse:
    links = links or [{"href": reverse("search"), "text": _("Find an appointment")}]
    return render(request, "appointments/refused.html", {"text": text, "links": links}, status=status)


def over(request: HttpRequest, held: Hold) -> HttpResponse:
    """What became of a hold that is not open: booked, given up for a later one that still stands, left, or run out."""
    if held.outcome == "confirmed":
        messages.info(request, _("This is booked already."))
        return redirect(receipt_path(selectors.party_id_of(held)))
    standing = selectors.open_holds(person(request), now=clock())
    if held.outcome == "superseded" and standing:
        messages.info(request, _("You chose another time afterwards. This is the one that we keep for you."))
        return redirect("hold", standing[-1].pk)
    text = sentence("hold_expired") if not held.outcome else _("You left that time. Choose another one.")
    links = _to_standing(standing) + selectors.ways_out(held.slot_ids[0], held.procedure, party=held.party)
    return _refused(request, text, links=links)


def _good_news(held: Hold) -> str:
    if held.replaces:
        text = ngettext(
            "Your appointment has its new time. We are sending you the details.",
            "Your %(count)d appointments have their new time. We are sending you the details.",
            held.party,
        )
    else:
        text = ngettext(
            "Your appointment is booked. We are sending you the details.",
            "Your %(count)d appointments are booked. We are sending you the details.",
            held.party,
        )
    return text % {"count": held.party}


def _to_standing(standing: list[Hold]) -> list[dict]:
    return [
        {"href": reverse("hold", args=[held.pk]), "text": _("Finish what you have set aside: %s") % held.procedure.name}
        for held in standing
    ]


def _to_reasons(refusal: BookingError | BookingRefused) -> list[dict]:
    """Where somebody who is blocked reads why: a page of the room above."""
    return [{"href": reverse("own_block"), "text": _("Why I cannot book")}] if refusal.code == "blocked" else []


def _to_queue(admitted: int | None, procedure: Procedure, *, party: int) -> list[dict]:
    """Whoever a queue let in chooses another of its times, as long as their minutes last."""
    if admitted is None:
        return []
    query = urlencode({"tramite": procedure.code, "personas": party})
    href = f"{reverse('queue_times', args=[admitted])}?{query}"
    return [{"href": href, "text": _("Other times of this opening")}]


def _typed(request: HttpRequest, held: Hold) -> Typed:
    return seated(load_draft(person(request)), party=held.party, procedure=held.procedure)


def _ask_for_missing(held: Hold, typed: Typed) -> HttpResponse | None:
    if held.replaces:
        return None
    day = selectors.held_party(held).day
    missing = first_missing(typed, party=held.party, procedure=held.procedure, day=day)
    if missing is None:
        return None
    place, number = missing
    return redirect("hold_person", held.pk, place) if number == 1 else redirect("hold_attendee", held.pk, place, number)


def _seats(held: Hold, typed: Typed) -> list[dict]:
    """The appointments to be, each with its people and room for more."""
    return [
        {
            "place": place,
            "people": list(enumerate(entries, start=1)),
            "can_remove": len(entries) > held.procedure.min_applicants,
            "next": len(entries) + 1 if len(entries) < held.procedure.max_applicants else None,
        }
        for place, entries in typed.items()
    ]
