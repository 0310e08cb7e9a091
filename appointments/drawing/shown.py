"""What page, message, agent and API say about an application: where it stands, what it asked, what its chance was."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from appointments.drawing.carrying import next_draw
from appointments.drawing.lots import free_times
from appointments.models import Appointment, DaysWanted, DrawApplication, DrawWin, HalfWanted, Hold
from appointments.selectors import HeldParty, held_party
from consulates.models import Consulate, Gate, Release, Session
from consulates.wording import moment, short_date
from mexitel.accounts.models import User

WAITING, DRAWING, WON, ACCEPTED = "waiting", "drawing", "won", "accepted"
DECLINED, LAPSED, IN_ORDER, LOST = "declined", "lapsed", "in_order", "lost"
WITHDRAWN, CANCELLED = "withdrawn", "cancelled"
# To be changed or withdrawn, or looked at for a while.
OPEN = (WAITING, DRAWING, WON, IN_ORDER)


@dataclass(frozen=True)
class Chance:
    """What the chance was, counted after the draw: applications and seats, and of those who asked for the same for as
    many people how many won.
    """

    applications: int
    seats: int
    same: int
    same_won: int

    @property
    def percent(self) -> int:
        return round(100 * self.same_won / self.same) if self.same else 0


def state_of(application: DrawApplication, *, now: datetime) -> str:
    """One of the names above. The clock is judged here; of a win the hold and the appointments tell."""
    if not application.stands:
        return WITHDRAWN
    release = application.release
    if release.state == "cancelled":
        return CANCELLED
    win = getattr(application, "win", None)
    if win is not None:
        return _state_of_win(win, now=now)
    if now < release.opens_at:
        return WAITING
    if application.place is None or not _is_allotted(release):
        return DRAWING
    return IN_ORDER if release.opens_to_all_at and now < release.opens_to_all_at else LOST


def _state_of_win(win: DrawWin, *, now: datetime) -> str:
    if win.outcome:
        return win.outcome
    if Appointment.objects.filter(party_id=win.hold_id).exists():
        return ACCEPTED
    hold = Hold.objects.filter(pk=win.hold_id).first()
    if hold is not None and hold.outcome == "released":
        return DECLINED
    return WON if hold is not None and hold.is_open(now=now) else LAPSED


def _is_allotted(release: Release) -> bool:
    progress = getattr(release, "draw_progress", None)
    return progress is not None and progress.allotted_at is not None


def chance_of(application: DrawApplication) -> Chance | None:
    """None before the draw."""
    release = application.release
    if application.wish_key is None or not _is_allotted(release):
        return None
    same = DrawApplication.objects.filter(release=release, wish_key=bytes(application.wish_key))
    return Chance(
        release.draw_progress.applications,
        release.draw_progress.seats,
        same.count(),
        same.filter(win__isnull=False).count(),
    )


@dataclass(frozen=True)
class Shown:
    """An application as a page shows it."""

    application: DrawApplication
    state: str
    chance: Chance | None
    held: HeldParty | None
    next: Release | None

    @property
    def win(self) -> DrawWin | None:
        return getattr(self.application, "win", None)

    @property
    def names(self) -> list[str]:
        return [one.applicant.full_name for one in self.application.people.all() if one.applicant]

    @property
    def first_office(self) -> Consulate | None:
        return Consulate.objects.filter(pk=self.application.office_ids[0]).first()

    @property
    def can_carry_on(self) -> bool:
        if self.state not in (IN_ORDER, LOST):
            return False
        return not DrawApplication.objects.filter(carried_from=self.application).exists()

    @property
    def answer_by(self) -> str:
        """Until when the seats are kept, on the clock of the place."""
        return moment(self.win.expires_at, self.win.session.time_zone) if self.win else ""

    @property
    def drawn_at(self) -> str:
        return opening(self.application.release)


def shown(application: DrawApplication, *, now: datetime) -> Shown:
    state = state_of(application, now=now)
    win = getattr(application, "win", None)
    hold = Hold.objects.filter(pk=win.hold_id).first() if win and state == WON else None
    return Shown(
        application=application,
        state=state,
        chance=chance_of(application) if state in (IN_ORDER, LOST, LAPSED, DECLINED) else None,
        held=held_party(hold) if hold else None,
        next=next_draw(application, now=now) if state in (IN_ORDER, LOST) else None,
    )


def own_applications(account: User, *, now: datetime) -> list[Shown]:
    """What the account's page of appointments shows: what is open, and what was lost and can be carried on."""
    found = DrawApplication.objects.standing().for_pages().filter(account=account).order_by("-applied_at")[:20]
    all_of_them = [shown(one, now=now) for one in found]
    return [one for one in all_of_them if one.state in OPEN or (one.state == LOST and one.can_carry_on)]


# -- in words ---------------------------------------------------------------------------------------


def opening(release: Release) -> str:
    """When it is drawn, on the clock of its first office."""
    office = release.consulates.order_by("pk").first()
    return moment(release.opens_at, office.time_zone if office else "America/Mexico_City")


def rule() -> str:
    """The one sentence."""
    return _(
        "At the opening a random order is drawn from everybody's applications; in that order each person or family gets"
        " the best places left of those they asked for."
    )


def wishes_in_words(application: DrawApplication) -> list[tuple[str, str]]:
    """(what, how it was answered), for the check page, the mail and the agent."""
    offices = {office.pk: office for office in Consulate.objects.filter(pk__in=application.office_ids)}
    order = _("The soonest day first") if application.sooner_first else _("The first office of the list first")
    rows = [
        (_("Procedure"), application.procedure.name),
        (_("Offices"), "\n".join(offices[pk].name for pk in application.office_ids if pk in offices)),
        (_("Days"), days_in_words(application)),
        (_("Hours"), str(HalfWanted(application.half_wanted).label)),
    ]
    return rows if len(offices) < 2 else [*rows, (_("What counts more"), order)]


def days_in_words(application: DrawApplication) -> str:
    if application.days_wanted == DaysWanted.CHOSEN:
        return "\n".join(short_date(day) for day in application.chosen_days)
    return str(DaysWanted(application.days_wanted).label)


def seats_in_words(count: int) -> str:
    return ngettext("%(count)d place", "%(count)d places", count) % {"count": count}


# -- what there is ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Offered:
    """One day of a draw in one office: ``seats`` for everybody and for callers together."""

    office: Consulate
    day: date
    seats: int


def offered_days(release: Release, procedure_code: str, *, now: datetime) -> list[Offered]:
    """Per office and day, as it stands before the draw; sorted by day."""
    offices = {office.code: office for office in release.consulates.all()}
    counts: dict[tuple[date, str], int] = {}
    for times in free_times(release, now=max(now, release.opens_at)):
        if times.lot.serves(procedure_code):
            key = (times.lot.day, times.lot.office)
            counts[key] = counts.get(key, 0) + times.lot.seats
    return [Offered(offices[office], day, seats) for (day, office), seats in sorted(counts.items())]


def days_of(offered: Sequence[Offered], office_ids: Sequence[int]) -> list[date]:
    return sorted({one.day for one in offered if one.office.pk in office_ids})


def sessions_of(release: Release) -> list[Session]:
    return list(release.sessions.published().select_related("consulate").order_by("starts_at"))


def draws_to_join(*, now: datetime) -> list[Release]:
    """Draws that take applications now, the soonest first."""
    found = Release.objects.to_come(now=now).filter(mode=Gate.DRAW, joins_from__lte=now)
    return list(found.prefetch_related("procedures"))


def draw_or_none(release_id: int, *, now: datetime) -> Release | None:
    """A draw that the public may read about."""
    found = Release.objects.for_public(now=now).filter(mode=Gate.DRAW).select_related("draw_progress")
    return found.filter(pk=release_id).first()
