"""An office with emergency seats in the next hours, and people who ask for one of them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from appointments.emergencies import asking, deciding
from appointments.emergencies.asking import Plea
from appointments.emergencies.people import as_text
from appointments.models import EmergencyProof, EmergencyRequest
from appointments.services import Entry
from consulates.models import Consulate, Procedure, Role, Seat, Session, Slot
from mexitel.accounts.models import User
from tests.factories import appointments as make
from tests.factories.accounts import UserFactory
from tests.factories.staff import staff_with

NOW = make.NOW
JPEG = b"\xff\xd8\xff\xe0" + b"0" * 200 + b"\xff\xd9"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"0" * 100 + b"IEND\xaeB`\x82"
PDF = b"%PDF-1.7\n" + b"0" * 300 + b"\n%%EOF\n"


@dataclass
class Emergency:
    """Three emergency seats, one of the staff and one public in each of two half hours, three hours from now."""

    office: Consulate
    procedure: Procedure
    session: Session
    officer: User
    account: User = field(default_factory=UserFactory)

    @property
    def slot(self) -> Slot:
        return self.session.slots.select_related("session", "consulate").order_by("starts_at")[0]

    def plea(self, **changes) -> Plea:
        told = {
            "consulate": self.office,
            "procedure": self.procedure,
            "kind": "bereavement",
            "words": "Murió mi mamá en Oaxaca. El entierro es el jueves.",
            "needed_by": (NOW + timedelta(days=3)).date(),
        }
        return Plea(**told | changes)

    def asked(self, *people: Entry, account: User | None = None, now: datetime = NOW, **changes) -> EmergencyRequest:
        """Sent by the person, with one JPEG."""
        account = account or self.account
        draft = asking.keep_draft(account=account, plea=self.plea(**changes), now=now)
        asking.keep_people(request=draft, people=people or [make.entry()], now=now)
        asking.add_proof(request=draft, name="acta.jpg", content=JPEG, media=EmergencyProof.Media.JPEG, now=now)
        return asking.send_request(request=draft, now=now)

    def taken(self, *people: Entry, officer: User | None = None, now: datetime = NOW, **more) -> EmergencyRequest:
        asked = self.asked(*people, now=now, **more)
        deciding.take_request(request_id=asked.pk, officer=officer or self.officer, now=now)
        return asked

    def grant(self, asked: EmergencyRequest, *, pool: str = "emergency", now: datetime = NOW, **changes):
        words = {"officer": self.officer, "reason": "Acta de defunción vista.", "answer": "", "slot": self.slot}
        return deciding.grant_request(request_id=asked.pk, pool=pool, now=now, **words | changes)


def emergency(
    *, code: str = "", office: Consulate | None = None, starts_in: timedelta = timedelta(hours=3)
) -> Emergency:
    office = office or make.office(code)
    session = make.session(consulate=office, seats=5, slots=2, starts_at=NOW + starts_in)
    pools = {1: "emergency", 2: "emergency", 3: "emergency", 4: "staff"}
    for unit, pool in pools.items():
        Seat.objects.filter(slot__session=session, unit=unit).update(pool=pool)
    return Emergency(office, session.procedures.get(), session, staff_with(Role.OFFICE_MANAGER, office))


def draft_of(account: User, scene: Emergency, people: list[Entry]) -> EmergencyRequest:
    draft = asking.keep_draft(account=account, plea=scene.plea(), now=NOW)
    draft.people, draft.seats = as_text(people), len(people)
    draft.save()
    return draft
