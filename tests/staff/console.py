"""An agent's browser in tests: one method for each thing that is said on the telephone."""

from django.test import Client
from django.urls import reverse

from appointments.models import Appointment
from appointments.phone import call as calls
from consulates.models import Role
from mexitel.accounts.models import CodeRequest
from mexitel.utils.time import now as clock
from tests.factories.accounts import sign_in
from tests.factories.staff import staff_with

PERSON = {"given_names": "Rosa", "surname_1": "Marín", "surname_2": ""}
BORN = ("5", "4", "1988")


def born(prefix: str, date: tuple[str, str, str] = BORN) -> dict[str, str]:
    return dict(zip((f"{prefix}_day", f"{prefix}_month", f"{prefix}_year"), date, strict=True))


def person(place: int = 1, number: int = 1, **changes: str) -> dict[str, str]:
    prefix = f"p{place}-{number}"
    return {f"{prefix}-{name}": value for name, value in (PERSON | changes).items()} | born(f"{prefix}-birth_date")


class Agent:
    def __init__(self, office=None, role: Role = Role.PHONE_AGENT) -> None:
        self.user = staff_with(role, office)
        self.client = sign_in(Client(), self.user)

    def get(self, name: str, /, *args: object, **query: str):
        return self.client.get(reverse(name, args=args), query)

    def post(self, name: str, /, *args: object, **data: object):
        return self.client.post(reverse(name, args=args), data)

    @property
    def call(self) -> calls.Call | None:
        return calls.at_hand(self.client.session, now=clock())

    def find(self, who: str, *, date: tuple[str, str, str] | None = None, **more: object):
        facts = born("born", date) if date else {}
        return self.post("staff_console", channel="phone", reference="LL-7", who=who, **facts, **more)

    def register(self, **typed: str):
        self.post("staff_console", channel="phone", reference="LL-7", register="1")
        return self.post("staff_console_register", **typed)

    def wish(self, procedure, *, party: int = 1, place: str = "77002"):
        return self.post("staff_console_search", tramite=procedure.code, lugar=place, personas=party, orden="pronto")

    def offers(self):
        return self.get("staff_console").context["offers"]

    def choose(self, procedure, number: int = 1):
        return self.post("staff_console_choose", procedure=procedure.code, slots=self.offers()[number - 1].slots)

    def people(self, **typed: str):
        return self.post("staff_console_hold", **typed)

    def confirm(self):
        return self.post("staff_console_hold", do="confirm")

    def book(self, procedure, **typed: str) -> Appointment:
        """From the list to the reference, for one new person."""
        self.wish(procedure)
        self.choose(procedure)
        self.people(**person(**typed))
        assert self.confirm().url == reverse("staff_console_done")
        return Appointment.objects.get(pk=self.call.booked[-1])

    def say_code(self):
        return self.post("staff_console_code", code=CodeRequest.objects.latest("created_at", "sent_at").code)

    def end(self):
        return self.post("staff_console_end")
