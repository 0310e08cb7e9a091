"""From a tapped time to a booked appointment: hold, who attends, check, done. One thing per page, no script needed."""

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from appointments import selectors
from appointments.drafts import entry_of, load_draft, save_draft
from appointments.errors import AlreadyExtended, ApplicantBooked, BookingError, HoldExpired
from appointments.forms import PersonForm, WishForm
from appointments.guards import BookingRefused
from appointments.links import receipt_path
from appointments.models import Applicant, Hold
from appointments.refusals import sentence
from appointments.services import confirm_hold, extend_hold, hold_seats, release_hold
from consulates.models import Procedure
from mexitel.utils.http import personal
from mexitel.utils.ratelimits import limited
from mexitel.utils.time import now as clock

WISH = "wish"
HELD_HERE = "hold"


@never_cache
@require_http_methods(["GET", "POST"])
@limited("booking")
def hold_create(request: HttpRequest) -> HttpResponse:
    """Keep the tapped time. Somebody who is not signed in does that first; the time waits in their session."""
    if request.method == "POST":
        form = WishForm(request.POST)
        if not form.is_valid():
            return _refused(request, _("That time cannot be chosen. Search again."), status=400)
        request.session[WISH] = {name: form.data[name] for name in ("slots", "procedure")}
    if not request.user.is_authenticated:
        return redirect(f"{reverse('sign_in')}?next={reverse('hold_create')}")
    form = WishForm(request.session.pop(WISH, None) or {})
    if not form.is_valid():
        return redirect("search")
    procedure = Procedure.objects.bookable().filter(code=form.cleaned_data["procedure"]).first()
    if procedure is None:
        return _refused(request, _("That procedure is not booked here. Search again."), status=400)
    try:
        held = hold_seats(
            account=request.user,
            wishes=form.cleaned_data["slots"],
            procedure_id=procedure.pk,
            supersedes=_held_here(request),
            now=clock(),
        )
    except (BookingError, BookingRefused) as refusal:
        slot_id = form.cleaned_data["slots"][0].slot_id
        return _refused(request, _say(refusal), links=selectors.ways_out(slot_id, procedure, party=form.party))
    request.session[HELD_HERE] = str(held.hold_id)
    return redirect("hold", held.hold_id)


def held_by_me(view: Callable) -> Callable:
    """The view gets the signed-in person's own Hold; a stranger's looks like one that never was."""

    @personal
    @wraps(view)
    def wrapped(request: HttpRequest, hold_id: UUID, **kwargs: object) -> HttpResponse:
        holds = Hold.objects.select_related("procedure")
        return view(request, get_object_or_404(holds, pk=hold_id, account=request.user), **kwargs)

    return wrapped


@held_by_me
def hold(request: HttpRequest, held: Hold) -> HttpResponse:
    """Where this hold stands: the first person still missing, the check page, or what became of it."""
    if held.outcome == "confirmed":
        return redirect(receipt_path(selectors.party_id_of(held)))
    if not held.is_open(now=clock()):
        return _expired(request, held)
    if held.replaces:
        return redirect("hold_check", held.pk)
    missing = _first_missing(held, load_draft(request.user))
    return redirect("hold_person", held.pk, missing) if missing else redirect("hold_check", held.pk)


@held_by_me
@require_http_methods(["GET", "POST"])
def hold_person(request: HttpRequest, held: Hold, place: int) -> HttpResponse:
    """Who attends, one person per page: somebody saved, or somebody new."""
    now = clock()
    if not 1 <= place <= held.party or held.replaces:
        return redirect("hold", held.pk)
    typed = load_draft(request.user)
    party = selectors.held_party(held)
    others = {entry.applicant_id for other, entry in typed.items() if other != place and other <= held.party}
    saved = [
        applicant
        for applicant in selectors.saved_applicants(request.user)
        if applicant.pk not in others and held.procedure.allows_age(selectors.age_of(applicant, on=party.day))
    ]

    def form_for(**kwargs: object) -> PersonForm:
        return PersonForm(procedure=held.procedure, session_day=party.day, auto_id="id_%s", **kwargs)

    if request.method == "POST" and request.POST.get("applicant"):
        applicant = next((one for one in saved if str(one.pk) == request.POST["applicant"]), None)
        if applicant is not None:
            form = form_for(data=_as_data(applicant))
            if form.is_valid():
                return _keep_person(request, held, place, form, typed, applicant_id=applicant.pk)
    elif request.method == "POST":
        form = form_for(data=request.POST)
        known = typed.get(place)
        if form.is_valid():
            kept = known.applicant_id if known and known.applicant_id in {one.pk for one in saved} else None
            return _keep_person(request, held, place, form, typed, applicant_id=kept)
    else:
        form = form_for(initial=vars(typed[place]) if place in typed else None)
    if not held.is_open(now=now):
        if form.is_bound:
            messages.info(request, _("We kept what you wrote."))
        return _expired(request, held)
    choose = saved and not form.is_bound and place not in typed and "otra" not in request.GET
    context = {"hold": held, "party": party, "place": place, "form": form, "saved": saved if choose else []}
    return render(request, "appointments/hold_person.html", context, status=422 if form.errors else 200)


@limited("booking", methods=("POST",))
@held_by_me
@require_http_methods(["GET", "POST"])
def hold_check(request: HttpRequest, held: Hold) -> HttpResponse:
    """Everything once more before it counts. A clash names the person; the hold and the answers stay."""
    now = clock()
    party = selectors.held_party(held)
    typed = load_draft(request.user)
    if held.outcome != "confirmed" and not held.is_open(now=now):
        return _expired(request, held)
    if not held.replaces and held.outcome != "confirmed" and (missing := _first_missing(held, typed)):
        return redirect("hold_person", held.pk, missing)
    errors = []
    if request.method == "POST":
        people = [] if held.replaces else [[typed[place]] for place in range(1, held.party + 1) if place in typed]
        try:
            confirm_hold(account=request.user, hold_id=held.pk, people=people, today=party.day, now=now)
        except HoldExpired:
            return _expired(request, held)
        except (BookingError, BookingRefused) as refusal:
            errors = [{"text": _say(refusal)}]
        else:
            request.session.pop(HELD_HERE, None)
            return redirect(receipt_path(selectors.party_id_of(held)))
    context = {
        "hold": held,
        "party": party,
        "people": [(place, typed[place]) for place in range(1, held.party + 1) if place in typed],
        "moved": selectors.appointments_to_move(held),
        "errors": errors,
    }
    return render(request, "appointments/hold_check.html", context, status=409 if errors else 200)


@require_POST
@held_by_me
def hold_extend(request: HttpRequest, held: Hold) -> HttpResponse:
    try:
        extend_hold(account=request.user, hold_id=held.pk, now=clock())
    except AlreadyExtended as refusal:
        messages.info(request, _say(refusal))
    except BookingError:
        return _expired(request, held)
    else:
        messages.success(request, _("You have ten more minutes."))
    return redirect("hold", held.pk)


@require_POST
@held_by_me
def hold_release(request: HttpRequest, held: Hold) -> HttpResponse:
    release_hold(account=request.user, hold_id=held.pk, now=clock())
    request.session.pop(HELD_HERE, None)
    messages.info(request, _("You left that time. What you wrote is kept for a day."))
    return redirect("search")


def _keep_person(
    request: HttpRequest, held: Hold, place: int, form: PersonForm, typed: dict, *, applicant_id: int | None
) -> HttpResponse:
    save_draft(request.user, typed | {place: form.entry(applicant_id=applicant_id)}, now=clock())
    return redirect("hold", held.pk)


def _as_data(applicant: Applicant) -> dict:
    """A saved person as the form would have been sent: whoever came of age or lost a guardian is asked again."""
    entry = vars(entry_of(applicant))
    born = entry.pop("birth_date")
    return entry | {"birth_date_day": born.day, "birth_date_month": born.month, "birth_date_year": born.year}


def _first_missing(held: Hold, typed: dict) -> int | None:
    return next((place for place in range(1, held.party + 1) if place not in typed), None)


def _held_here(request: HttpRequest) -> UUID | None:
    """The hold that this browser made before: choosing another time gives it back."""
    held = request.session.get(HELD_HERE)
    return UUID(held) if held else None


def _say(refusal: BookingError | BookingRefused) -> str:
    facts = getattr(refusal, "facts", {})
    text = sentence(refusal.code, facts)
    if isinstance(refusal, ApplicantBooked):
        applicant = Applicant.objects.filter(pk=facts.get("applicant")).first()
        return f"{applicant.full_name}: {text}" if applicant else text
    return text


def _refused(request: HttpRequest, text: str, *, links: list[dict] | None = None, status: int = 409) -> HttpResponse:
    links = links or [{"href": reverse("search"), "text": _("Find an appointment")}]
    return render(request, "appointments/refused.html", {"text": text, "links": links}, status=status)


def _expired(request: HttpRequest, held: Hold) -> HttpResponse:
    text = (
        sentence("hold_expired") if held.outcome in {"", "confirmed"} else _("You left that time. Choose another one.")
    )
    return _refused(request, text, links=selectors.ways_out(held.slot_ids[0], held.procedure, party=held.party))
