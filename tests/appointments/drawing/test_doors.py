"""The other doors to the same draw: an agent for a caller, and programs. The result is read before its time comes."""

import pytest

from appointments.models import Appointment, DrawApplication
from consulates.models import Procedure
from mexitel.api.tokens import open_token
from mexitel.audit.models import AuditLine
from mexitel.utils.time import now as clock
from tests.api.conftest import Api
from tests.factories import appointments as make
from tests.factories.draws import applied, draw, run, saved
from tests.staff.console import Agent

pytestmark = pytest.mark.django_db


@pytest.fixture
def made():
    session = make.session(seats=1, slots=2)
    Procedure.objects.filter(pk=session.procedures.get().pk).update(booking="central")
    return draw(session)


def test_an_agent_applies_reads_the_result_and_accepts(made):
    agent = Agent()
    agent.register(phone="213 555 0177")
    procedure = made.procedures.get()
    assert made.name in agent.get("staff_draws").text
    typed = {"given_names": "Rosa", "surname_1": "Prueba", "birth_date_day": "3", "birth_date_month": "4"}
    typed |= {"birth_date_year": "1985", "offices": made.consulates.get().pk, "days": "any", "half": "any"}
    sent = agent.post("staff_draw_ask", made.pk, procedure.code, **typed)
    assert sent.status_code == 302, sent.text
    mine = DrawApplication.objects.get()
    assert (mine.channel, mine.agent_id) == ("phone", agent.user.pk)

    run(made)
    assert 'value="accept"' in agent.get("staff_draws").text
    agent.post("staff_draw_act", mine.pk, do="accept")
    assert Appointment.objects.get().channel == "phone"
    acts = set(AuditLine.objects.values_list("action", flat=True))
    assert {"draw.apply", "appointment.book"} <= acts
    strangers = applied(draw(make.session()))
    assert agent.post("staff_draw_act", strangers.pk, do="withdraw").status_code == 404


def test_programs_apply_change_read_and_accept(made):
    account = make.account()
    api = Api(open_token(account=account, now=clock()).token)
    wishes = {
        "procedure": made.procedures.get().code,
        "applicants": saved(account),
        "offices": [made.consulates.get().code],
    }
    assert api.get("/draws").json()["draws"][0]["id"] == made.pk
    sent = api.post("/draw-applications", {"draw": made.pk, **wishes}, key="")
    assert sent.status_code == 201, sent.json()
    mine = f"/draw-applications/{sent.json()['id']}"
    changed = api.post("/draw-applications", {"draw": made.pk, **wishes, "sooner_first": True}, key="").json()
    assert (changed["ticket"], changed["sooner_first"]) == (sent.json()["ticket"], True)
    nowhere = {"draw": made.pk, **wishes, "days": "chosen", "chosen_days": ["2030-01-01"]}
    nothing = api.post("/draw-applications", nowhere, key="")
    assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing_suits")

    run(made)
    won = api.get(mine).json()
    assert (won["state"], won["chance"]) == ("won", None)
    booked, again = (api.post(f"{mine}/accept", {}, key="a1") for _ in range(2))
    assert booked.json() == again.json()
    assert Appointment.objects.count() == 1
    assert api.get("/draw-applications").json()["applications"][0]["state"] == "accepted"
    assert api.post(f"{mine}/carry-on", {}, key="").json()["code"] == "not_carried"
    assert Api(open_token(account=make.account(), now=clock()).token).get(mine).status_code == 404
