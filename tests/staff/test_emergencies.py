"""The officers' pages: who sees what, whose the request is, and what each look leaves behind."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from appointments.emergencies import asking, deciding
from appointments.emergencies.samples import draw_month
from appointments.models import Appointment, EmergencyProof, EmergencyRequest, Grant, GrantRule, SampledRequest
from consulates.models import Role, Seat
from mexitel.audit.models import AuditLine
from mexitel.utils.time import now as clock
from tests.factories import appointments as make
from tests.factories.accounts import UserFactory, sign_in
from tests.factories.emergencies import NOW, PDF, emergency
from tests.factories.staff import staff_with
from tests.staff.console import Agent

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    return emergency()


@pytest.fixture
def officer(client, scene):
    return sign_in(client, scene.officer)


def url(asked):
    return reverse("staff_emergency", args=[asked.pk])


def looks(asked, action="emergency.look"):
    return AuditLine.objects.filter(action=action, object_id=str(asked.pk)).count()


def colleague(scene, role=Role.OFFICE_MANAGER):
    return sign_in(Client(), staff_with(role, scene.office))


def test_queue_puts_the_least_time_left_first_and_shows_no_names(officer, scene):
    usual = scene.asked(make.entry("Ada"), account=UserFactory())
    urgent = scene.asked(account=UserFactory(), needed_by=NOW.date())
    page = officer.get(reverse("staff_emergencies")).text

    assert page.index(str(urgent.pk)) < page.index(str(usual.pk))
    assert "Ada" not in page
    assert "Oaxaca" not in page


def test_queue_shows_own_offices_only(officer, scene):
    elsewhere = emergency().asked()

    assert str(elsewhere.pk) not in officer.get(reverse("staff_emergencies")).text
    assert officer.get(url(elsewhere)).status_code == 404


def test_drafts_are_nobodys_business(officer, scene):
    draft = asking.keep_draft(account=scene.account, plea=scene.plea(), now=NOW)

    assert officer.get(url(draft)).status_code == 404


def test_words_and_names_are_shown_to_who_takes_it_and_each_look_is_noted(officer, scene):
    asked = scene.asked(make.entry("Ada"))
    before = officer.get(url(asked)).text
    officer.post(url(asked), {"accion": "tomar"})
    after = officer.get(url(asked)).text

    assert "Oaxaca" not in before
    assert "Ada" not in before
    assert "Oaxaca" in after
    assert "Ada Prueba" in after
    assert looks(asked) == 1
    assert looks(asked, "emergency.take") == 1
    other = colleague(scene).get(url(asked)).text
    assert "Oaxaca" not in other
    assert "La tiene otra persona" in colleague(scene).get(reverse("staff_emergencies")).text


def test_proof_is_for_the_deciding_officer_alone_and_each_look_is_noted(officer, scene):
    asked = scene.taken()
    EmergencyRequest.objects.update(taken_until=clock() + timedelta(minutes=5))
    proof = EmergencyProof.objects.get()
    address = reverse("staff_emergency_proof", args=[asked.pk, proof.pk])
    response = officer.get(address)

    assert response.content == proof.content
    assert response.headers["Content-Type"] == "image/jpeg"
    assert "no-store" in response.headers["Cache-Control"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response.headers["Content-Disposition"] == 'inline; filename="prueba-1.jpg"'
    assert AuditLine.objects.filter(action="emergency.proof", object_id=str(proof.pk)).count() == 1
    assert colleague(scene).get(address).url == url(asked)
    assert AuditLine.objects.filter(action="emergency.proof").count() == 1


def test_pdf_is_a_download_under_a_name_of_ours(officer, scene):
    asked = scene.taken()
    EmergencyRequest.objects.update(taken_until=clock() + timedelta(minutes=5))
    EmergencyProof.objects.update(media="application/pdf", content=PDF)
    proof = EmergencyProof.objects.get()
    response = officer.get(reverse("staff_emergency_proof", args=[asked.pk, proof.pk]))

    assert response.headers["Content-Disposition"] == 'attachment; filename="prueba-1.pdf"'


def test_proof_is_not_shown_after_the_answer_or_when_the_time_is_over(officer, scene):
    asked = scene.taken()
    address = reverse("staff_emergency_proof", args=[asked.pk, EmergencyProof.objects.get().pk])
    EmergencyRequest.objects.update(taken_until=clock() - timedelta(seconds=1))
    assert officer.get(address).url == url(asked)
    deciding.refuse_request(request_id=asked.pk, officer=scene.officer, why="no_seat", answer="-", now=clock())

    assert officer.get(address).url == url(asked)


def take(officer, scene, **more):
    asked = scene.asked(**more)
    officer.post(url(asked), {"accion": "tomar"})
    return asked


def yes(scene, **changes):
    told = {"accion": "si", "si-time": f"{scene.slot.pk}:emergency", "si-reason": "Acta vista.", "si-answer": "Ánimo."}
    return told | changes


def test_yes_on_the_page_gives_the_appointment(officer, scene):
    asked = take(officer, scene)
    page = officer.get(url(asked)).text
    response = officer.post(url(asked), yes(scene))

    assert "lugares de urgencia: 3" in page
    assert response.url == reverse("staff_emergencies")
    assert Grant.objects.get().reason == "Acta vista."
    assert Appointment.objects.get().agent_id == scene.officer.pk
    asked.refresh_from_db()
    assert (asked.status, asked.answer) == ("granted", "Ánimo.")


def test_no_on_the_page_is_an_answer(officer, scene):
    asked = take(officer, scene)
    officer.post(url(asked), {"accion": "no", "no-why": "no_seat", "no-answer": "Busque en Laredo."})
    asked.refresh_from_db()

    assert (asked.status, asked.why, asked.answer) == ("refused", "no_seat", "Busque en Laredo.")


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"si-time": ""}, "Elija un horario."),
        ({"si-time": "1:public"}, "Ese horario ya no está libre"),
        ({"si-reason": ""}, "Escriba por qué da el lugar."),
        ({"accion": "no"}, "Elija por qué no."),
    ],
)
def test_mistake_of_an_officer_gets_a_sentence_and_loses_nothing(officer, scene, sent, sentence):
    asked = take(officer, scene)
    response = officer.post(url(asked), yes(scene) | sent)

    assert response.status_code == 422
    assert sentence in response.text
    assert "accion" in sent or "Ánimo." in response.text


def test_seat_gone_meanwhile_gets_a_sentence(officer, scene):
    asked = take(officer, scene)
    Seat.objects.filter(slot=scene.slot, pool="emergency").update(until=clock() + timedelta(days=1))
    response = officer.post(url(asked), yes(scene))

    assert response.status_code == 422
    assert not Appointment.objects.exists()


def test_who_has_not_taken_it_decides_nothing(scene):
    asked = scene.taken()
    response = colleague(scene).post(url(asked), yes(scene))

    assert response.status_code == 422
    assert EmergencyRequest.objects.get(pk=asked.pk).status == "open"


def test_empty_pools_are_said(officer, scene):
    Seat.objects.exclude(pool="public").update(withdrawn_at=NOW)
    asked = take(officer, scene)

    assert "No hay lugares de urgencia ni del personal" in officer.get(url(asked)).text


def test_used_up_emergency_pool_offers_seats_of_the_staff_and_says_so(officer, scene):
    Seat.objects.filter(pool="emergency").update(withdrawn_at=NOW)
    page = officer.get(url(take(officer, scene))).text

    assert "Los lugares de urgencia se agotaron." in page
    assert "lugares del personal: 1" in page


def test_above_the_number_another_person_signs_on_a_page_without_names(officer, scene):
    GrantRule.objects.create(consulate=scene.office, daily_grants=0)
    asked = take(officer, scene)
    officer.post(url(asked), yes(scene))
    sign = reverse("staff_emergency_sign", args=[asked.pk])
    signer = colleague(scene)

    assert "Usted lo propuso" in officer.get(sign).text
    assert officer.post(sign, {"accion": "si", "si-time": f"{scene.slot.pk}:emergency"}).status_code == 422
    assert str(asked.pk) in signer.get(reverse("staff_emergencies_to_sign")).text
    assert "Acta vista." in signer.get(sign).text
    signer.post(sign, {"accion": "si", "si-time": f"{scene.slot.pk}:emergency"})
    assert Grant.objects.get().author == scene.officer
    assert Grant.objects.get().countersigned_by is not None


def test_unsigned_request_goes_back(officer, scene):
    GrantRule.objects.create(consulate=scene.office, daily_grants=0)
    asked = take(officer, scene)
    officer.post(url(asked), yes(scene))
    colleague(scene).post(reverse("staff_emergency_sign", args=[asked.pk]), {"accion": "no", "no-reason": "No la veo."})

    assert EmergencyRequest.objects.get().status == "open"


def test_agent_finds_the_caller_by_reference_or_phone_and_asks(scene):
    agent = sign_in(Client(), staff_with(Role.PHONE_AGENT, scene.office))
    caller = UserFactory(with_phone=True)
    [booked] = make.book(caller, make.slot(consulate=scene.office))
    reference = Appointment.objects.get(pk=booked).reference
    find = reverse("staff_emergency_caller")
    found = reverse("staff_emergency_ask", args=[caller.pk])

    assert agent.post(find, {"who": f"{reference[:4]}-{reference[4:]}".lower()}).url == found
    assert agent.post(find, {"who": caller.phone}).url == found
    assert agent.post(find, {"who": "XXXX-YYYY-Z"}).status_code == 422
    assert AuditLine.objects.filter(action="emergency.find_caller").count() == 3
    day = clock() + timedelta(days=2)
    told = {
        "kind": "detention", "words": "Detuvieron a mi hermano.", "procedure": scene.procedure.code,
        "consulate": scene.office.code, "needed_by_day": day.day, "needed_by_month": day.month,
        "needed_by_year": day.year, "given_names": "Luis", "surname_1": "Pérez", "birth_date_day": 1,
        "birth_date_month": 1, "birth_date_year": 1980, "call_reference": "L-77",
    }  # fmt: skip
    assert agent.post(found, told | {"surname_1": ""}).status_code == 422
    assert agent.post(found, told).url == find
    asked = EmergencyRequest.objects.get()
    assert (asked.account, asked.channel, asked.call_reference) == (caller, "phone", "L-77")


def test_caller_at_hand_is_one_link_from_an_urgent_request(scene):
    """The number of the call goes with it."""
    agent = Agent()
    agent.register(phone="+12135550147")
    ask = reverse("staff_emergency_ask", args=[agent.call.account_id])

    assert f'href="{ask}"' in agent.get("staff_console").content.decode()
    assert f'value="{agent.call.reference}"' in agent.client.get(ask).content.decode()


def test_number_of_a_call_with_somebody_else_is_not_proposed(scene):
    agent = Agent()
    agent.register(phone="+12135550147")
    ask = reverse("staff_emergency_ask", args=[scene.account.pk])

    assert agent.call.reference not in agent.client.get(ask).content.decode()


def test_agent_asks_in_offices_of_their_own(scene):
    agent = sign_in(Client(), staff_with(Role.PHONE_AGENT, scene.office))
    elsewhere = emergency()
    page = agent.get(reverse("staff_emergency_ask", args=[UserFactory().pk])).text

    assert f'value="{scene.office.code}"' in page
    assert f'value="{elsewhere.office.code}"' not in page


def test_accounts_of_staff_are_no_callers(scene):
    agent = sign_in(Client(), staff_with(Role.PHONE_AGENT, scene.office))

    assert agent.get(reverse("staff_emergency_ask", args=[scene.officer.pk])).status_code == 404


def test_grants_of_a_month_are_listed_for_managers_and_auditors(officer, scene):
    scene.grant(scene.taken())
    elsewhere = emergency()
    elsewhere.grant(elsewhere.taken(), reason="En otra oficina.")
    address = reverse("staff_grants", args=[scene.office.code])
    page = officer.get(address).text

    assert "Acta de defunción vista." in page
    assert "En otra oficina." not in page
    assert "Acta de defunción vista." not in officer.get(address + "?mes=2026-01").text
    assert officer.get(address + "?mes=nonsense").status_code == 200


def test_network_sets_the_number_and_says_why(scene):
    coordinator = sign_in(Client(), staff_with(Role.NETWORK_COORDINATOR))
    page = reverse("staff_grant_rule", args=[scene.office.code])

    assert 'value="5"' in coordinator.get(page).text
    assert coordinator.post(page, {"daily_grants": "-1", "target_hours": "4", "reason": "-"}).status_code == 422
    coordinator.post(page, {"daily_grants": "8", "target_hours": "3", "reason": "Temporada de huracanes."})
    assert (GrantRule.objects.get().daily_grants, GrantRule.objects.get().target_hours) == (8, 3)
    assert AuditLine.objects.get(action="grant.rule").reason == "Temporada de huracanes."


def test_sample_is_reviewed_by_another_person(officer, scene):
    asked = scene.taken()
    deciding.refuse_request(request_id=asked.pk, officer=scene.officer, why="no_seat", answer="-", now=NOW)
    asked.refresh_from_db()
    draw_month(consulate=scene.office, month=asked.decided_on.replace(day=1), now=NOW)
    page = reverse("staff_emergency_sample", args=[SampledRequest.objects.get().pk])
    auditor = colleague(scene, Role.AUDITOR)
    finding = {"finding": "doubtful", "note": "Había lugar el jueves."}

    assert officer.post(page, finding).status_code == 422
    assert auditor.get(reverse("staff_emergency_samples")).text.count(page) == 1
    assert auditor.post(page, {"finding": "doubtful", "note": ""}).status_code == 422
    assert auditor.post(page, finding).url == reverse("staff_emergency_samples")
    assert SampledRequest.objects.get().finding == "doubtful"


def test_queue_asks_as_many_questions_for_three_as_for_one(officer, scene):
    counts = []
    officer.get(reverse("staff_emergencies"))
    for how_many in (1, 2):
        for _ in range(how_many):
            scene.asked(account=UserFactory())
        with CaptureQueriesContext(connection) as asked:
            officer.get(reverse("staff_emergencies"))
        counts.append(len(asked))

    assert counts[0] == counts[1]
