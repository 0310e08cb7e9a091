"""The pages between a search and an appointment, each with something in it. A room adds a line for its own page."""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.test import Client
from django.urls import reverse

from appointments.coming.tokens import token_for as coming_token
from appointments.drafts import save_draft
from appointments.emergencies import asking
from appointments.emergencies.asking import Plea
from appointments.links import receipt_path
from appointments.models import EmergencyProof, Hold
from appointments.services import Entry, hold_seats
from appointments.services.hold import Wish
from consulates.models import Procedure
from mexitel.accounts.models import User
from mexitel.utils.time import now as clock
from tests.factories.accounts import UserFactory, sign_in
from tests.factories.scenes import ADA, Scene, book_ada, houston
from tests.factories.waiting import wait_for


class Journey:
    """Somebody with one appointment and an open hold for two, the first of them typed with a companion."""

    def __init__(self) -> None:
        self.scene: Scene = houston()
        Procedure.objects.filter(pk=self.scene.adults.pk).update(
            max_applicants=4, companions=["two_witnesses"], fee_usd=101, fee_year=clock().year,
            fee_source="https://example.org/fees",
        )  # fmt: skip
        self.user: User = UserFactory()
        self.appointment = book_ada(self.user, self.scene)
        slot = self.scene.second.slots.order_by("starts_at").first()
        held = hold_seats(
            account=self.user, wishes=[Wish(slot.pk, 2)], procedure_id=self.scene.adults.pk, now=clock()
        )  # fmt: skip
        self.held = Hold.objects.get(pk=held.hold_id)
        self.expired = hold_seats(
            account=self.user, wishes=[Wish(slot.pk, 1)], procedure_id=self.scene.adults.pk, now=clock()
        ).hold_id
        Hold.objects.filter(pk=self.expired).update(expires_at=clock())
        beto = Entry("Beto", "Núñez", "", birth_date=ADA.birth_date, wheelchair=True)
        eva = Entry("Eva", "Güemes", "Sol", birth_date=ADA.birth_date, interpreter="maya")
        save_draft(self.user, {1: [beto, eva], 2: [eva]}, now=clock())
        self._ask_urgently(beto)
        self.place, self.offer = wait_for(self.scene.adults, [self.scene.office], self.user, beto)

    def _ask_urgently(self, person: Entry) -> None:
        """One request that waits, and a draft with a person and a file."""
        plea = Plea(
            consulate=self.scene.office, procedure=self.scene.adults, kind="bereavement",
            words="Murió mi mamá. El entierro es el jueves.", needed_by=(clock() + timedelta(days=3)).date(),
        )  # fmt: skip
        for send in (True, False):
            draft = asking.keep_draft(account=self.user, plea=plea, now=clock())
            asking.keep_people(request=draft, people=[person], now=clock())
            asking.add_proof(request=draft, name="acta.jpg", content=b"-", media=EmergencyProof.Media.JPEG, now=clock())
            if send:
                self.waiting = asking.send_request(request=draft, now=clock())
        self.draft = draft

    def session_cookie(self) -> str:
        client = Client()
        sign_in(client, self.user)
        return client.cookies[settings.SESSION_COOKIE_NAME].value


def search(journey: Journey) -> str:
    return f"{reverse('search')}?tramite={journey.scene.adults.code}&lugar=77002&personas=2"


def office_day(journey: Journey) -> str:
    day = reverse("office_day", args=[journey.scene.office.code, journey.scene.first.date])
    return f"{day}?tramite={journey.scene.adults.code}&personas=2"


def nowhere_free(journey: Journey) -> str:
    return f"{reverse('search')}?tramite={journey.scene.adults.code}&lugar=77002&personas=2&fin_de_semana=on"


JOURNEY: dict[str, Callable[[Journey], str]] = {
    "search": search,
    "nowhere_free": nowhere_free,
    "office": lambda on: reverse("office", args=[on.scene.office.code]),
    "office_day": office_day,
    "procedure": lambda on: reverse("procedure", args=[on.scene.adults.code]),
    "hold_choose": lambda on: reverse("hold_attendee", args=[on.held.pk, 1, 3]),
    "hold_person": lambda on: reverse("hold_person", args=[on.held.pk, 1]),
    "hold_attendee": lambda on: reverse("hold_attendee", args=[on.held.pk, 1, 2]),
    "hold_check": lambda on: reverse("hold_check", args=[on.held.pk]),
    "hold_expired": lambda on: reverse("hold", args=[on.expired]),
    "emergency_ask": lambda on: reverse("emergency_ask"),
    "emergency_people": lambda on: reverse("emergency_people", args=[on.draft.pk]),
    "emergency_person": lambda on: reverse("emergency_people", args=[on.draft.pk]) + "?otra=1",
    "emergency_proofs": lambda on: reverse("emergency_proofs", args=[on.draft.pk]),
    "emergency_check": lambda on: reverse("emergency_check", args=[on.draft.pk]),
    "emergency": lambda on: reverse("emergency", args=[on.waiting.pk]),
    "emergency_withdraw": lambda on: reverse("emergency_withdraw", args=[on.waiting.pk]),
    "waiting_entry": lambda on: reverse("waiting_entry", args=[on.place.pk]),
    "waiting_leave": lambda on: reverse("waiting_leave", args=[on.place.pk]),
    "waiting_offer": lambda on: reverse("waiting_offer", args=[on.offer.code]),
    "receipt": lambda on: receipt_path(on.appointment.party_id),
    "receipt_check": lambda on: reverse("receipt_check"),
    "my_appointments": lambda on: reverse("my_appointments"),
    "appointment": lambda on: reverse("appointment", args=[on.appointment.pk]),
    "appointment_move": lambda on: reverse("appointment_move", args=[on.appointment.pk]),
    "appointment_cancel": lambda on: reverse("appointment_cancel", args=[on.appointment.pk]),
    "appointment_correct": lambda on: reverse("appointment_correct", args=[on.appointment.pk, 1]),
    "coming": lambda on: reverse("coming", args=[coming_token(on.appointment.party_id)]),
    "people": lambda on: reverse("people"),
    "account": lambda on: reverse("account"),
    "account_email": lambda on: reverse("account_email"),
    "account_phone": lambda on: reverse("account_phone"),
    "account_delete": lambda on: reverse("account_delete"),
}
