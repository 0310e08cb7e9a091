"""What a person reads when a booking did not happen. Pages, API and telephone desk say the same sentence."""

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.translation import gettext as _

from appointments.enums import ScopeKind
from appointments.waits import AFTERWARDS, NOT_YET, afterwards, not_yet


def sentence(code: str, facts: Mapping = MappingProxyType({})) -> str:
    """One or two plain sentences for a stable refusal code: what happened, and what helps."""
    if code == "lock_full":
        return _lock_full(facts)
    if code in NOT_YET:
        return not_yet(code, facts)
    if code in AFTERWARDS:
        return afterwards(code)
    sentences = {
        "full": _("Somebody else took that time. Choose another one: the list shows what is free now."),
        "busy": _("Many people are choosing that time right now. Try again in a moment."),
        "closed": _("The office closed that time. Choose another one."),
        "started": _("That time has begun already. Choose a later one."),
        "not_open": _("That time cannot be booked yet. The office page says when it opens."),
        "unknown_slot": _("That time no longer exists. Choose another one."),
        "not_offered": _("That session does not offer this procedure. Choose another time."),
        "several_sessions": _("A family books all its times in one session. Choose times on the same day and place."),
        "blocked": _(
            "You cannot book with this account for now. On the page “Why I cannot book” you read why and until when,"
            " and you can ask another person to review it."
        ),
        "hold_expired": _("The time to finish ran out. We kept what you wrote: choose a time again."),
        "unknown_hold": _("We do not find that place. Choose a time again."),
        "already_extended": _("You already asked for more time. Finish now, or choose a time again later."),
        "people_missing": _("We need the data of each person who has an appointment."),
        "applicant_twice": _("The same person is there twice. Each place is for another person."),
        "applicant_booked": _(
            "This person already has an appointment for that kind of procedure. Move that one, or cancel it first."
        ),
        "unknown_appointment": _("We do not find that appointment."),
        "not_movable": _("This appointment can no longer be moved."),
        "not_cancellable": _("This appointment can no longer be cancelled, because it has begun or is over."),
        "not_granted": _("That place is not for everybody. Somebody of the office must sign for it first."),
        "not_one_family": _(
            "Six to eight places at once are for one family: at most two adults, and minors who share a surname with"
            " one of them. Correct the names, or leave these places and choose up to five."
        ),
        "ticket_taken": _(
            "Somebody with your e-mail or your phone is in this queue already, and each has one place. If it was you"
            " with another account, sign in with that one."
        ),
        "queue_closed": _("This queue cannot be joined now."),
        "not_your_turn": _("It is not your turn yet. Your place in the queue says how far it is."),
        "other_people": _("This place is for the people who waited for it. Nobody else can take it."),
        "not_who_won": _(
            "These places were won for the people who applied, and cannot be passed on. If a name was changed since"
            " then, write it as it was."
        ),
        "step_up": _("One step is missing before this counts. Nothing that you did is lost."),
        "key_reused": _("This request was sent before with other data. Start again."),
    }
    return sentences.get(code) or _("We could not book. Try again in a moment.")


def _lock_full(facts: Mapping) -> str:
    cap, active = facts.get("cap", 5), facts.get("active", 5)
    if facts.get("scope") == ScopeKind.PHONE:
        whose = _(
            "With your phone number there are already %(active)d appointments or places, and the limit is %(cap)d."
        )
    elif facts.get("scope") == ScopeKind.EMAIL:
        whose = _("With your e-mail there are already %(active)d appointments or places, and the limit is %(cap)d.")
    else:
        whose = _("You already have %(active)d appointments or places, and the limit is %(cap)d at the same time.")
    advice = _("When you attend or cancel one, you can book another.")
    return f"{whose % {'active': active, 'cap': cap}} {advice}"
