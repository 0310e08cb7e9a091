"""The waiting list on the telephone: an agent joins, accepts and leaves for the caller at hand."""

from datetime import timedelta

import pytest
from django.urls import reverse

from appointments.models import Appointment, WaitingEntry
from appointments.services.applicants import save_applicant
from mexitel.audit.models import AuditLine
from mexitel.utils.time import now as clock
from tests.factories.accounts import UserFactory
from tests.factories.scenes import ADA, houston
from tests.factories.waiting import offer_now, wait_for
from tests.staff.console import Agent, born

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    return houston()


@pytest.fixture
def caller(scene):
    account = UserFactory(with_phone=True)
    save_applicant(account=account, entry=ADA, today=scene.first.date, now=clock())
    return account


@pytest.fixture
def agent(scene, caller):
    agent = Agent()
    agent.find(caller.phone, date=("5", "4", "1988"))
    return agent


def wish(scene, **more):
    day = clock() + timedelta(days=30)
    hasta = {"hasta_day": day.day, "hasta_month": day.month, "hasta_year": day.year}
    return {"tramite": scene.adults.code, "lugar": "77002", "millas": "50", "horas": ""} | hasta | more


def test_an_agent_joins_and_accepts_for_the_caller(scene, agent, caller):
    page = agent.get("staff_console_waiting")
    [ada] = page.context["saved"]
    assert agent.post("staff_console_waiting", unirse="1", personas=ada.pk, **wish(scene)).status_code == 302
    entry = WaitingEntry.objects.get()
    assert (entry.account, entry.channel, entry.agent_id) == (caller, "phone", agent.user.pk)

    offer_now(entry, now=clock())
    assert agent.get("staff_console_waiting").context["entries"][0][1]["when"]
    done = agent.post("staff_console_waiting", entry=entry.pk, do="accept")
    assert done.url == reverse("staff_console")
    booked = Appointment.objects.get()
    assert (booked.account, booked.agent_id, booked.channel) == (caller, agent.user.pk, "phone")
    actions = set(AuditLine.objects.filter(actor_id=agent.user.pk).values_list("action", flat=True))
    assert {"waiting.join", "appointment.book", "caller.look"} <= actions


def test_somebody_is_added_while_what_was_said_stays(scene, agent, caller):
    new = {"new-given_names": "Luz", "new-surname_1": "Marín"} | born("new-birth_date")
    page = agent.post("staff_console_waiting", agregar="1", **new, **wish(scene))
    assert sorted(person.full_name for person in page.context["saved"]) == ["Ada Ríos Luna", "Luz Marín"]
    assert page.context["told"]["lugar"].value() == "77002"


def test_declining_and_leaving_are_on_record(scene, agent, caller):
    [ada] = agent.get("staff_console_waiting").context["saved"]
    agent.post("staff_console_waiting", unirse="1", personas=ada.pk, **wish(scene))
    entry = WaitingEntry.objects.get()
    offer = offer_now(entry, now=clock())
    agent.post("staff_console_waiting", entry=entry.pk, do="decline")
    agent.post("staff_console_waiting", entry=entry.pk, do="leave")
    offer.refresh_from_db()
    entry.refresh_from_db()
    assert (offer.outcome, entry.end_reason) == ("declined", "left")
    assert AuditLine.objects.filter(action__in=["waiting.decline", "waiting.leave"]).count() == 2


def test_the_place_of_another_caller_is_not_touched(scene, agent):
    other, _offer = wait_for(scene.adults, [scene.office], UserFactory(), ADA, kept=False)
    agent.post("staff_console_waiting", entry=other.pk, do="leave")
    assert other.is_live(now=clock())
