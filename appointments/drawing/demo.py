"""A draw of the embedded run whose lots were drawn: a list, a folder that anybody recomputes, who won and who did not.

Everything is done by the services that do it in earnest, at moments of the last days.
"""

from datetime import date, datetime, time, timedelta

from appointments.drawing import running
from appointments.drawing.errors import DrawError
from appointments.drawing.joining import Wishes, apply
from appointments.guards import BookingRefused
from appointments.services import Entry, save_applicant
from consulates.calendars import zone
from consulates.models import Gate, Release, Seat
from consulates.releases.demo import announce, office_with_sessions
from consulates.releases.moments import Terms
from mexitel.accounts.models import User

NAME, NAME_EN = "Sorteo que ya se hizo", "Draw that took place"
# Small enough that a few dozen applications are more than the places.
OFFICES = ("atlanta", "miami", "denver", "new-york", "boston", "austin")
DRAWN_AGO, ANNOUNCED_BEFORE = timedelta(hours=2), timedelta(days=3)
NAMES = ("Rosa", "Luis", "Inés", "Mateo", "Elvira", "Óscar", "Nadia", "Saúl", "Berta", "Hugo", "Irma", "Joel")
SURNAMES = ("Prueba", "Ejemplo", "Muestra")


def make(users: dict[str, User], now: datetime) -> None:
    """Once a day: winners are kept for 24 hours, so that there is always something to accept."""
    if Release.objects.filter(name=NAME, opens_at__gt=now - timedelta(hours=20)).exists():
        return
    opens_at = (now - DRAWN_AGO).replace(minute=0, second=0, microsecond=0)
    made = _announced(users, opens_at)
    if made is None:
        return
    running.commit_announced(now=opens_at - ANNOUNCED_BEFORE)
    for number, account in enumerate([users["newcomer"], *_strangers(made)]):
        _apply(account, made, number, now=opens_at - timedelta(days=1))
    for seconds in (0, 10):
        running.run(made, now=opens_at + timedelta(seconds=seconds))


def _announced(users: dict[str, User], opens_at: datetime) -> Release | None:
    before = opens_at - ANNOUNCED_BEFORE
    office = office_with_sessions(OFFICES, 1, before)
    if office is None:
        return None
    local = opens_at.astimezone(zone(office.time_zone))
    terms = Terms(
        name=NAME, name_en=NAME_EN, mode=Gate.DRAW, day=local.date(), hour=time(local.hour, local.minute),
        joins_before=ANNOUNCED_BEFORE, gate_for=timedelta(days=3), phone_share=0, phone_for=None,
    )  # fmt: skip
    made = announce(terms, [office.code], 1, users, before)
    # The sample was published today; in its story these places were there before the draw was announced.
    Seat.objects.filter(slot__session__release=made, visible_at__gt=before, until=None).update(visible_at=before)
    return made


def _strangers(made: Release) -> list[User]:
    """Twice as many as there are places, at most forty; the same people each day."""
    number = min(40, 2 * sum(office.seats for office in made.offices.all()))
    found = []
    for n in range(1, number + 1):
        account, _made = User.objects.get_or_create(email=f"sorteo{n:02d}@familia.example")
        found.append(account)
    return found


def _apply(account: User, made: Release, number: int, *, now: datetime) -> None:
    procedure = made.procedures.filter(min_applicants=1).order_by("pk")[0]
    born = date(now.year - 30 - number % 25, 1 + number % 12, 1 + number % 28)
    name, surname = NAMES[number % len(NAMES)], SURNAMES[number % len(SURNAMES)]
    entry = Entry(given_names=name, surname_1=surname, surname_2="", birth_date=born)
    try:
        own = save_applicant(account=account, entry=entry, today=now.date(), now=now)
        wishes = Wishes(
            procedure=procedure, applicants=(own.pk,), offices=tuple(made.consulates.values_list("pk", flat=True))
        )
        apply(account=account, release=made, wishes=wishes, now=now)
    except (DrawError, BookingRefused):
        return  # whoever booked meanwhile, or asked for the same elsewhere, sits this one out
