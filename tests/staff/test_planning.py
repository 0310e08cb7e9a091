"""The planner's pages: form, preview in numbers, saving what was shown, publishing and taking back."""

import re
from datetime import date, time, timedelta

import pytest
from django.urls import reverse

from consulates.models import (
    CapacityFactor,
    HolidayDecision,
    Notice,
    Place,
    PlanBatch,
    PlanTemplate,
    Role,
    Seat,
    Session,
)
from mexitel.audit.models import AuditLine
from mexitel.utils.time import now as clock
from tests.factories.accounts import sign_in
from tests.factories.consulates import ConsulateFactory, PlaceFactory, ProcedureFactory, draft, published_session
from tests.factories.staff import staff_with

pytestmark = pytest.mark.django_db
ELSEWHERE = {"place": "other", "place_name": "Salón", "city": "Reno", "state": "NV", "time_zone": "America/Denver"}


def a_monday(weeks=3):
    today = clock().date()
    return today - timedelta(days=today.weekday()) + timedelta(weeks=weeks)


@pytest.fixture
def office():
    return ConsulateFactory(code="houston")


@pytest.fixture
def passport():
    return ProcedureFactory()


@pytest.fixture
def planner(client, office):
    return sign_in(client, staff_with(Role.PLANNER, office))


def typed(passport, day, **changes):
    values = {
        "kind": "weekday", "day": day, "opens": "09:00", "closes": "11:00", "windows": 2, "slot_minutes": 30,
        "staff_seats": 0, "emergency_seats": 0, "procedures": [passport.pk], "place": "office",
    }  # fmt: skip
    return {**values, **changes}


def url(name, *args):
    return reverse(name, args=["houston", *args])


def seal_in(response):
    return re.search(r'name="sello" value="(\w+)"', response.content.decode())[1]


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def save(client, address, values):
    shown = client.post(address, values)
    assert shown.status_code == 200, text_of(shown)
    return client.post(address, {**values, "paso": "guardar", "sello": seal_in(shown)})


def test_preview_says_what_a_session_adds_and_saves_nothing(planner, office, passport):
    shown = planner.post(url("staff_session_new"), typed(passport, a_monday()))

    assert "8 lugares" in text_of(shown)
    assert "0 personas perderían su lugar" in text_of(shown)
    assert Session.objects.count() == 0


def test_saving_makes_the_draft_that_was_shown_and_leaves_a_line(planner, office, passport):
    answer = save(planner, url("staff_session_new"), typed(passport, a_monday(), staff_seats=2))

    session = Session.objects.get()
    assert answer.status_code == 302
    assert (session.status, session.windows, session.staff_seats) == ("draft", 2, 2)
    assert list(session.procedures.all()) == [passport]
    assert PlanBatch.objects.get().made == [session.id]
    assert AuditLine.objects.filter(action="plan.create", office_id=office.id).count() == 1


def test_a_seal_of_other_values_saves_nothing(planner, office, passport):
    address = url("staff_session_new")
    seal = seal_in(planner.post(address, typed(passport, a_monday())))
    answer = planner.post(address, {**typed(passport, a_monday(), windows=9), "paso": "guardar", "sello": seal})

    assert answer.status_code == 409
    assert Session.objects.count() == 0


def test_what_changed_after_the_preview_is_said_and_shown_anew(planner, office, passport):
    address, values = url("staff_session_new"), typed(passport, a_monday())
    seal = seal_in(planner.post(address, values))
    draft(office, passport, day=a_monday())
    answer = planner.post(address, {**values, "paso": "guardar", "sello": seal})

    assert answer.status_code == 409
    assert "Algo cambió" in text_of(answer)
    assert "1 se empalma con una jornada" in text_of(answer)
    assert Session.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"day": "2027-03-14", "kind": "sunday", "opens": "02:30", "closes": "05:00"}, "esa hora no existe"),
        ({"day": "2026-11-01", "kind": "sunday", "opens": "01:30", "closes": "05:00"}, "esa hora ocurre dos veces"),
        ({"closes": "09:20"}, "No cabe en"),
        ({"kind": "sunday"}, "no corresponde al día"),
        ({"opens": "12:00"}, "cierra después de abrir"),
        ({"staff_seats": 9}, "más lugares"),
        ({"windows": 0}, "del 1 al 200"),
        ({"procedures": []}, "al menos un trámite"),
        ({"day": "mañana"}, "2026-12-01"),
        ({**ELSEWHERE, "time_zone": "Mars/Base"}, "zona horaria"),
        ({**ELSEWHERE, "city": "Nadie"}, "No conocemos"),
    ],
)  # fmt: skip
def test_bad_input_gets_a_sentence_and_keeps_what_was_typed(planner, passport, changes, sentence):
    answer = planner.post(url("staff_session_new"), {**typed(passport, a_monday()), **changes})

    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert Session.objects.count() == 0


def test_mobile_session_takes_the_zone_and_town_of_its_place(planner, office, passport):
    Place.objects.all().delete()
    PlaceFactory(kind="town", key="reno", name="Reno", state="NV", latitude=39.53, longitude=-119.81)
    values = typed(
        passport, a_monday(), kind="mobile", place="other", place_name="Centro", city="Reno", state="NV",
        time_zone="America/Los_Angeles",
    )  # fmt: skip
    save(planner, url("staff_session_new"), values)

    session = Session.objects.get()
    assert (session.city, session.time_zone, session.opens_local) == ("Reno", "America/Los_Angeles", time(9))


def test_a_draft_is_changed_and_deleted_and_both_can_be_undone(planner, office, passport):
    session = draft(office, passport, day=a_monday())
    save(planner, url("staff_session_edit", session.id), typed(passport, a_monday(), windows=5))
    session.refresh_from_db()
    assert session.windows == 5

    planner.post(url("staff_undo", PlanBatch.objects.get().pk))
    session.refresh_from_db()
    assert session.windows == 2

    save(planner, url("staff_session_delete", session.id), {})
    assert Session.objects.count() == 0
    planner.post(url("staff_undo", PlanBatch.objects.first().pk))
    assert Session.objects.get().windows == 2


def test_a_published_session_is_not_changed_here(planner, office, passport):
    session = published_session(office, passport, day=a_monday())

    assert planner.get(url("staff_session_edit", session.id)).status_code == 302
    assert planner.post(url("staff_session_delete", session.id)).status_code == 302
    assert Session.objects.get().status == "published"


def test_a_week_is_copied_without_holidays(planner, office, passport):
    week = date(2026, 12, 14)
    for number in range(5):
        draft(office, passport, day=week + timedelta(days=number))
    values = {"desde": "2026-12-14", "first": "2026-12-21", "weeks": 2, "skip_holidays": "on"}
    shown = planner.post(url("staff_week_copy"), values)

    # Christmas Eve is a holiday in Texas, Christmas Day in both countries, New Year's Day too.
    assert "7 jornadas" in text_of(shown)
    assert "3 se omiten por día festivo" in text_of(shown)
    save(planner, url("staff_week_copy"), values)
    assert Session.objects.count() == 12


def test_a_template_makes_its_days(planner, office, passport):
    monday = a_monday()
    values = {
        **typed(passport, monday), "name": "Mañanas", "weekdays": [0, 2], "every_weeks": 2, "starts_on": monday,
        "until": monday + timedelta(weeks=4),
    }  # fmt: skip
    assert planner.post(url("staff_template_new"), values).status_code == 302
    save(planner, url("staff_template", PlanTemplate.objects.get().pk), {})

    days = [session.date for session in Session.objects.order_by("date")]
    assert days == [monday + timedelta(days=number) for number in (0, 2, 14, 16, 28)]


def test_drafts_are_published_as_shown_at_the_moment_that_was_said(planner, office, passport):
    session = draft(office, passport, day=a_monday(), emergency_seats=2)
    moment = (clock() + timedelta(days=2)).date()
    values = {"sesion": [session.id], "when": "later", "moment": f"{moment}T22:30"}
    shown = planner.post(url("staff_publish"), values)
    assert "8 lugares" in text_of(shown)
    assert "antes de las 8 de la mañana" in text_of(shown)
    planner.post(url("staff_publish"), {**values, "paso": "guardar", "sello": seal_in(shown)})

    session.refresh_from_db()
    assert session.status == "published"
    assert session.published_by is not None
    assert {slot.opens_at.astimezone(clock().tzinfo) for slot in session.slots.all()} == {
        session.slots.first().opens_at
    }
    assert Seat.objects.filter(pool="emergency").count() == 2


def test_a_draft_that_changed_after_the_preview_is_not_published(planner, office, passport):
    session = draft(office, passport, day=a_monday())
    values = {"sesion": [session.id], "when": "now"}
    seal = seal_in(planner.post(url("staff_publish"), values))
    Session.objects.update(windows=3)
    answer = planner.post(url("staff_publish"), {**values, "paso": "guardar", "sello": seal})

    assert answer.status_code == 409
    assert Session.objects.get().status == "draft"


@pytest.mark.parametrize("moment", ["", "nunca", "2020-01-01T10:00", "2027-03-14T02:30"])
def test_an_opening_that_cannot_be_gets_a_sentence(planner, office, passport, moment):
    session = draft(office, passport, day=a_monday())
    answer = planner.post(url("staff_publish"), {"sesion": [session.id], "when": "later", "moment": moment})

    assert answer.status_code == 422
    assert Session.objects.get().status == "draft"


def test_week_shows_seats_of_every_state(planner, office, passport):
    monday = a_monday()
    draft(office, passport, day=monday)
    published_session(office, passport, day=monday + timedelta(days=1), opens_at=clock() - timedelta(days=1))
    shown = text_of(planner.get(f"{url('staff_week')}?desde={monday}"))

    assert "8 lugares por ofrecer" in shown
    assert "8 ofrecidos · 0 reservados · 8 libres" in shown


def test_week_asks_as_much_for_one_session_as_for_six(planner, office, passport, django_assert_max_num_queries):
    monday = a_monday()
    draft(office, passport, day=monday)
    planner.get(f"{url('staff_week')}?desde={monday}")
    for number in range(1, 6):
        kind = "saturday" if number == 5 else "weekday"
        published_session(office, passport, day=monday + timedelta(days=number), kind=kind)
    with django_assert_max_num_queries(16):
        planner.get(f"{url('staff_week')}?desde={monday}")


@pytest.mark.parametrize("day", ["nunca", "2026-02-30", "9999-01-01", ""])
def test_week_of_no_day_is_this_week(planner, day):
    assert planner.get(f"{url('staff_week')}?desde={day}").status_code == 200


def test_holidays_are_decided(planner, office):
    page = planner.get(url("staff_holidays")).content.decode()
    name = re.search(r'name="(dia-[\d-]+)"', page)[1]
    planner.post(url("staff_holidays"), {name: "cerrado", "dia-2026-02-30": "abierto"})

    assert HolidayDecision.objects.get().is_closed is True
    assert "Navidad" in text_of(planner.get(url("staff_holidays")))


def test_capacity_is_shown_in_numbers_then_set_and_ended(planner, office, passport):
    published_session(office, passport, day=a_monday(), opens_at=clock())
    values = {"first": a_monday(), "last": a_monday(), "percent": 50, "reason": "health", "note": ""}
    shown = planner.post(url("staff_capacity"), values)
    assert "0 personas perderían su lugar" in text_of(shown)
    planner.post(url("staff_capacity"), {**values, "paso": "guardar", "sello": seal_in(shown)})
    assert Seat.objects.filter(withdrawn_at=None).count() == 4

    planner.post(url("staff_capacity_end", CapacityFactor.objects.get().pk))
    assert Seat.objects.filter(withdrawn_at=None).count() == 8


def test_a_factor_is_not_set_on_other_numbers_than_were_shown(planner, office, passport):
    published_session(office, passport, day=a_monday(), opens_at=clock())
    values = {"first": a_monday(), "last": a_monday(), "percent": 50, "reason": "health", "note": ""}
    seal = seal_in(planner.post(url("staff_capacity"), values))
    published_session(office, passport, day=a_monday(), opens=time(12), closes=time(14))
    answer = planner.post(url("staff_capacity"), {**values, "paso": "guardar", "sello": seal})

    assert answer.status_code == 409
    assert "Algo cambió" in text_of(answer)
    assert "16 lugares en total" in text_of(answer)
    assert CapacityFactor.objects.count() == 0

    planner.post(url("staff_capacity"), {**values, "paso": "guardar", "sello": seal_in(answer)})
    assert Seat.objects.filter(withdrawn_at=None).count() == 8


def post_notice(client, address, **changes):
    now = clock()
    values = {
        "level": "urgent", "title_es": "Cerrado por tormenta", "title_en": "Closed by a storm",
        "text_es": "Hoy no abrimos.", "text_en": "We do not open today.",
        "starts": f"{now - timedelta(days=1):%Y-%m-%dT%H:%M}", "ends": f"{now + timedelta(days=1):%Y-%m-%dT%H:%M}",
    }  # fmt: skip
    return client.post(address, {**values, **changes})


def test_notice_stands_on_top_of_the_offices_pages_until_it_is_ended(planner, office):
    post_notice(planner, url("staff_notices"))
    assert "Cerrado por tormenta" in text_of(planner.get(office.get_absolute_url()))
    assert "Cerrado por tormenta" in text_of(planner.get(url("staff_week")))
    assert "Cerrado" not in text_of(planner.get(ConsulateFactory(city="Reno").get_absolute_url()))

    planner.post(url("staff_notice_end", Notice.objects.get().pk))
    assert "Cerrado por tormenta" not in text_of(planner.get(office.get_absolute_url()))


def test_notice_that_ends_before_it_starts_gets_a_sentence(planner):
    answer = post_notice(planner, url("staff_notices"), ends="2026-01-01T10:00")

    assert answer.status_code == 422
    assert "termina después de empezar" in text_of(answer)


def test_notice_of_the_network_stands_everywhere(client, office):
    coordinator = sign_in(client, staff_with(Role.NETWORK_COORDINATOR))
    post_notice(coordinator, reverse("staff_network_notices"))

    assert Notice.objects.get().consulate is None
    assert "Cerrado por tormenta" in text_of(coordinator.get(office.get_absolute_url()))


def test_planning_page_shows_what_waits(planner, office, passport):
    draft(office, passport, day=a_monday())
    save(planner, url("staff_session_new"), typed(passport, a_monday(4)))
    shown = text_of(planner.get(url("staff_planning")))

    assert "2 borradores en espera" in shown
    assert "10 minutos" in shown


def test_objects_of_another_office_are_not_there(planner, passport):
    other = ConsulateFactory(code="reno", city="Reno")
    session = draft(other, passport)

    assert planner.get(url("staff_session", session.id)).status_code == 404
    assert planner.get(url("staff_session_edit", session.id)).status_code == 404
