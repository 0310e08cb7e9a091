"""Booking, moving and cancelling for the caller at hand: same pool, same lock, on the caller's own identities."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from appointments import selectors
from appointments.drafts import entry_of, fits, load_draft, seated
from appointments.errors import AlreadyExtended, BookingError, HoldExpired
from appointments.forms import WishForm
from appointments.guards import BookingRefused
from appointments.identities import identity_hash
from appointments.models import Appointment, Caller, Hold
from appointments.phone import spoken
from appointments.phone.forms import Seating
from appointments.phone.selectors import party_shown
from appointments.queueing.admission import admitted_by
from appointments.services import Entry, cancel_appointments, confirm_hold, extend_hold, hold_seats, release_hold
from appointments.views.staff.console import Desk, console_page, with_caller
from consulates.models import Pool, Procedure
from mexitel.audit.services import record

KEPT_TYPED = dict[int, list[Entry]]


def choose(request: HttpRequest, desk: Desk) -> HttpResponse:
    """One of the times that were read out is kept for the caller."""
    form = WishForm(request.POST)
    procedure = (
        Procedure.objects.bookable().filter(code=request.POST.get("procedure", "")[:40].replace("\x00", "")).first()
    )
    if not form.is_valid() or procedure is None:
        messages.error(request, _("Choose a time from the list."))
        return redirect("staff_console")
    admitted = admitted_by(form.cleaned_data["turn"], account=desk.caller, now=desk.now)
    try:
        held = hold_seats(
            account=desk.caller,
            wishes=form.cleaned_data["slots"],
            procedure_id=procedure.pk,
            supersedes=desk.call.hold_id,
            replaces=[UUID(one) for one in desk.call.moving],
            origin="" if desk.call.moving else form.origin,
            admitted=admitted,
            pools=(Pool.PUBLIC, Pool.PHONE),
            now=desk.now,
            **desk.by,
        )
    except (BookingError, BookingRefused) as refusal:
        return refused(desk, refusal)
    desk.call.hold = str(held.hold_id)
    desk.keep()
    return redirect("staff_console_hold")


def take(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What the caller began on the web is finished here, with what they typed there."""
    typed = request.POST.get("hold", "")
    held = next((one for one in selectors.open_holds(desk.caller, now=desk.now) if str(one.pk) == typed), None)
    if held is None:
        messages.info(request, _("That time is no longer kept. Choose another one."))
        return redirect("staff_console")
    desk.call.hold = str(held.pk)
    desk.call.keep_typed(seated(load_draft(desk.caller), party=held.party, procedure=held.procedure))
    desk.keep()
    detail = {"call": desk.call.reference, "hold": str(held.pk)}
    record(actor=desk.agent, action="caller.take_hold", target=desk.caller, now=desk.now, detail=detail)
    return redirect("staff_console_hold")


def refused(desk: Desk, refusal: BookingError | BookingRefused) -> HttpResponse:
    """The sentence to say, the caller's appointments and the next free times: never a bare no."""
    said = spoken.refusal(refusal.code, getattr(refusal, "facts", {}))
    desk.keep()
    return desk.render("refused.html", {"refusal": said}, status=409)


def hold(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The people in one form, or who is known in one key; then everything once more before it counts."""
    held = Hold.objects.select_related("procedure").filter(pk__in=desk.call.hold_ids, account=desk.caller).first()
    if held is None:
        return redirect("staff_console")
    if held.outcome == "confirmed":
        return redirect("staff_console_done")
    if not held.is_open(now=desk.now):
        return _ran_out(desk)
    party = selectors.held_party(held)
    people = _known(held, party, desk)
    do = request.POST.get("do", "")
    if do == "release":
        return _release(desk, held)
    if do == "extend":
        return _extend(desk, held)
    if do == "confirm" or (do == "" and request.method == "POST" and held.replaces):
        return _confirm(desk, held, party, _typed(desk, held, party))
    if do.startswith("book-"):
        chosen = next((one for one in people if f"book-{one.pk}" == do), None)
        if chosen is not None and held.party == 1 and held.procedure.min_applicants == 1:
            desk.call.keep_typed({1: [entry_of(chosen)]})
            return _confirm(desk, held, party, desk.call.typed())
    desk.look(appointments=len(people), page="hold")
    if held.replaces:
        return _check(desk, held, party, {})
    if request.method == "POST":
        return _people_sent(desk, held, party, people)
    typed = _typed(desk, held, party)
    if "change" not in request.GET and desk.call.people and len(typed) == held.party and _all_fit(typed, held, party):
        return _check(desk, held, party, typed)
    return _form(desk, held, party, Seating(held, party, typed=typed or _proposed(people, held), extra={}), people)


def _people_sent(desk: Desk, held: Hold, party: selectors.HeldParty, people: list) -> HttpResponse:
    data = desk.request.POST
    extra = {place: _count(data.get(f"count-{place}", "")) for place in range(1, held.party + 1)}
    more = data.get("do", "").removeprefix("more-")
    before = _typed(desk, held, party) or _proposed(people, held)
    if more.isdecimal() and int(more[:2]) in extra:
        seating = Seating(held, party, typed=before, extra=extra | {int(more[:2]): extra[int(more[:2])] + 1}, data=data)
        return _form(desk, held, party, seating, people, plain=True)
    seating = Seating(held, party, typed=before, extra=extra, data=data)
    if not seating.is_valid():
        return _form(desk, held, party, seating, people, status=422)
    desk.call.keep_typed(seating.entries())
    desk.keep()
    return redirect("staff_console_hold")


def _count(typed: str) -> int:
    return min(int(typed), 4) if typed.isdecimal() and len(typed) < 3 else 1


def _known(held: Hold, party: selectors.HeldParty, desk: Desk) -> list:
    """Saved people whom the procedure fits."""
    return [
        one
        for one in selectors.saved_applicants(desk.caller)
        if fits(entry_of(one), procedure=held.procedure, day=party.day)
    ]


def _proposed(people: list, held: Hold) -> KEPT_TYPED:
    """A party is filled in with the people that the caller had before; a single person is chosen."""
    if held.party < 2:
        return {}
    return {place: [entry_of(one)] for place, one in enumerate(people[: held.party], start=1)}


def _typed(desk: Desk, held: Hold, party: selectors.HeldParty) -> KEPT_TYPED:
    """What was typed in this call, as far as this party has room for it."""
    return {
        place: entries[: held.procedure.max_applicants]
        for place, entries in desk.call.typed().items()
        if place <= held.party
    }


def _all_fit(typed: KEPT_TYPED, held: Hold, party: selectors.HeldParty) -> bool:
    return all(
        len(entries) >= held.procedure.min_applicants
        and all(fits(one, procedure=held.procedure, day=party.day) for one in entries)
        for entries in typed.values()
    )


def _form(
    desk: Desk,
    held: Hold,
    party: selectors.HeldParty,
    seating: Seating,
    people: list,
    *,
    plain: bool = False,
    status: int = 200,
) -> HttpResponse:
    single = held.party == 1 and held.procedure.min_applicants == 1
    context = _about(held, party) | {
        "seating": seating,
        "people": people if single else [],
        "errors": [] if plain or status == 200 else seating.errors,
    }
    desk.keep()
    return desk.render("people.html", context, status=status)


def _about(held: Hold, party: selectors.HeldParty) -> dict[str, Any]:
    return {
        "held": held,
        "party": party,
        "when": [spoken.when(at, party.session.time_zone) for at in party.different_times],
        "where": spoken.where(party.session),
    }


def _check(
    desk: Desk,
    held: Hold,
    party: selectors.HeldParty,
    typed: KEPT_TYPED,
    *,
    refusal: spoken.Refusal | None = None,
) -> HttpResponse:
    moved = selectors.appointments_to_move(held) if held.replaces else []
    context = _about(held, party) | {"typed": typed, "moved": moved, "refusal": refusal}
    desk.keep()
    return desk.render("check.html", context, status=409 if refusal else 200)


def _confirm(desk: Desk, held: Hold, party: selectors.HeldParty, typed: KEPT_TYPED) -> HttpResponse:
    people = [] if held.replaces else [typed[place] for place in sorted(typed)]
    if not held.replaces and not _is_the_person(desk.caller, people):
        text = _("Without a phone and without an e-mail I can book for the person of this call alone.")
        return _check(desk, held, party, typed, refusal=spoken.Refusal(text, ("verify",)))
    try:
        booked = confirm_hold(
            account=desk.caller, hold_id=held.pk, people=people, today=party.day, now=desk.now, **desk.by
        )
    except HoldExpired:
        return _ran_out(desk)
    except (BookingError, BookingRefused) as refusal:
        said = spoken.refusal(refusal.code, getattr(refusal, "facts", {}))
        return _check(desk, held, party, typed, refusal=said)
    desk.call.booked = [*desk.call.booked, *(str(one) for one in booked if str(one) not in desk.call.booked)]
    desk.call.moving, desk.call.people = [], {}
    desk.keep()
    return redirect("staff_console_done")


def _is_the_person(account: Any, people: list[list[Entry]]) -> bool:
    """A caller who has neither phone nor e-mail was registered as one person, and books for that one."""
    caller = Caller.objects.filter(account=account).first()
    if caller is None or caller.phone_hash or not caller.person_hash or account.email or account.phone:
        return True
    person = bytes(caller.person_hash)
    return all(
        identity_hash(
            given_names=one.given_names, surname_1=one.surname_1, surname_2=one.surname_2, birth_date=one.birth_date
        )
        == person
        for one, *_others in people
    )


def _ran_out(desk: Desk) -> HttpResponse:
    """Nothing that was typed is lost: the next time is filled in with it."""
    desk.call.hold = ""
    return refused(desk, HoldExpired())


def _release(desk: Desk, held: Hold) -> HttpResponse:
    release_hold(account=desk.caller, hold_id=held.pk, now=desk.now, channel=desk.call.channel)
    desk.call.hold = ""
    desk.keep()
    return redirect("staff_console")


def _extend(desk: Desk, held: Hold) -> HttpResponse:
    try:
        extend_hold(account=desk.caller, hold_id=held.pk, now=desk.now, channel=desk.call.channel)
    except AlreadyExtended as refusal:
        messages.info(desk.request, spoken.refusal(refusal.code).text)
    except BookingError:
        return _ran_out(desk)
    desk.keep()
    return redirect("staff_console_hold")


def done(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The reference, letter by letter, and where else it was sent."""
    held = Hold.objects.filter(pk__in=desk.call.hold_ids, account=desk.caller, outcome="confirmed").first()
    if held is None:
        return redirect("staff_console")
    party_id = selectors.party_id_of(held)
    own = selectors.own_appointments(desk.caller).filter(pk__in=desk.call.booked)
    booked = list((own.filter(pk__in=held.replaces) if held.replaces else own.filter(party_id=party_id)).order_by("pk"))
    desk.look(appointments=len(booked), page="done")
    stated = Caller.objects.filter(account=desk.caller).first()
    context = {
        "booked": booked,
        "moved": bool(held.replaces),
        "sms": desk.caller.has_verified_phone or bool(not desk.caller.email and stated and stated.phone),
    }
    desk.keep()
    return desk.render("done.html", context)


def _party_or_404(desk: Desk, appointment_id: UUID) -> selectors.Party:
    party = party_shown(desk.caller, desk.call, appointment_id, now=desk.now)
    if party is None:
        raise Http404
    return party


def _chosen(party: selectors.Party, typed: list[str]) -> list[Appointment]:
    return [one for one in party.appointments if str(one.pk) in typed] if party.together else party.appointments


def cancel(request: HttpRequest, desk: Desk, appointment_id: UUID) -> HttpResponse:
    party = _party_or_404(desk, appointment_id)
    errors: list[dict[str, str]] = []
    if request.method == "POST":
        chosen = _chosen(party, request.POST.getlist("cita"))
        if not chosen:
            errors = [{"text": _("Choose whose appointment is cancelled."), "href": "#cita-1"}]
        else:
            try:
                cancel_appointments(
                    account=desk.caller, appointment_ids=[one.pk for one in chosen], now=desk.now, **desk.by
                )
            except BookingError as refusal:
                return refused(desk, refusal)
            messages.success(request, _("It is cancelled. The place goes to somebody else."))
            desk.call.moving = []
            desk.keep()
            return redirect("staff_console")
    desk.look(appointments=len(party.appointments), page="cancel")
    desk.keep()
    return desk.render("cancel.html", {"party": party, "errors": errors}, status=422 if errors else 200)


def move(request: HttpRequest, desk: Desk, appointment_id: UUID) -> HttpResponse:
    """From now on the times that are read out are for these people; "stay" forgets it."""
    if "stay" in request.POST:
        desk.call.moving = []
    else:
        party = _party_or_404(desk, appointment_id)
        chosen = _chosen(party, request.POST.getlist("cita")) or party.appointments
        desk.call.moving = [str(one.pk) for one in chosen if one.can_change(now=desk.now)]
        office = chosen[0].consulate
        if not desk.call.wish.get("lugar"):
            desk.call.wish |= {"lugar": f"{office.city}, {office.state}", "orden": "pronto"}
        for name in ("oficina", "desde"):
            desk.call.wish.pop(name, None)
    desk.keep()
    return redirect("staff_console")


def _page(methods: list[str], view: Any) -> Any:
    return require_http_methods(methods)(console_page(with_caller(view)))


urlpatterns = [
    path("telefono/elegir/", require_POST(console_page(with_caller(choose))), name="staff_console_choose"),
    path("telefono/tomar/", require_POST(console_page(with_caller(take))), name="staff_console_take"),
    path("telefono/personas/", _page(["GET", "POST"], hold), name="staff_console_hold"),
    path("telefono/listo/", _page(["GET"], done), name="staff_console_done"),
    path("telefono/cita/<uuid:appointment_id>/cancelar/", _page(["GET", "POST"], cancel), name="staff_console_cancel"),
    path(
        "telefono/cita/<uuid:appointment_id>/mover/",
        require_POST(console_page(with_caller(move))),
        name="staff_console_move",
    ),
]
