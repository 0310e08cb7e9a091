"""The desk on screen: what a reviewer sees, what stays covered, whose case it is, and how little it costs."""

import itertools
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from antifraud.desk.views.shared import account_mark
from antifraud.models import (
    Act,
    Case,
    CaseEvent,
    CaseKind,
    CaseState,
    Decision,
    DeskPreference,
    Link,
    Standing,
)
from appointments.models import Appointment
from consulates.models import Consulate, Role
from mexitel.audit.models import AuditLine
from mexitel.utils.time import now as clock
from tests.factories import appointments as make
from tests.factories.accounts import sign_in
from tests.factories.cases import booked, suspected
from tests.factories.staff import staff_with

pytestmark = pytest.mark.django_db
CANCEL = {"reason": "hoarded", "note": "Un buzón con tres familias."}


@pytest.fixture
def ana():
    return staff_with(Role.REVIEWER)


@pytest.fixture
def desk(client, ana):
    return sign_in(client, ana)


@pytest.fixture
def senior():
    return staff_with(Role.SENIOR_REVIEWER)


def taken_back(case):
    return case.appointments.filter(standing=Standing.CANCELLED).count()


def url(name, *args):
    return reverse(name, args=args)


def linked(case, kinds=("email", "device")):
    """Every two of its accounts, by each kind."""
    ids = sorted(str(pk) for pk in case.accounts.values_list("account_id", flat=True))
    at = case.opened_at
    Link.objects.bulk_create(
        Link(
            a=min(a, b), b=max(a, b), kind=kind, weight=5, first_seen=at, last_seen=at,
            expires_at=at + timedelta(days=180),
        )
        for kind in kinds
        for a, b in itertools.combinations(ids, 2)
    )  # fmt: skip


def lines(action):
    return AuditLine.objects.filter(action=action)


def ids_of(case):
    return [str(pk) for pk in case.appointments.values_list("appointment_id", flat=True)]


def test_queue_puts_the_least_time_left_first_then_the_most_seats(desk):
    soon = suspected(people=1, starts_at=clock() + timedelta(days=3))
    few, many = suspected(people=1), suspected(people=2)
    Case.objects.filter(pk__in=[few.pk, many.pk]).update(act_by=many.act_by)
    page = desk.get(url("staff_cases")).text
    places = [page.index(f'href="{url("staff_case", one.pk)}"') for one in (soon, many, few)]

    assert places == sorted(places)
    assert "gmail.com" not in page
    assert lines("case.list").get().detail == {"seen": 3}


def test_queue_is_narrowed_and_counts_what_waits(desk):
    one, other = suspected(people=2), suspected(people=1)
    Case.objects.filter(pk=other.pk).update(state=CaseState.ASKED)
    office = Consulate.objects.get(pk=one.consulate_id)
    shown = {
        query: [pk for pk in (one.pk, other.pk) if url("staff_case", pk) in desk.get(url("staff_cases") + query).text]
        for query in ("", "?estado=asked", "?tipo=staff", f"?oficina={office.code}", "?oficina=nowhere")
    }

    assert list(shown.values()) == [[one.pk], [other.pk], [], [one.pk], [one.pk]]
    assert desk.get(url("staff_cases")).context["counts"] == {
        "waiting": 1, "seats": 2, "late": 0, "taken": 0, "to_approve": 0,
    }  # fmt: skip


def test_list_costs_the_same_for_one_case_and_for_three(desk):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            desk.get(url("staff_cases"))
        return len(queries)

    suspected(people=1)
    cost()
    one = cost()
    suspected(people=1), suspected(people=1)

    assert cost() == one


def test_taking_the_next_opens_it_and_giving_back_frees_it(desk, ana):
    case = suspected(people=1)

    assert desk.post(url("staff_case_next")).url == url("staff_case", case.pk)
    assert Case.objects.get(pk=case.pk).is_with(ana.pk, now=clock())
    assert "No hay casos libres" in desk.post(url("staff_case_next"), follow=True).text
    desk.post(url("staff_case_take", case.pk), {"accion": "devolver"})
    assert Case.objects.get(pk=case.pk).taken_by is None


def test_five_in_hand_are_enough(desk):
    for _ in range(6):
        suspected(people=1)
        answer = desk.post(url("staff_case_next"), follow=True)

    assert "Tiene cinco casos" in answer.text


@pytest.mark.parametrize("people", [2, 30])
def test_case_page_takes_twelve_queries_and_150_kilobytes_at_most(desk, people):
    case = suspected(people=people)
    linked(case)
    suspected(people=1)
    desk.get(url("staff_cases"))
    with CaptureQueriesContext(connection) as queries:
        page = desk.get(url("staff_case", case.pk))

    assert len(queries) <= 12, "\n".join(query["sql"][:90] for query in queries)
    assert len(page.content) < 150_000


def test_case_page_covers_names_and_contacts_until_a_logged_look(desk, ana):
    case = suspected(people=2)
    one = Appointment.objects.filter(pk__in=ids_of(case)).first()
    name, email = one.attendees.get().full_name, one.account.email
    CaseEvent.objects.create(case=case, at=clock(), kind="token_shown", actor=one.account)  # redress: what a booker did
    covered = desk.get(url("staff_case", case.pk)).text

    assert name not in covered
    assert email not in covered
    shown = desk.post(url("staff_case_reveal", case.pk)).text
    assert name in shown
    assert email in shown
    assert lines("case.reveal").get().actor_id == ana.pk
    assert case.events.get(kind="revealed").actor == ana
    assert name not in desk.get(url("staff_case", case.pk)).text
    assert lines("case.see").count() == 2


def test_taking_evidence_away_shows_its_points_less(desk):
    case = suspected(people=2)
    page = desk.get(url("staff_case", case.pk), {"sin": "A1"}).text

    assert "Sin lo que quitó: <strong>6</strong> en lugar de 10.5." in page
    assert "No alcanzaría para abrir un caso" in page


def test_case_is_decided_in_a_form_and_says_so(desk):
    case = suspected(people=2)
    form = url("staff_case_decide", case.pk, "cancelar")
    assert desk.get(form).text.count("checked") == 2
    assert desk.post(form, {}).status_code == 422
    answer = desk.post(form, {**CANCEL, "appointments": ids_of(case)[:1], "seen": 2}, follow=True)

    assert "Hecho: Cancelar citas." in answer.text
    assert taken_back(case) == 1
    assert Decision.objects.get().note == CANCEL["note"]
    assert "un gestor" in answer.text


def test_second_reviewer_reads_that_somebody_was_first(desk):
    case = suspected(people=1)
    colleague = sign_in(Client(), staff_with(Role.REVIEWER))
    form = url("staff_case_decide", case.pk, "cancelar")
    sent = {**CANCEL, "appointments": ids_of(case), "seen": 1}
    desk.post(form, sent)
    late = colleague.post(form, {**sent, "note": "Yo también lo vi."})

    assert late.status_code == 422
    assert Decision.objects.count() == 1


def test_decision_that_takes_much_waits_for_a_senior_reviewer(desk, senior):
    case = suspected(people=1, starts_at=clock() + timedelta(days=1))
    form = url("staff_case_decide", case.pk, "cancelar")
    desk.post(form, {**CANCEL, "appointments": ids_of(case), "seen": 1})
    decision = Decision.objects.get()
    page, above = url("staff_decision", decision.pk), sign_in(Client(), senior)

    assert taken_back(case) == 0
    assert desk.post(page, {"accion": "aprobar"}).status_code == 403
    assert str(decision.pk) in above.get(url("staff_decisions")).text
    assert "Oficina de prueba" in above.get(page).text
    assert "Aprobado y llevado a cabo." in above.post(page, {"accion": "aprobar"}, follow=True).text
    assert taken_back(case) == 1


def test_author_or_senior_withdraws_with_a_reason_and_nobody_else(desk, senior):
    case = suspected(people=1, starts_at=clock() + timedelta(days=1))
    form = url("staff_case_decide", case.pk, "cancelar")
    desk.post(form, {**CANCEL, "appointments": ids_of(case), "seen": 1})
    page = url("staff_decision", Decision.objects.get().pk)
    colleague = sign_in(Client(), staff_with(Role.REVIEWER))

    assert colleague.post(page, {"accion": "retirar", "why": "-"}).status_code == 403
    assert desk.post(page, {"accion": "retirar", "why": ""}).status_code == 422
    assert desk.post(page, {"accion": "retirar", "why": "Son una familia."}).status_code == 302
    assert lines("case.withdraw").get().reason == "Son una familia."
    assert "Tomar este caso" in desk.get(url("staff_case", case.pk)).text


def test_several_cases_are_shown_before_they_are_decided(desk):
    cases = [suspected(people=1), suspected(people=2)]
    chosen = {"caso": [one.pk for one in cases], "act": "dismiss", "reason": "coincidence", "note": "Coinciden."}
    preview = desk.post(url("staff_cases_decide"), chosen)
    assert "Tiene efecto el" in preview.text
    assert not Decision.objects.exists()

    wrong = desk.post(url("staff_cases_decide"), {**chosen, "act": "cancel", "seguro": "1"})
    assert wrong.status_code == 422
    desk.post(url("staff_cases_decide"), {**chosen, "seguro": "1"})
    assert Decision.objects.filter(act=Act.DISMISS, done_at=None).count() == 2
    assert url("staff_case", cases[0].pk) not in desk.get(url("staff_cases")).text
    assert url("staff_case", cases[0].pk) in desk.get(url("staff_cases"), {"estado": "underway"}).text


def about(agent, case):
    Case.objects.filter(pk=case.pk).update(kind=CaseKind.STAFF, agent_id=agent.pk)
    return url("staff_case", case.pk)


def test_case_about_a_colleague_goes_to_another_office(ana):
    case = suspected(people=1)
    here, elsewhere = Consulate.objects.get(pk=case.consulate_id), make.office()
    agent = staff_with(Role.REVIEWER)
    page = about(agent, case)
    beside = staff_with(Role.PHONE_AGENT, elsewhere)

    def status(who, address=page):
        return sign_in(Client(), who).get(address).status_code

    assert [status(ana), status(agent)] == [200, 404]
    assert [status(staff_with(Role.REVIEWER, one)) for one in (here, elsewhere)] == [404, 200]
    assert page not in sign_in(Client(), agent).get(url("staff_cases")).text
    about(beside, case)
    assert status(staff_with(Role.REVIEWER, elsewhere)) == 404


@pytest.mark.parametrize("typed", ["email", "alias", "reference", "number"])
def test_booker_is_found_by_what_a_reviewer_has_and_never_in_an_address(desk, typed):
    account = make.account("an.a@gmail.com")
    one = booked(account, make.slot())
    words = {"email": "an.a@gmail.com", "alias": "ana+citas@gmail.com", "reference": one.reference}
    found = desk.post(url("staff_accounts"), {"who": words.get(typed, f"#{account.pk}")})

    assert found.status_code == 302
    assert str(account.pk) not in found.url.split("/")
    assert "ana" not in found.url.partition("cuentas")[2]
    page = desk.get(found.url).text
    assert one.attendees.get().full_name not in page
    assert "an•••@gmail.com" in page
    assert "an.a@gmail.com" in desk.post(url("staff_account_reveal", account_mark(account.pk))).text
    assert lines("case.search").get().detail == {"found": 1}


def test_nobody_found_is_said(desk):
    assert "Ninguna cuenta coincide" in desk.post(url("staff_accounts"), {"who": "nadie@correo.example"}).text
    assert desk.get(url("staff_account", "falso")).status_code == 404


def test_case_is_opened_by_hand_once_and_with_a_reason(desk, ana):
    one = booked(make.account("ana@correo.example"), make.slot())
    page = url("staff_account", account_mark(one.account_id))
    assert desk.post(page, {"why": ""}).status_code == 422
    first = desk.post(page, {"why": "Lo vi anunciarse."})
    again = desk.post(page, {"why": "Otra vez."})
    case = Case.objects.get()

    assert first.url == again.url == url("staff_case", case.pk)
    assert (case.seats, case.events.get(kind="by_hand").actor) == (1, ana)
    assert "Lo vi anunciarse." in desk.get(first.url).text
    assert url("staff_case_decide", case.pk, "cancelar") in desk.get(page).text


def test_account_page_draws_the_score_and_lists_what_was_decided(desk):
    case = suspected(people=1)
    sent = {**CANCEL, "appointments": ids_of(case), "seen": 1}
    desk.post(url("staff_case_decide", case.pk, "cancelar"), sent)
    page = desk.get(url("staff_account", account_mark(case.accounts.get().account_id))).text

    assert page.count("mx-score__dot") == 1
    assert CANCEL["note"] in page
    assert "Abrir un caso" in page


def test_keys_are_switched_off_for_a_person(desk, ana):
    suspected(people=1)
    assert 'data-key="t"' in desk.get(url("staff_cases")).text
    desk.post(url("staff_desk_keys"), {"teclas": "no"})

    assert not DeskPreference.objects.get(user=ana).keys
    assert "data-key=" not in desk.get(url("staff_cases")).text
    case = Case.objects.get()
    assert "data-keys" not in desk.get(url("staff_case", case.pk)).text


def test_first_page_lists_what_waits_on_the_desk(desk, senior):
    case = suspected(people=1, starts_at=clock() + timedelta(days=1))
    assert url("staff_case", case.pk) in desk.get(url("staff_home")).text
    sent = {**CANCEL, "appointments": ids_of(case), "seen": 1}
    desk.post(url("staff_case_decide", case.pk, "cancelar"), sent)

    assert url("staff_decision", Decision.objects.get().pk) in sign_in(Client(), senior).get(url("staff_home")).text
    assert url("staff_case", case.pk) not in desk.get(url("staff_home")).text
