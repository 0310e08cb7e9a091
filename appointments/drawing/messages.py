"""What applicants are told: they are in, they won and until when, they did not and how to go on, it was called off.

Mail, and a text message where there is a verified phone. As in appointments/notifications, each reloads what it is
about and says what is true when it is sent.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from appointments import links
from appointments.drawing.codes import in_groups
from appointments.drawing.shown import (
    CANCELLED,
    DRAWING,
    IN_ORDER,
    LOST,
    WAITING,
    WON,
    Shown,
    rule,
    shown,
    wishes_in_words,
)
from appointments.models import DrawApplication, DrawWin
from appointments.notifications.mail import Mail, squeeze, tidy
from appointments.notifications.sms import short_day, to_gsm
from appointments.notifications.telling import News, tell_account
from appointments.selectors import HeldParty
from consulates.wording import clock, local_day, moment

VERSION = 1
LASTS = timedelta(days=2)


@dataclass(frozen=True)
class Told:
    """``text`` is the text message, in one part."""

    heading: str
    lines: list[str]
    link_text: str
    text: str


def applied(*, outbox_id: int, payload: dict, now: datetime) -> None:
    """{"application"}. Each change is told, because somebody else may have made it."""
    _tell(payload, "applied", (WAITING, DRAWING), key=str(outbox_id), now=now)


def won(*, outbox_id: int, payload: dict, now: datetime) -> None:
    _tell(payload, "won", (WON,), now=now)


def lost(*, outbox_id: int, payload: dict, now: datetime) -> None:
    _tell(payload, "lost", (IN_ORDER, LOST), now=now)


def cancelled(*, outbox_id: int, payload: dict, now: datetime) -> None:
    _tell(payload, "cancelled", (CANCELLED,), now=now)


def told_of(kind: str, state: Shown) -> Told:
    return {"applied": _applied, "won": _won, "lost": _lost, "cancelled": _cancelled}[kind](state)


def mail_of(told: Told, application: DrawApplication) -> Mail:
    """The subject names neither people nor places."""
    facts = {**vars(told), "page": links.public_url("draw_application", application.pk)}
    return Mail(
        subject=told.heading,
        text=tidy(render_to_string("draws/email/news.txt", facts)),
        html=squeeze(render_to_string("draws/email/news.html", facts)),
    )


def _applied(state: Shown) -> Told:
    application = state.application
    wishes = "\n".join(f"{key}: {value}" for key, value in wishes_in_words(application))
    return Told(
        _("You are in the draw"),
        [
            application.release.shown_name,
            _("It is drawn on: %(when)s.") % {"when": state.drawn_at},
            wishes,
            _("Your ticket: %(ticket)s. With it you find yourself in the lists that anybody can check.")
            % {"ticket": in_groups(application.code)},
            rule(),
            _("You do not have to do anything. We write to you, whether you win or not."),
        ],
        _("See, change or withdraw my application"),
        _("Mexitel: you are in the draw. We write to you when it is drawn. It is free: do not pay gestores."),
    )


def _won(state: Shown) -> Told:
    held = cast(HeldParty, state.held)
    session, first = held.session, held.different_times[0]
    place = f"{session.place_name or session.consulate.name}, {session.city}, {session.state}"
    return Told(
        _("You won in the draw. Accept your appointment"),
        [
            state.application.procedure.name,
            f"{moment(first, session.time_zone)}\n{place}",
            _("We keep it for you until %(until)s. Then it goes to the next in order.") % {"until": state.answer_by},
        ],
        _("See it and accept"),
        _("Mexitel: you won in the draw! Accept before %(until)s in My appointments. It is free: do not pay gestores.")
        % {"until": _short(state)},
    )


def _lost(state: Shown) -> Told:
    chance = state.chance
    lines = [state.application.release.shown_name]
    if chance is not None:
        lines.append(
            _(
                "There were %(applications)d applications for %(seats)d places. Of those who asked for the same as you,"
                " %(won)d of %(same)d won."
            )
            % {
                "applications": chance.applications,
                "seats": chance.seats,
                "won": chance.same_won,
                "same": chance.same,
            }
        )
    lines.append(_("When somebody does not accept, the next in order gets the place. We write to you if it is you."))
    lines.append(_("With one tap you take part in the next draw, or stand in the waiting list."))
    return Told(
        _("You did not win this time"),
        lines,
        _("See how to go on"),
        _("Mexitel: you did not win this time. See in My appointments how to go on. It is free: do not pay gestores."),
    )


def _cancelled(state: Shown) -> Told:
    reason = state.application.release.shown_reason
    return Told(
        _("The draw was called off"),
        [state.application.release.shown_name, _("The office called it off before it was drawn. You lost nothing.")]
        + ([_("Why: %(reason)s") % {"reason": reason}] if reason else []),
        _("See my application"),
        _("Mexitel: the draw was called off. You lost nothing. Other appointments are on the page."),
    )


def _short(state: Shown) -> str:
    """``mar 1 dic, 9:30 a.m.``, on the clock of the place."""
    win = cast(DrawWin, state.win)
    zone_name = win.session.time_zone
    return f"{short_day(local_day(win.expires_at, zone_name))}, {clock(win.expires_at, zone_name)}"


def _tell(payload: dict, kind: str, states: tuple[str, ...], *, now: datetime, key: str = "") -> None:
    found = DrawApplication.objects.for_pages().select_related("account", "release__draw_progress")
    application = found.filter(pk=payload["application"]).first()
    if application is None:
        return
    account = application.account
    with translation.override(account.language):
        state = shown(application, now=now)
        if state.state not in states:
            return
        told = told_of(kind, state)
        # A text message says that they are in only to whoever has no mailbox.
        text = "" if kind == "applied" and account.email else to_gsm(told.text)
        tell_account(
            account,
            News(mail_of(told, application), text),
            kind=f"draw.{kind}",
            key=f"draw.{kind}:{VERSION}:{application.pk}:{key}",
            now=now,
            ends=state.win.expires_at if kind == "won" and state.win else now + LASTS,
        )
