"""The family of the embedded run: a mother of four with two appointments, booked like anybody's."""

from datetime import date, datetime, timedelta

from appointments.enums import Channel
from appointments.errors import BookingError
from appointments.selectors import own_appointments
from appointments.services import Entry, confirm_hold, hold_seats, save_applicant
from appointments.services.hold import Wish
from consulates.models import Consulate, Procedure
from consulates.selectors import office_day, office_month
from consulates.wording import local_day
from mexitel.accounts.models import User

OFFICE, PROCEDURE = "los-angeles", "passport-minor-renewal"
MOTHER = "Elena Robles Ibarra"
CHILDREN = [("Camila", 3), ("Diego", 6), ("Ximena", 9), ("Tomás", 12)]


def make(users: dict[str, User], now: datetime) -> None:
    """Two of the four children have an appointment next week; nothing is done while they have one to come."""
    mother = users["mother"]
    if own_appointments(mother).upcoming(now=now).exists():
        return
    office = Consulate.objects.filter(code=OFFICE).first()
    if office is None:  # the reference data are not loaded: nowhere to book
        return
    today = local_day(now, office.time_zone)
    entries = [_child(name, years, today) for name, years in CHILDREN]
    for entry in entries:
        save_applicant(account=mother, entry=entry, today=today, now=now)
    procedure = Procedure.objects.get(code=PROCEDURE)
    days = office_month(office, first=today + timedelta(days=5), last=today + timedelta(days=25), now=now)
    for day in days:
        for session in office_day(office, day, now=now, procedure=procedure, party=2):
            if session.choices and _book(mother, session, procedure, entries[:2], now=now):
                return


def _book(mother: User, session, procedure: Procedure, entries: list[Entry], *, now: datetime) -> bool:
    wishes = [Wish(slot, seats) for slot, seats in session.choices[0].parts]
    try:
        held = hold_seats(account=mother, wishes=wishes, procedure_id=procedure.pk, channel=Channel.WEB, now=now)
        confirm_hold(
            account=mother,
            hold_id=held.hold_id,
            people=[[entry] for entry in entries],
            today=session.session.date,
            now=now,
        )
    except BookingError:
        return False
    return True


def _child(name: str, years: int, today: date) -> Entry:
    born = date(today.year - years, 2, 11)
    return Entry(given_names=name, surname_1="Salas", surname_2="Robles", birth_date=born, guardian_name=MOTHER)
