"""People who do everything that leaves a trace, each with marks that stand nowhere else; and the search for them."""

import gzip
import html
import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from antifraud.adverts.telling import Told, tell
from antifraud.models import NoticeSource
from appointments.announcing.asking import ask
from appointments.models import Appointment, DrawApplication, EmergencyRequest, Hold, ReleaseAlert, WaitingEntry
from appointments.queueing.joining import join
from appointments.services import Entry
from appointments.services.applicants import save_applicant
from appointments.waiting import days
from consulates.models import Consulate, Procedure, Release
from mexitel.accounts.models import User
from tests.factories import appointments as make
from tests.factories import draws, emergencies, queues, release_drafts, waiting
from tests.factories.appointments import NOW
from tests.factories.blocks import blocked
from tests.factories.releases import release

HOUR = timedelta(hours=1)
DIGITS = re.compile(r"\D+")


@dataclass
class People:
    """``marks`` are what must be nowhere, in small letters; a mark of ten digits also in no other spelling."""

    office: Consulate
    procedure: Procedure
    releases: list[Release] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    number: int = 0

    def account(self) -> User:
        self.number += 1
        mail, phone = f"plantado{self.number}@correo-plantado.mx", f"+1213555{4000 + self.number}"
        self.marks += [mail, "correo-plantado", phone, phone[2:]]
        return make.account(mail, phone=phone)

    def entry(self) -> Entry:
        self.number += 1
        letters = "".join(chr(ord("A") + int(digit)) for digit in f"{self.number:03d}")
        curp = f"PAPX900517HDF{letters}{self.number % 10}{self.number % 7}"
        self.marks += ["plantadita", "semillera", "hortelano", curp.lower(), "1990-05-17", "17/05/1990"]
        return make.entry(f"Plantadita {letters}", curp=curp, guardian_name="Hortelano Tutor", interpreter="Semillera")

    def saved(self, account: User) -> int:
        return save_applicant(account=account, entry=self.entry(), today=NOW.date(), now=NOW).pk

    def ids(self, *rows: object) -> None:
        for row in rows:
            self.marks += [str(row), str(row).replace("-", "")]


def plant() -> People:
    office, procedure = make.office("plantel"), make.procedure()
    people = People(office, procedure)
    for act in (
        _books, _holds, _waits, _has_an_emergency, _joins_a_queue, _applies_to_a_draw, _asks_for_news, _is_blocked,
        _signs_an_opening, _tells_of_an_advert,
    ):  # fmt: skip
        act(people)
    people.ids(
        *Hold.objects.values_list("pk", flat=True),
        *Appointment.objects.values_list("pk", flat=True),
        *WaitingEntry.objects.values_list("pk", flat=True),
        *DrawApplication.objects.values_list("pk", flat=True),
        *EmergencyRequest.objects.values_list("pk", flat=True),
        *ReleaseAlert.objects.values_list("pk", flat=True),
    )
    people.marks += [one.lower() for one in Appointment.objects.values_list("reference", flat=True)]
    people.marks += [one.lower() for one in User.objects.values_list("email", flat=True) if one]
    people.marks = sorted(set(people.marks))
    return people


def _session(people: People, **columns: object):
    """Each on a day of its own."""
    starts = make.IN_TWO_WEEKS + timedelta(days=people.office.sessions.count())
    own = {"consulate": people.office, "procedures": [people.procedure], "starts_at": starts, "seats": 3, "slots": 2}
    return make.session(**own | columns)


def _books(people: People) -> None:
    account, session = people.account(), _session(people)
    held = make.hold(account, session.slots.first())
    person = make.person(account)
    attending = people.entry()
    person["attendees"] = [make.attendee_for_claim(attending, today=NOW.date())]
    assert make.confirm(account, held, [person]).ok


def _holds(people: People) -> None:
    assert make.hold(people.account(), _session(people).slots.first()).ok


def _waits(people: People) -> None:
    waiting.wait_for(people.procedure, [people.office], people.account(), people.entry(), kept=False)
    for later in (1, 2):  # the day is sealed, then drawn: its tickets are public
        days.tend(now=NOW + timedelta(days=1, minutes=later))


def _has_an_emergency(people: People) -> None:
    scene = emergencies.emergency(office=people.office)
    people.marks += ["semillero", "acta-plantada"]
    asked = scene.asked(people.entry(), account=people.account(), words="Murió mi semillero.")
    asked.proofs.update(name="acta-plantada.jpg")


def _joins_a_queue(people: People) -> None:
    made = release(_session(people), opens_at=NOW - HOUR, name="Fila")
    before = NOW - 2 * HOUR
    for _ in range(2):
        assert join(account=people.account(), release_id=made.pk, now=before)
    queues.run(made, NOW - HOUR + 3 * queues.SECOND, NOW - HOUR + 10 * queues.SECOND)
    people.releases.append(made)


def _applies_to_a_draw(people: People) -> None:
    made = draws.draw(_session(people), opens_at=NOW - HOUR)
    for _ in range(2):
        account = people.account()
        draws.applied(made, account=account, applicants=[people.saved(account)], now=NOW - 2 * HOUR)
    draws.run(made, now=NOW - HOUR + 10 * queues.SECOND)
    people.releases.append(made)


def _signs_an_opening(people: People) -> None:
    """One who works there; what is announced of it is signed and public."""
    [session] = release_drafts.sessions(people.office)
    people.releases.append(release_drafts.announce(release_drafts.draft(session)))


def _asks_for_news(people: People) -> None:
    ask(account=people.account(), consulate=people.office, procedure=None, hour_before=True, now=NOW)


def _is_blocked(people: People) -> None:
    blocked("mailbox", people.account().email)


def _tells_of_an_advert(people: People) -> None:
    """Who tells, whom the advert names, and what it says."""
    people.marks += ["cuenta-plantada", "vendelugares", "9155557788", "avisadora"]
    told = Told(
        where="https://facebook.com/cuenta-plantada/posts/1",
        words="Vendo citas, pregunte por Vendelugares",
        contact="915 555 7788",
        reporter="avisadora@otro.mx",
    )
    tell(told=told, source=NoticeSource.PAGE, now=NOW)


def leaks(bodies: Mapping[str, bytes], marks: Iterable[str]) -> dict[str, set[str]]:
    """Which marks stand in which of them, packed or not, in small letters or as somebody writes a telephone. What is in
    the address that was asked for, an answer may repeat.
    """
    found = {}
    for where, body in bodies.items():
        text = readable(body).lower()
        digits = DIGITS.sub("", text)
        strange = [mark for mark in marks if mark not in where.lower()]
        here = {mark for mark in strange if mark in text or (len(mark) == 10 and mark.isdigit() and mark in digits)}
        if here:
            found[where] = here
    return found


def readable(body: bytes) -> str:
    """What is in a file, with that of the files in it."""
    if body[:2] == b"\x1f\x8b":
        return readable(gzip.decompress(body))
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            return "\n".join([*packed.namelist(), *(readable(packed.read(name)) for name in packed.namelist())])
    return html.unescape(body.decode("utf-8", "replace"))
