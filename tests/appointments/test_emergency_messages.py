"""The words of an answer: golden files, plainness, one part for each text message, and nothing said twice.

``UPDATE_GOLDEN=1`` writes tests/golden/emergencies/ anew; read the difference before committing it.
"""

import os
import re
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from uuid import UUID

import pytest
from django.utils import translation

from appointments.emergencies import asking, deciding, messages
from appointments.emergencies.help import HELPS, WHY
from appointments.models import EmergencyRequest, WhyNot
from appointments.notifications.telling import text_from
from mexitel.outbox.models import OutgoingMessage
from mexitel.outbox.sms import check_one_part
from tests.appointments.test_message_texts import visits
from tests.factories.accounts import UserFactory
from tests.factories.emergencies import NOW, emergency
from tests.pages.readability import assert_plain

pytestmark = pytest.mark.django_db
GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "emergencies"
KINDS = ["asked", "granted", "refused"]
LANGUAGES = ["es", "en"]
ANSWER_BY = datetime(2027, 8, 4, 1, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _public_url(settings):
    settings.PUBLIC_URL = "https://citas.example"
    settings.HASH_KEY = "golden"


def request_of(kind: str, *, city: str = "San Bernardino", why: str = WhyNot.NO_SEAT) -> tuple[EmergencyRequest, dict]:
    """A request that stands nowhere, and its facts; ids and times never change."""
    [visit] = visits(city=city)
    office = visit.first.consulate
    office.time_zone = "America/Los_Angeles"
    request = EmergencyRequest(
        id=UUID(int=7), consulate=office, procedure=visit.first.procedure, kind="bereavement",
        needed_by=date(2027, 8, 5), answer_by=ANSWER_BY, why=why if kind == "refused" else "",
        answer="" if kind == "asked" else "Traiga el acta de su mamá. La esperamos en la puerta.",
    )  # fmt: skip
    return request, {"visit": visit, "several": False} if kind == "granted" else {}


def composed(kind: str, **choices):
    request, facts = request_of(kind, **choices)
    make = {"asked": messages._asked_facts, "refused": messages._refused_facts}.get(kind)
    facts |= make(request) if make else {}
    return messages.mail_about(kind, request, facts), text_from(
        f"emergencies/sms/{kind}", messages.sms_facts(request, kind, facts)
    )


@pytest.mark.parametrize(("kind", "language"), list(product(KINDS, LANGUAGES)))
def test_message_reads_as_in_its_golden_file(kind, language):
    with translation.override(language):
        mail, text = composed(kind)
    said = f"{mail.subject}\n\n{mail.text}\n-- SMS\n{text}\n"
    path = GOLDEN / f"{kind}.{language}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(said, "utf-8")
    assert said == path.read_text("utf-8")


@pytest.mark.parametrize("why", WhyNot.values)
def test_every_why_has_its_sentence_and_what_else_helps(why):
    assert WHY[why]
    assert len(HELPS[why]) >= 2


@pytest.mark.parametrize("why", WhyNot.values)
def test_spanish_refusal_is_easy_to_read_for_every_why(why):
    mail, text = composed("refused", why=why)

    assert_plain(prose(mail.text))
    assert_plain(text)


@pytest.mark.parametrize("kind", KINDS)
def test_spanish_message_is_easy_to_read(kind):
    mail, text = composed(kind)

    assert_plain(prose(mail.text))
    assert_plain(text)


def prose(text: str) -> str:
    not_prose = re.compile(r"https?://|\d|Núñez|Consulado de")
    lines = [line.strip("- ") for line in text.splitlines() if not not_prose.search(line)]
    return " ".join(line if line.endswith((".", "?")) else f"{line.rstrip(':')}." for line in lines if line)


@pytest.mark.parametrize(("kind", "language"), list(product(KINDS, LANGUAGES)))
@pytest.mark.parametrize("city", ["San Bernardino", "Ñandú de Ávila y Güémez del Río Bravo"])
def test_text_message_is_one_part_without_link_or_name(kind, language, city):
    with translation.override(language):
        _mail, text = composed(kind, city=city)

    check_one_part(text)
    assert not re.search(r"https?:|Ana|Núñez|\s{2}", text)


@pytest.mark.parametrize(("kind", "language"), list(product(KINDS, LANGUAGES)))
def test_message_is_free_of_charge_and_says_nothing_of_what_happened(kind, language):
    with translation.override(language):
        mail, text = composed(kind)
    free = "grat" if language == "es" else "free"

    assert all(free in said for said in [mail.text, mail.html, text])
    assert not [word for word in ["Murió", "Death", "defunción"] if word in mail.text + text + mail.subject]


@pytest.mark.parametrize(("kind", "language"), list(product(KINDS, LANGUAGES)))
def test_mail_fetches_nothing_and_is_small(kind, language):
    with translation.override(language):
        mail, _text = composed(kind)

    assert not re.search(r"<img|<link|<script|url\(|@import|background=", mail.html)
    assert len(mail.html.encode()) + len(mail.text.encode()) < 20_000


def deliver(request, kind, *, now=NOW):
    getattr(messages, kind)(outbox_id=1, payload={"request": str(request.pk)}, now=now)


def test_each_answer_goes_to_mail_and_phone_once():
    scene = emergency()
    account = UserFactory(with_phone=True)
    asked = scene.taken(account=account)
    deliver(asked, "asked")
    deliver(asked, "asked")
    scene.grant(asked)
    deliver(asked, "granted")
    deliver(asked, "granted")
    deliver(asked, "asked")  # late: it was answered meanwhile

    sent = OutgoingMessage.objects.order_by("pk").values_list("channel", "kind")
    assert list(sent) == [
        ("mail", "emergency.asked"),
        ("sms", "emergency.asked"),
        ("mail", "emergency.granted"),
        ("sms", "emergency.granted"),
    ]


def test_refusal_is_told_and_withdrawal_is_silent():
    scene = emergency()
    asked = scene.taken()
    deciding.refuse_request(request_id=asked.pk, officer=scene.officer, why="no_seat", answer="-", now=NOW)
    deliver(asked, "refused")
    other = scene.asked(account=UserFactory())
    asking.withdraw(request=other, now=NOW)
    deliver(other, "asked")

    assert list(OutgoingMessage.objects.values_list("kind", flat=True)) == ["emergency.refused"]


def test_cancelled_appointment_is_not_confirmed_as_given():
    scene = emergency()
    asked = scene.grant(scene.taken())
    deliver(asked, "granted", now=NOW + timedelta(days=2))

    assert not OutgoingMessage.objects.exists()
