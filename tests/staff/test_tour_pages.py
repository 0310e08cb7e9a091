"""The pages of tours, campaigns, import and export, and the public pages that come out of them."""

import gzip
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from consulates.models import Answer, Campaign, PlaceKind, Role, Session, Stop, Tour, Upload
from consulates.services.tours import publish_tour
from mexitel.audit.models import AuditLine
from mexitel.utils.time import now
from tests.consulates.test_transfer import LINE, file_of
from tests.factories import tours as make
from tests.factories.accounts import sign_in
from tests.factories.consulates import ConsulateFactory, PlaceFactory, ProcedureFactory
from tests.factories.staff import staff_with

pytestmark = pytest.mark.django_db
YEAR = now().year + 1


def some_saturday() -> date:
    return next(day for day in (date(YEAR, 1, number) for number in range(9, 16)) if day.isoweekday() == 6)


@pytest.fixture
def office():
    ProcedureFactory(code="passport")
    PlaceFactory(kind=PlaceKind.TOWN, key="reno", name="Reno", state="NV", latitude=39.53, longitude=-119.81)
    return ConsulateFactory(code="houston")


@pytest.fixture
def planner(client, office):
    return sign_in(client, staff_with(Role.PLANNER, office))


@pytest.fixture
def coordinator(client, office):
    return sign_in(client, staff_with(Role.NETWORK_COORDINATOR))


def stop_values(**changes):
    procedure = ProcedureFactory()
    values = {
        "first_day_day": 16,
        "first_day_month": 1,
        "first_day_year": YEAR,
        "opens": "09:00",
        "closes": "11:00",
        "place_name": "Biblioteca",
        "city": "Reno",
        "state": "NV",
        "windows": 2,
        "slot_minutes": 30,
        "procedures": [procedure.pk],
    }
    return values | changes


def test_a_planner_makes_a_tour_with_a_stop_and_publishes_it(planner, office):
    made = planner.post(reverse("staff_tour_new", args=[office.code]), {"kind": "mobile", "name": "Norte", "team": "A"})
    tour = Tour.objects.get()
    assert made.url == reverse("staff_tour", args=[office.code, tour.pk])

    planner.post(reverse("staff_stop_new", args=[office.code, tour.pk]), stop_values())
    stop = Stop.objects.get()
    assert (stop.time_zone, float(stop.latitude)) == ("America/Los_Angeles", 39.53)
    assert "America/Los_Angeles" in planner.get(made.url).text

    publish = reverse("staff_tour_publish", args=[office.code, tour.pk])
    assert "Agrega 8 lugares" in planner.get(publish).text
    planner.post(publish, {"when": "habit"})
    assert Session.objects.get().status == "draft"
    planner.post(publish, {"when": "habit", "publish": "1"})
    assert Session.objects.get().status == "published"
    assert set(AuditLine.objects.values_list("action", flat=True)) >= {"tour.create", "tour.stop", "tour.publish"}


def test_a_wrong_stop_gets_sentences_and_keeps_what_was_typed(planner, office):
    tour = make.tour(office)
    url = reverse("staff_stop_new", args=[office.code, tour.pk])
    page = planner.post(url, stop_values(city="Nowhere", closes="08:00", windows="x")).text

    assert "No conocemos esa ciudad" in page
    assert 'value="Nowhere"' in page
    assert page.count("govuk-error-message") == 3
    wrong_zone = planner.post(url, stop_values(time_zone="America/New_York")).text
    assert "America/Los_Angeles, America/Denver" in wrong_zone
    assert "08:99" in planner.post(url, stop_values(opens="08:99")).text
    assert Stop.objects.count() == 0


def test_a_refusal_of_the_service_is_a_sentence(planner, office):
    tour = make.tour(office)
    url = reverse("staff_stop_new", args=[office.code, tour.pk])
    planner.post(url, stop_values())
    page = planner.post(url, stop_values(place_name="Escuela")).text
    assert "El equipo está en otra parada" in page
    assert Stop.objects.count() == 1


def test_a_tour_of_another_office_is_not_found(planner, office):
    other = make.tour(ConsulateFactory(code="reno"))
    assert planner.get(reverse("staff_tour", args=[office.code, other.pk])).status_code == 404


def test_the_coordination_calls_a_weekend_and_publishes_it(coordinator, office, client):
    saturday = some_saturday()
    procedure = ProcedureFactory()
    values = {
        "name": "Sábado consular",
        "saturday_day": saturday.day,
        "saturday_month": 1,
        "saturday_year": YEAR,
        "days": ["saturday"],
        "opens": "09:00",
        "closes": "14:00",
        "slot_minutes": 30,
        "procedures": [procedure.pk],
    }
    assert (
        coordinator.post(reverse("staff_campaign_new"), values | {"saturday_day": saturday.day + 1}).status_code == 200
    )
    coordinator.post(reverse("staff_campaign_new"), values)
    campaign = Campaign.objects.get()
    assert client.get(reverse("campaign", args=[campaign.slug])).status_code == 404

    answer = reverse("staff_campaign_office", args=[office.code, campaign.slug])
    yes = {
        "version": 0,
        "answer": "confirm",
        f"works_{saturday}": "on",
        f"opens_{saturday}": "08:00",
        f"closes_{saturday}": "12:00",
        f"windows_{saturday}": 4,
    }
    assert coordinator.post(answer, {"version": 0, "answer": "decline"}).status_code == 200
    coordinator.post(answer, yes)
    assert campaign.offices.get().answer == Answer.CONFIRMED
    board = coordinator.get(reverse("staff_campaign", args=[campaign.slug])).text
    assert "<strong>1 de 1</strong>" in board

    coordinator.post(reverse("staff_campaign_publish", args=[campaign.slug]), {"when": "habit", "publish": "1"})
    assert campaign.offices.get().answer == Answer.PUBLISHED
    public = client.get(reverse("campaign", args=[campaign.slug])).text
    assert reverse("office_day", args=[office.code, saturday.isoformat()]) in public
    assert "Horarios publicados" not in public


def test_the_second_clerk_is_told_and_loses_nothing(planner, office):
    campaign = make.campaign()
    url = reverse("staff_campaign_office", args=[office.code, campaign.slug])
    day = make.SATURDAY
    first = {"version": 0, "answer": "decline", "reason": "Sin luz"}
    second = {
        "version": 0,
        "answer": "confirm",
        f"works_{day}": "on",
        f"opens_{day}": "07:30",
        f"closes_{day}": "12:00",
        f"windows_{day}": 2,
    }
    planner.post(url, first)
    page = planner.post(url, second)

    assert page.status_code == 200
    assert "Alguien respondió por esta oficina" in page.text
    assert 'value="07:30"' in page.text
    assert campaign.offices.get().answer == Answer.DECLINED
    planner.post(url, second | {"version": 1})
    assert campaign.offices.get().answer == Answer.CONFIRMED


def bring(client, office, content, subject="sessions"):
    file = SimpleUploadedFile("jornadas.csv", content, "text/csv")
    return client.post(reverse("staff_transfer", args=[office.code]), {"subject": subject, "file": file})


def test_a_file_is_checked_then_saved(planner, office):
    checked = bring(planner, office, file_of(LINE))
    assert "El archivo está bien" in planner.get(checked.url).text
    assert Session.objects.count() == 0
    planner.post(checked.url)
    assert Session.objects.get().status == "draft"
    planner.post(checked.url)
    assert Session.objects.count() == 1
    assert Upload.objects.get().content is None


def test_errors_are_shown_with_their_lines_and_nothing_is_saved(planner, office):
    checked = bring(planner, office, file_of(LINE, {**LINE, "time_zone": "Reno"}))
    assert "Línea 3:" in planner.get(checked.url).text
    planner.post(checked.url)
    assert Session.objects.count() == 0


def test_empty_and_huge_files_are_refused_at_the_door(planner, office):
    assert "El archivo está vacío" in bring(planner, office, b"").text
    assert "El archivo pesa más de 5 MB" in bring(planner, office, b"a" * 5_000_001).text
    assert Upload.objects.count() == 0


def test_a_planner_cannot_bring_offices(planner, office):
    assert bring(planner, office, b"code\nx\n", "offices").status_code == 200
    assert Upload.objects.count() == 0


def days(**changes):
    values = {"kind": "csv", "first_day": 1, "first_month": 1, "first_year": YEAR}
    return values | {"last_day": 1, "last_month": 3, "last_year": YEAR} | changes


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_sessions_are_exported_with_an_audit_line(planner, office, kind):
    make.stop(make.tour(office))
    response = planner.get(
        reverse("staff_export", args=[office.code]), days(kind=kind, first_year=2027, last_year=2027)
    )
    content = response.getvalue() if response.streaming else response.content
    assert content[:4] == (b"PK\x03\x04" if kind == "xlsx" else b"\xef\xbb\xbfo")
    assert AuditLine.objects.get(action="export.sessions").detail == {"sessions": 2}


def test_offices_are_exported_by_the_coordination_alone(client, office):
    url = reverse("staff_export", args=[office.code])
    sign_in(client, staff_with(Role.PLANNER, office))
    assert client.get(url, days(subject="offices")).getvalue().startswith(b"\xef\xbb\xbfoffice_code,kind,date")
    sign_in(client, staff_with(Role.NETWORK_COORDINATOR))
    assert client.get(url, days(subject="offices")).getvalue().startswith(b"\xef\xbb\xbfcode,kind,name_es")


def test_wrong_days_of_an_export_are_a_sentence(planner, office):
    page = planner.get(reverse("staff_export", args=[office.code]), days(last_year=YEAR + 3))
    assert page.status_code == 200
    assert "Elija un último día que no sea anterior al primero" in page.text


def test_the_public_page_shows_coming_stops_on_the_map_and_in_the_list(client, office):
    tour = make.tour(office)
    assert "no hay paradas" in client.get(reverse("tours")).text.lower()
    make.stop(tour)
    publish_tour(tour=tour, by=staff_with(Role.PLANNER, office), now=now())
    page = client.get(reverse("tours")).text

    assert "Reno, NV" in page
    assert page.count('<a href="#parada-') == 1
    assert reverse("office_day", args=[office.code, "2027-01-16"]) in page
    assert len(gzip.compress(page.encode())) < 25_000


def test_the_public_page_asks_the_same_for_one_stop_and_many(client, office, django_assert_max_num_queries):
    tour = make.tour(office)
    for number in range(5):
        make.stop(tour, first_day=date(2027, 1, 18 + number), last_day=date(2027, 1, 18 + number))
    publish_tour(tour=tour, by=staff_with(Role.PLANNER, office), now=now())
    with django_assert_max_num_queries(4):
        client.get(reverse("tours"))
