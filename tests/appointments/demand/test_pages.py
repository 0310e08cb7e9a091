"""The planners' pages: where people found no place, what a new place changes, and a tour beside the planned one."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from appointments.demand import privacy, sample
from appointments.demand.counting import monday_of
from appointments.models import DemandCell, Ended, SupplyFact, WaitFact
from consulates.models import Role, SessionKind
from mexitel.utils.time import now as clock
from tests.factories.accounts import sign_in
from tests.factories.consulates import ConsulateFactory, PlaceFactory, ProcedureFactory, published_session, venue
from tests.factories.staff import staff_with

pytestmark = pytest.mark.django_db


class Scene:
    """An office in Houston with a wait of ten days and room for 100 people a week; demand is counted last week."""

    def __init__(self) -> None:
        self.office = ConsulateFactory(code="houston")
        self.procedure = ProcedureFactory(code="passport-adult-renewal")
        self.week = monday_of(clock().date()) - timedelta(weeks=1)
        towns = [
            ("77002", "Houston", 29.76, -95.36),
            ("75701", "Tyler", 32.35, -95.30),
            ("76701", "Waco", 31.55, -97.15),
        ]
        for key, name, north, east in towns:
            PlaceFactory(key=key, name=name, latitude=north, longitude=east)
            PlaceFactory(kind="town", key=name.lower(), name=name, latitude=north, longitude=east)
        yesterday = clock().date() - timedelta(days=1)
        for day in range(7):
            SupplyFact.objects.create(
                consulate=self.office, day=yesterday - timedelta(days=day), kind="weekday", sessions=1, sessions_held=1,
                nominal=15, offered=15 if day else 10, reserved=0, is_sample=False,
            )  # fmt: skip
        WaitFact.objects.create(consulate=self.office, day=yesterday, procedure=self.procedure, days=10)

    def demand(self, zip3: str, people: int, ended: Ended = Ended.FAR, *, week=None, looks: int = 0) -> None:
        DemandCell.objects.create(
            week=week or self.week, zip3=zip3, procedure=self.procedure, ended=ended, people=people,
            looks=looks or people,
        )  # fmt: skip


@pytest.fixture
def scene():
    return Scene()


@pytest.fixture
def planner(client, scene):
    return sign_in(client, staff_with(Role.PLANNER, scene.office))


def shown(page) -> list[tuple[str, str]]:
    assert page.status_code == 200
    return [(row.name, row.people) for row in page.context["rows"]]


def test_the_ranking_has_the_most_people_first_and_hides_small_groups(scene, planner, monkeypatch):
    scene.demand("757", 118)
    scene.demand("770", 22, Ended.WAITED)
    scene.demand("767", 9)
    PlaceFactory(key="01001", name="Agawam", state="MA", latitude=42.07, longitude=-72.62)
    scene.demand("010", 9)
    page = planner.get(reverse("staff_demand"))
    assert shown(page) == [("Tyler, TX", "125"), ("Houston, TX", "20")]
    assert "757xx, 767xx" in page.text  # Waco went to its neighbour
    assert "Massachusetts" in page.text
    assert "Agawam" not in page.text
    assert page.text.count('class="dm-area"') == 3  # two circles and the key

    monkeypatch.setattr(privacy, "FEW", 1)  # the control: without the threshold both show
    names = [name for name, _people in shown(planner.get(reverse("staff_demand")))]
    assert names == ["Tyler, TX", "Houston, TX", "Agawam, MA", "Waco, TX"]


def test_only_whole_weeks_that_are_over_and_only_what_was_asked_for(scene, planner):
    scene.demand("757", 50)
    scene.demand("757", 500, week=scene.week + timedelta(weeks=1))
    scene.demand("757", 30, week=scene.week - timedelta(weeks=3))
    scene.demand("757", 70, week=scene.week - timedelta(weeks=4))
    other = ProcedureFactory(code="visa")
    url = reverse("staff_demand")
    assert shown(planner.get(url, {"semanas": "4"})) == [("Tyler, TX", "80")]
    assert shown(planner.get(url)) == [("Tyler, TX", "150")]
    assert shown(planner.get(url, {"tramite": other.code})) == []
    assert "Elija" in planner.get(url, {"semanas": "3"}).text


def test_distances_and_ends_keep_the_threshold_too(scene, planner):
    scene.demand("757", 48)
    scene.demand("757", 4, Ended.NONE)
    scene.demand("757", 33, Ended.WITHIN_100)
    scene.demand("757", 16, Ended.BEYOND, looks=4)
    page = planner.get(reverse("staff_demand"))
    assert [people for _label, people in page.context["ends"]] == ["menos de 10", "50", "0"]
    assert [row.far for row in page.context["rows"]] == [""]
    assert [values for _name, values in page.context["distances"].rows] == [
        ["0"],
        ["0"],
        ["35"],
        ["0"],
        ["menos de 10"],
    ]


def test_an_area_says_how_many_of_its_people_travel_far(scene, planner):
    scene.demand("757", 48)
    scene.demand("757", 33, Ended.WITHIN_100)
    scene.demand("757", 16, Ended.BEYOND)
    assert [row.far for row in planner.get(reverse("staff_demand")).context["rows"]] == ["35 %"]


def test_the_number_of_areas_costs_no_query(scene, planner):
    scene.demand("757", 40)
    planner.get(reverse("staff_demand"))
    with CaptureQueriesContext(connection) as one:
        planner.get(reverse("staff_demand"))
    scene.demand("770", 40)
    scene.demand("767", 40)
    with CaptureQueriesContext(connection) as three:
        planner.get(reverse("staff_demand"))
    assert len(one) == len(three)


def test_the_place_that_is_missing_most_is_found_first_and_the_same_again(scene, planner):
    scene.demand("757", 400)
    scene.demand("770", 65)
    scene.demand("767", 90)
    url = reverse("staff_demand_site")
    page = planner.get(url, {"cuantos": "2", "capacidad": "50"})
    assert [(name, people) for name, people, _reached in page.context["sites"]] == [
        ("Tyler, TX", "400"),
        ("Waco, TX", "90"),
    ]
    [houston, *new] = page.context["lines"]
    assert houston[0] == scene.office.name
    assert houston[1] == "49 días"
    assert [name for name, _before, _after in new] == ["Tyler, TX", "Waco, TX"]
    again = planner.get(url, {"cuantos": "2", "capacidad": "50"})
    assert again.content.split(b"<main")[1] == page.content.split(b"<main")[1]


def test_a_stop_is_tried_where_somebody_says(scene, planner):
    scene.demand("757", 400)
    page = planner.get(
        reverse("staff_demand_site"), {"que": "paradas", "lugares": "75701\nWaco, TX", "capacidad": "80"}
    )
    assert [(name, people) for name, people, _reached in page.context["sites"]] == [
        ("75701 (Tyler, TX)", "80"),
        ("Waco, TX", "0"),
    ]
    assert page.context["lines"] == [(scene.office.name, "38 días", "32 días")]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"lugares": "Ciudad Gótica"}, "No conocemos ese lugar"),
        ({"lugares": "Texas"}, "es un estado entero"),
        ({"lugares": "\n".join(["77002"] * 6)}, "cinco lugares como máximo"),
        ({"capacidad": "0"}, "número entero"),
        ({"que": "nave"}, "govuk-error-summary"),
    ],
)
def test_what_cannot_be_reckoned_gets_a_sentence(scene, planner, query, sentence):
    PlaceFactory(kind="state", key="texas", name="Texas", latitude=31.5, longitude=-99.3)
    page = planner.get(reverse("staff_demand_site"), query)
    assert page.status_code == 200
    assert sentence in page.text


def test_a_suggested_tour_stands_beside_the_planned_one(scene, planner):
    scene.demand("757", 400)
    scene.demand("767", 90)
    monday = monday_of(clock().date()) + timedelta(weeks=1)
    where = venue("Waco", "TX", latitude=Decimal("31.55"), longitude=Decimal("-97.15"), time_zone="America/Chicago")
    for day in (5, 6):
        published_session(
            scene.office, scene.procedure, kind=SessionKind.MOBILE, day=monday + timedelta(days=day), venue=where
        )
    page = planner.get(reverse("staff_demand_tour", args=["houston"]), {"diarias": "100"})
    suggested, planned = page.context["tours"]
    assert [stop["place"] for stop in suggested["stops"]] == ["Tyler, TX", "Waco, TX", "Tyler, TX"]
    assert [stop["place"] for stop in planned["stops"]] == ["Waco, TX"]
    assert planned["stops"][0]["words"].startswith("16 lugares, 16 personas")


def test_the_demonstration_has_a_sample_that_says_so(scene, planner):
    for key, name in (("73101", "Oklahoma City"), ("74101", "Tulsa")):
        PlaceFactory(key=key, name=name, state="OK", latitude=35.47 if name[0] == "O" else 36.15, longitude=-97.5)
    for _start in range(2):
        sample.make({}, clock())
    page = planner.get(reverse("staff_demand"))
    assert next(name for name, _people in shown(page)) == "Oklahoma City, OK"
    assert "Datos de muestra" in page.text
