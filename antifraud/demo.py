"""The broker of the embedded run, so that reviewers have a case to open: invented people on domains that get no mail.

Nothing is written past the doors: the accounts book through the services, and the engine finds them by itself.
"""

from datetime import date, datetime, timedelta
from itertools import count

from antifraud.live.sign_ups import sign_up_of
from antifraud.receivers import note_proven_phone
from antifraud.services.sightings import note
from appointments.errors import BookingError
from appointments.guards import BookingRefused
from appointments.services import Entry, confirm_hold, hold_seats
from appointments.services.hold import Wish
from consulates.models import Consulate, Procedure
from consulates.selectors import office_day, office_month
from consulates.wording import local_day
from mexitel.accounts.models import User
from mexitel.utils.browsers import Seen
from mexitel.utils.crypto import keyed_hash

OFFICE, PROCEDURE = "los-angeles", "passport-adult-renewal"
DOMAIN = "citas-rapidas.example"
PHONES = ("+13235550171", "+13235550172")
CLIENTS = [
    ("Aurelio", "Bustos", "Galindo"),
    ("Brenda", "Cervantes", "Huerta"),
    ("Clemente", "Delgadillo", "Jasso"),
    ("Dolores", "Espejel", "Lozano"),
    ("Efraín", "Figueroa", "Montaño"),
    ("Fabiola", "Gudiño", "Naranjo"),
    ("Gaspar", "Ibarra", "Olvera"),
    ("Herlinda", "Jaramillo", "Peralta"),
]
# One machine in one house: what a broker's booking looks like from outside.
SEEN = Seen("203.0.113.0/24", "d" * 32)
FILLS_IN_SECONDS = 9.0
# One account after the other, all within an hour.
OPENED_EVERY = timedelta(minutes=7)


def make(users: dict[str, User], now: datetime) -> None:
    """Eight accounts on two telephones, each with a stranger's appointment; nothing is done once they are there."""
    office = Consulate.objects.filter(code=OFFICE).first()
    if office is None or User.objects.filter(email__endswith=f"@{DOMAIN}").exists():
        return
    today = local_day(now, office.time_zone)
    procedure = Procedure.objects.get(code=PROCEDURE)
    days = office_month(office, first=today + timedelta(days=6), last=today + timedelta(days=25), now=now)
    sessions = (
        session for day in days for session in office_day(office, day, now=now, procedure=procedure) if session.choices
    )
    times = (choice for session in sessions for choice in ((session, one) for one in session.choices))
    for number, client, (session, choice) in zip(count(1), CLIENTS, times, strict=False):
        account = _account(number, now=now - OPENED_EVERY * (len(CLIENTS) - number + 1))
        wishes = [Wish(slot, seats) for slot, seats in choice.parts]
        booked_at = now + timedelta(seconds=number)  # the sample's seats were published a moment ago
        _book(account, wishes, procedure, client, session.session.date, number, now=booked_at)


def _account(number: int, *, now: datetime) -> User:
    phone = PHONES[number % len(PHONES)]
    account = User.objects.create_user(
        f"gestiones{number:02}@{DOMAIN}", phone=phone, phone_hash=keyed_hash("phone", phone), phone_verified_at=now,
        date_joined=now,
    )  # fmt: skip
    note("register", now=now, account_id=account.pk, **sign_up_of(account, agent_id=None, seen=SEEN))
    note_proven_phone(user_id=account.pk, contact="phone", address=phone, at=now)
    return account


def _book(
    account: User, wishes: list[Wish], procedure: Procedure, client: tuple[str, str, str], day: date, number: int, *,
    now: datetime,
) -> None:  # fmt: skip
    given, first, second = client
    entry = Entry(given, first, second, date(1958 + 3 * number, 3, 4 + number), fill_seconds=FILLS_IN_SECONDS)
    try:
        held = hold_seats(account=account, wishes=wishes, procedure_id=procedure.pk, client=SEEN, now=now)
        confirm_hold(account=account, hold_id=held.hold_id, people=[[entry]], today=day, client=SEEN, now=now)
    except (BookingError, BookingRefused):
        return
