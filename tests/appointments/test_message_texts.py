"""The words of every message: golden files, size, plainness, and one part for each text message.

``UPDATE_GOLDEN=1`` writes tests/golden/notices/ anew; read the difference before committing it.
"""

import os
import re
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from pathlib import Path
from uuid import UUID

import pytest
from django.utils import translation
from django.utils.translation import gettext_lazy

from appointments.models import Appointment, Attendee
from appointments.notifications.mail import mail_of, tidy
from appointments.notifications.sms import text_of, to_gsm
from appointments.visits import visits_of
from consulates.models import Session, SessionKind, Slot
from consulates.wording import moment
from mexitel.outbox.sms import BASIC, EXTENDED, check_one_part, length
from tests.appointments.booking_scene import NAMES, account, office, procedure
from tests.pages.readability import assert_plain

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "notices"
KINDS = ["booked", "moved", "cancelled", "reminder", "offered", "no_seat", "corrected", "coming", "released"]
LANGUAGES = ["es", "en"]
STARTS = datetime(2027, 8, 3, 17, 30, tzinfo=UTC)
NOW = datetime(2027, 7, 1, 12, tzinfo=UTC)
CLOSED = {
    "short": True,
    "why": gettext_lazy("The consulate will be closed at that time."),
    "reason": "Hay una tormenta.",
    "earlier": ["lunes 2 de agosto de 2027, 9:00 a.m. (hora del Pacífico)"],
}
MINOR = {
    "code": "passport-minor-first",
    "name_es": "Pasaporte, primera vez (menor de edad)",
    "name_en": "Passport, first time (minor)",
    "requires": ["child_nationality_proof", "child_id", "both_parents_present", "parents_photo_id", "payment"],
    "companions": ["both_parents_or_guardians"],
}


@pytest.fixture(autouse=True)
def _public_url(settings):
    settings.PUBLIC_URL = "https://citas.example"
    settings.HASH_KEY = "golden"


def visits(
    *, people: int = 1, minor: bool = False, verified: bool = True, city: str = "San Bernardino", place: str = ""
):
    """Of a party whose every other person comes half an hour later; ids and references never change."""
    consulate = office(verified=verified)
    consulate.city = city
    consulate.save()
    session = Session.objects.create(
        consulate=consulate,
        kind=SessionKind.MOBILE if place else SessionKind.WEEKDAY,
        date=date(2027, 8, 3),
        opens_local=time(9),
        closes_local=time(14),
        time_zone="America/Los_Angeles",
        starts_at=STARTS - timedelta(hours=1),
        ends_at=STARTS + timedelta(hours=4),
        place_name=place,
        street_address="1 Main Street" if place else "",
        city=city,
        state="CA",
        postal_code="92401" if place else "",
        latitude=consulate.latitude,
        longitude=consulate.longitude,
        windows=1,
        slot_minutes=30,
    )
    wanted = procedure(**MINOR) if minor else procedure()
    booker = account()
    for number in range(people):
        starts_at = STARTS + timedelta(minutes=30 * (number % 2))
        slot, _ = Slot.objects.get_or_create(
            session=session,
            starts_at=starts_at,
            defaults={"consulate": consulate, "ends_at": starts_at + timedelta(minutes=30), "opens_at": NOW},
        )
        appointment = Appointment.objects.create(
            id=UUID(int=number + 1),
            reference=f"MWW7YR4H{number}",
            account=booker,
            party_id=UUID(int=99),
            procedure=wanted,
            procedure_group="passport",
            consulate=consulate,
            session=session,
            slot_id=slot.pk,
            seat_id=number,
            scope_ids=[],
            status="booked",
            channel="web",
            created_at=NOW,
            starts_at=starts_at,
            until=session.ends_at,
        )
        given, first, second = NAMES[number]
        Attendee.objects.create(
            appointment=appointment,
            position=1,
            given_names=given,
            surname_1=first,
            surname_2=second,
            birth_date="2019-01-01" if minor else "1980-01-01",
            identity_hash=b"",
            is_minor=minor,
            guardian_name="Rosa Ruiz Sol" if minor else "",
        )
    return visits_of(Appointment.objects.for_pages(), now=NOW)


def composed(kind: str, **choices):
    more = {
        "moved": {"earlier": ["lunes 2 de agosto de 2027, 9:00 a.m. (hora del Pacífico)"]},
        "cancelled": {"by_booker": True},
        "offered": CLOSED
        | {"until": moment(NOW, "America/Los_Angeles"), "accept": "https://citas.example/oferta/abc/"},
        "no_seat": CLOSED,
        "coming": {"coming": "https://citas.example/voy/abc/"},
        "released": {"way_back": "https://citas.example/mis-citas/abc/sigo-necesitandola/"},
    }
    return mail_of(kind, visits(**choices), **more.get(kind, {}))


@pytest.mark.parametrize(("kind", "language", "many"), list(product(KINDS, LANGUAGES, [False, True])))
def test_mail_reads_as_in_its_golden_file(db, kind, language, many):
    with translation.override(language):
        mail = composed(kind, people=3 if many else 1, minor=not many, verified=many)
    text = f"{mail.subject}\n\n{mail.text}"
    path = GOLDEN / f"{kind}.{'party' if many else 'minor'}.{language}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8")


@pytest.mark.parametrize(("kind", "language"), list(product(KINDS, LANGUAGES)))
def test_html_says_what_the_text_says(db, kind, language):
    with translation.override(language):
        mail = composed(kind, people=2, place="Biblioteca <Pública> & Cía")
    words = re.sub(r"<[^>]+>", " ", re.sub(r"(?s)<(head|style).*?</\1>", " ", mail.html))
    words = words.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">").replace("&#x27;", "'")
    links = re.findall(r'href="([^"]+)"', mail.html)
    flat = " ".join(words.split()).lower()
    lines = [line.strip("-– ").rstrip(":").lower() for line in mail.text.splitlines()]
    wanted = [part for line in lines for part in re.split(r": | – |, \d|\. (?=\S)| \(", line)]
    missing = [part for part in wanted if part.strip(".):") and part.strip(".):") not in flat and part not in links]
    labels = {
        "trámite",
        "cuándo",
        "dónde",
        "procedure",
        "when",
        "where",
        "reference",
        "folio",
        "– folio",
        "– reference",
    }
    assert [part for part in missing if part not in labels and not part.startswith("https")] == []


@pytest.mark.parametrize(("kind", "language"), list(product(KINDS, LANGUAGES)))
def test_mail_is_small_and_fetches_nothing(db, kind, language):
    with translation.override(language):
        mail = composed(kind, people=5)
    assert len(mail.html.encode()) + len(mail.text.encode()) < 20_000
    assert not re.search(r"<img|<link|<script|url\(|@import|background=", mail.html)
    assert set(re.findall(r'href="(https?://[^/"]+)', mail.html)) == {"https://citas.example"}


@pytest.mark.parametrize(("kind", "language"), list(product(KINDS, LANGUAGES)))
def test_every_message_says_that_it_is_free_and_warns_of_gestores(db, kind, language):
    with translation.override(language):
        mail = composed(kind)
        text = text_of(kind, visits_of(Appointment.objects.for_pages(), now=NOW))
    free = "grat" if language == "es" else "free"
    assert all(free in said and "gestores" in said for said in [mail.text, mail.html, text])


@pytest.mark.parametrize(("kind", "language"), list(product(KINDS, LANGUAGES)))
def test_subject_carries_no_name(db, kind, language):
    with translation.override(language):
        mail = composed(kind)
    assert not [word for word in ["Ana", "María", "Núñez", "Ruiz", "MWW7"] if word in mail.subject]
    assert "\n" not in mail.subject


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("minor", [False, True])
def test_spanish_mail_is_easy_to_read(db, kind, minor):
    mail = composed(kind, minor=minor, verified=False)
    # Addresses, names and numbers are not prose.
    not_prose = re.compile(r"https?://|\d|Núñez|Consulado de")
    prose = [line.strip("- ") for line in mail.text.splitlines() if not not_prose.search(line)]
    assert_plain(" ".join(line if line.endswith((".", "?")) else f"{line.rstrip(':')}." for line in prose if line))


@pytest.mark.parametrize(("kind", "people"), list(product(KINDS, [1, 3])))
def test_spanish_text_message_is_easy_to_read(db, kind, people):
    assert_plain(text_of(kind, visits(people=people)))


def test_unverified_address_is_not_said(db):
    text = composed("booked", verified=False).text
    assert "North D Street" not in text
    assert "Confirme la dirección con su consulado." in text


@pytest.mark.parametrize(("kind", "language", "people"), list(product(KINDS, LANGUAGES, [1, 5])))
@pytest.mark.parametrize("city", ["San Bernardino", "X" * 80, "Ñandú de Ávila y Güémez del Río Bravo", "[{€}]" * 9])
def test_text_message_is_one_part_of_gsm_letters_at_its_longest(db, kind, language, people, city):
    found = visits(people=people, city=city)
    with translation.override(language):
        text = text_of(kind, found)
    check_one_part(text)
    assert length(text)[1] == 160
    assert set(text) <= BASIC | EXTENDED
    assert not re.search(r"https?:|Ana|Núñez|\s{2}", text)


@pytest.mark.parametrize(("kind", "language"), list(product(KINDS, LANGUAGES)))
def test_text_message_is_one_part_on_every_day_and_at_every_hour(db, kind, language):
    [visit] = visits(city="Fort Walton Beach")
    longest = 0
    with translation.override(language):
        for days in range(0, 366, 3):
            visit.first.starts_at = STARTS.replace(hour=20) + timedelta(days=days)
            longest = max(longest, length(text_of(kind, [visit]))[0])
    assert longest <= 160


def test_letters_outside_the_alphabet_of_text_messages_lose_their_accent():
    assert to_gsm("sáb mié Núñez 9:00 a. m. – “Ó”") == 'sab mié Nuñez 9:00 a. m. - "O"'


def test_tidy_keeps_one_empty_line_between_paragraphs():
    assert tidy("\n\na  \n\n\n\nb\n") == "a\n\nb\n"
