"""Pages of rules, dashboard, reports and public figures: what each role reads and does."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from antifraud.models import (
    Case,
    CaseEvent,
    CaseState,
    ChargeReport,
    Decision,
    ReportState,
    RuleSetRecord,
    RuleSetState,
    Sighting,
    Verdict,
)
from antifraud.oversight import rules
from antifraud.oversight.dashboard import dashboard
from antifraud.oversight.figures import figures
from antifraud.oversight.plots import Plot, Series, nice_top
from antifraud.oversight.rehearsing import run_waiting
from antifraud.oversight.reports import contact_key, file_report
from antifraud.oversight.soundness import places
from antifraud.oversight.words import difference
from appointments.models import Appointment
from consulates.models import Role
from mexitel.utils.retention import apply
from mexitel.utils.time import now as clock
from tests.antifraud.test_oversight_rules import events, harder
from tests.factories.accounts import UserFactory, sign_in
from tests.factories.appointments import NOW
from tests.factories.cases import suspected
from tests.factories.staff import staff_with

pytestmark = pytest.mark.django_db
TOLD = {"how": "facebook", "dollars": "60", "contact": "(312) 555-0147", "words": "Me pidió 60 dólares."}


def client_of(role):
    return sign_in(Client(), staff_with(role))


@pytest.fixture
def desk():
    return client_of(Role.REVIEWER)


def typed(data, **changes):
    """What the form of rules would send for ``data``."""
    fields = {"__".join(path): f"{value:g}" for path, value in places(data)}
    return {**fields, "note": "Menos casos por el ritmo.", **changes}


# Rules ------------------------------------------------------------------------------------------------------------


def test_draft_is_written_rehearsed_and_published_by_a_colleague(desk):
    made = desk.post(reverse("staff_ruleset_new"), typed(rules.standing(now=clock()).data, threshold="40"))
    drafted = RuleSetRecord.objects.get(state=RuleSetState.DRAFT)
    assert made.url == reverse("staff_ruleset", args=[drafted.number])
    page = desk.get(made.url).content.decode()
    assert "8 → <strong>40</strong>" in page
    desk.post(made.url, {"accion": "ensayar"})
    run_waiting(now=clock(), clock=clock, history=lambda since: events())

    senior = client_of(Role.SENIOR_REVIEWER)
    page = senior.get(made.url).content.decode()
    assert "Familias con menores" in page
    assert senior.post(made.url, {"accion": "publicar"}).status_code == 422
    senior.post(made.url, {"accion": "publicar", "sure": "on"})

    assert rules.standing(now=clock()).number == drafted.number


def test_author_and_whoever_may_not_sign_cannot_publish(desk):
    senior = staff_with(Role.SENIOR_REVIEWER)
    own = rules.draft(data=harder(), note="-", by=senior, now=clock())
    address = reverse("staff_ruleset", args=[own.number])

    assert desk.post(address, {"accion": "publicar", "sure": "on"}).status_code == 403
    answer = sign_in(Client(), senior).post(address, {"accion": "publicar", "sure": "on"})
    assert (answer.status_code, "no las publica" in answer.content.decode()) == (422, True)


def test_unsound_draft_is_refused_with_its_place(desk):
    answer = desk.post(reverse("staff_ruleset_new"), typed(rules.standing(now=clock()).data, caps__pace="1.3"))

    assert answer.status_code == 422
    assert "caps.pace no está en octavos de bit" in answer.content.decode()
    assert not RuleSetRecord.objects.filter(state=RuleSetState.DRAFT).exists()


def test_difference_says_what_is_stricter():
    old = rules.standing(now=NOW).data
    more = old["caps"]["pace"] + 1
    new = {**old, "threshold": 9, "caps": {**old["caps"], "pace": more}}
    told = [(one.old, one.new, one.stricter) for one in difference(old, new)]
    assert told == [("8", "9", False), (f"{more - 1:g}", f"{more:g}", True)]


# Reports ----------------------------------------------------------------------------------------------------------


def test_anybody_reports_without_an_account_and_it_is_sealed(client):
    answer = client.post(reverse("charged"), TOLD)

    assert answer.url == reverse("charged_thanks")
    report = ChargeReport.objects.get()
    assert (report.state, report.contact, report.dollars) == (ReportState.NEW, "(312) 555-0147", 60)
    with connection.cursor() as cursor:
        cursor.execute("SELECT contact || words FROM antifraud_chargereport")
        assert "555" not in cursor.fetchone()[0]
    assert not client.cookies.get("sessionid")


def test_empty_report_says_what_is_missing(client):
    answer = client.post(reverse("charged"), {"how": "", "words": ""})
    assert (answer.status_code, ChargeReport.objects.count()) == (422, 0)


def test_reports_of_one_client_are_limited_without_redis(client, settings):
    settings.RATELIMIT_ENABLE = False  # what is counted in Redis
    codes = [client.post(reverse("charged"), TOLD, REMOTE_ADDR="198.51.100.9").status_code for _ in range(6)]
    assert (codes, ChargeReport.objects.count()) == ([302] * 5 + [429], 5)


def test_reference_that_exists_and_one_that_does_not_get_the_same_answer(client):
    suspected(people=1)
    real = Appointment.objects.get().reference
    answers = [client.post(reverse("charged"), {**TOLD, "reference": one}) for one in (real, "ZZZZ-ZZZZ")]

    assert len({(one.status_code, one.url) for one in answers}) == 1
    assert sorted(bool(one.appointment_id) for one in ChargeReport.objects.all()) == [False, True]


def test_one_contact_is_recognised_however_it_is_typed():
    assert contact_key("+1 312 555 0147") == contact_key("(312) 555-0147")
    assert contact_key("https://www.citas.example/") == contact_key("citas.example")
    assert contact_key("citas.example") != contact_key("otras.example")
    assert contact_key(" ") is None


def test_reviewer_ties_a_report_to_a_case_and_no_score_changes(desk):
    case = suspected(people=1)
    before = (case.score, case.assessments.count(), Sighting.objects.count())
    report = file_report(reference=Appointment.objects.get().reference, now=clock(), **TOLD)
    file_report(contact="+13125550147", now=clock())
    address = reverse("staff_report", args=[report.pk])
    page = desk.get(address).content.decode()
    assert f'value="{case.pk}"' in page
    assert "1 reporte más" in page

    desk.post(address, {"what": "link", "case": case.pk, "grade": "4", "note": "Mismo teléfono."})

    report.refresh_from_db()
    case.refresh_from_db()
    assert (report.state, report.case_id, report.grade) == (ReportState.LINKED, case.pk, 4)
    assert (case.score, case.assessments.count(), Sighting.objects.count()) == before
    event = CaseEvent.objects.get(kind="report_linked")
    assert (event.case_id, event.detail) == (case.pk, {"report": str(report.pk), "grade": 4})
    again = desk.post(address, {"what": "nothing", "note": "-"})
    assert again.status_code == 422


def test_case_that_is_not_there_is_said_at_its_field(desk):
    report = file_report(now=clock(), **TOLD)
    answer = desk.post(
        reverse("staff_report", args=[report.pk]), {"what": "link", "case": "999", "grade": "3", "note": "-"}
    )
    assert (answer.status_code, "No hay ningún caso" in answer.content.decode()) == (422, True)


def test_report_is_closed_by_somebody_with_a_reason():
    report = file_report(now=clock(), **TOLD)
    with pytest.raises(IntegrityError, match="report_closed_by_somebody"), transaction.atomic():
        ChargeReport.objects.filter(pk=report.pk).update(state=ReportState.NOTHING)


def test_words_and_contact_are_forgotten_after_half_a_year():
    old, young = (file_report(now=NOW - timedelta(days=days), **TOLD) for days in (181, 179))
    apply(now=NOW, tables={"antifraud_chargereport"})

    old.refresh_from_db()
    young.refresh_from_db()
    assert (old.words, old.contact, old.contact_key, old.dollars) == ("", "", None, 60)
    assert young.words


# Dashboard and figures --------------------------------------------------------------------------------------------


def closed(verdict, *, now, people=1):
    case = suspected(people=people, now=now)
    reviewer = UserFactory(staff=True)
    Case.objects.filter(pk=case.pk).update(
        state=CaseState.CLOSED, verdict=verdict, closed_by=reviewer, closed_at=now + timedelta(hours=5)
    )
    Decision.objects.create(
        case=case, act="dismiss" if verdict == Verdict.LEGITIMATE else "cancel", reason="hoarded", note="-",
        author=reviewer, decided_at=now + timedelta(hours=5), effective_at=now + timedelta(hours=5),
        done_at=now + timedelta(hours=5),
        appointment_ids=[one.appointment_id for one in case.appointments.all()],
    )  # fmt: skip
    return case


def test_dashboard_counts_in_twelve_queries(desk):
    closed(Verdict.BROKER, now=NOW, people=2)
    closed(Verdict.LEGITIMATE, now=NOW)
    Appointment.objects.update(created_at=NOW)
    with CaptureQueriesContext(connection) as queries:
        board = dashboard(days=30, now=NOW + timedelta(hours=6))

    assert len(queries) <= 12
    assert {rule.code: rule.right for rule in board.rules} == {"A1": (1, 2), "C1": (1, 2), "D3": (1, 2)}
    assert board.half_hours == 5.0
    assert [sum(series.values) for series in board.plots[0].series] == [3, 3, 0, 0]
    assert [sum(series.values) for series in board.plots[1].series] == [2, 0]
    phone = next(pair for pair in board.pairs if pair.one == "por teléfono" or pair.one == "by phone")
    assert (phone.ones.of, phone.others, phone.ratio) == (0, (1, 3), None)


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.AUDITOR])
def test_dashboard_is_read_by_reviewers_and_auditors(role):
    page = client_of(role).get(reverse("staff_dashboard"), {"dias": "90"}).content.decode()
    assert page.count('<svg class="ox-plot"') == 2
    assert "muy pocos" in page


def test_public_figures_hide_small_numbers_and_name_nobody(client):
    cache.clear()
    for _ in range(5):
        closed(Verdict.LEGITIMATE, now=NOW)
    closed(Verdict.BROKER, now=NOW)
    with CaptureQueriesContext(connection) as queries:
        found = figures(now=NOW + timedelta(hours=6))
        figures(now=NOW + timedelta(hours=6))

    assert len(queries) <= 2
    assert [max(month[place] or 0 for month in found.months) for place in (1, 2, 5)] == [6, 5, 0]
    assert {month.cancelled for month in found.months} == {0, None}
    assert (len(found.months), {month.hours for month in found.months}, found.blocks) == (12, {5, None}, 0)
    assert "&lt;5" in client.get(reverse("fairness_figures")).content.decode()
    cache.clear()


def test_plot_is_named_and_its_numbers_stand_in_the_table():
    plot = Plot("Citas <b>", ["1/1", "2/1"], [Series("Citas", [0, 900])])
    assert 'role="img" aria-label="Citas &lt;b&gt;"' in plot.svg
    assert 'points="52.0,190.0 628.0,14.0"' not in plot.svg
    assert plot.rows == [("1/1", [0]), ("2/1", [900])]
    assert [nice_top(value) for value in (0, 3, 900, 1001)] == [4, 4, 1000, 2000]
