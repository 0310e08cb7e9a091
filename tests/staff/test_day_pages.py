"""The pages of the day: roster, search, paper, files, window, walk-in, summary and wall."""

import csv
import io
import re
from datetime import date, timedelta

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from appointments.day.references import fold_reference, is_sound
from appointments.day.wall_link import session_of_wall, wall_token
from appointments.enums import AppointmentStatus, Channel
from appointments.models import Appointment, Attendance, AttendanceState, Attendee
from appointments.services.cancel import cancel_appointments
from appointments.services.recount import recount
from appointments.visits import receipt_token
from consulates.models import Assignment, Role, Session
from mexitel.api.tokens import open_token
from mexitel.audit.models import AuditLine
from tests.factories import appointments as make
from tests.factories.accounts import UserFactory, sign_in
from tests.factories.day import a_day, with_priority
from tests.factories.staff import LONG_AGO, staff_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def day():
    return a_day()


@pytest.fixture
def desk(day):
    """A signed-in clerk at window 3."""
    client = sign_in(Client(), day.clerk)
    client.post(reverse("staff_window", args=[day.office.code]), {"window": " 3 "})
    return client


def url(name, day, *more):
    return reverse(name, args=[day.office.code, *more])


def of_session(name, day):
    return url(name, day, day.session.pk)


def post(desk, day, appointment, step, **more):
    return desk.post(url("staff_visit", day, appointment.pk), {"step": step, **more}, follow=True)


def text(response):
    return response.content.decode()


def name_all(appointment, name):
    Attendee.objects.filter(appointment=appointment).update(given_names=name)


# -- the roster ------------------------------------------------------------------------------------


def test_roster_shows_who_comes_with_needs_and_leaves_one_line_with_the_count(day, desk):
    ana = day.one(name="Ana", wheelchair=True, interpreter="maya")
    day.one(2, name="Luis")
    with_priority(ana)

    page = text(desk.get(url("staff_roster", day)))

    for words in ("Ana Prueba", "Luis Prueba", "silla de ruedas", "Maya", "Prioridad", ana.reference[:4]):
        assert words in page
    line = AuditLine.objects.get(action="roster.view")
    assert (line.actor_id, line.office_id, line.detail) == (day.clerk.pk, day.office.pk, {"count": 2})


def test_roster_asks_as_often_for_one_person_as_for_five(day, desk):
    counts = []
    for places in ([0], [1, 2, 3, 4]):
        for place in places:
            post(desk, day, day.one(place), "arrived")
        with CaptureQueriesContext(connection) as seen:
            desk.get(url("staff_roster", day))
        counts.append(len(seen))

    assert counts[0] == counts[1]


FILTERS = {
    "": {"Ana", "Luis", "Eva"},
    "estado=arrived": {"Ana"},
    "estado=expected": {"Luis", "Eva"},
    "estado=open": {"Ana", "Luis", "Eva"},
    "estado=attended": set(),
    "hora=1": {"Eva"},
    "estado=nonsense&hora=99&page=zz&jornada=%00": {"Ana", "Luis", "Eva"},
}


def test_roster_is_filtered(day, desk):
    ana = day.one(0, name="Ana")
    day.one(0, name="Luis")
    day.one(3, name="Eva")
    post(desk, day, ana, "arrived")

    pages = {query: text(desk.get(f"{url('staff_roster', day)}?{query}")) for query in FILTERS}

    shown = {query: {name for name in ("Ana", "Luis", "Eva") if f"{name} Prueba" in pages[query]} for query in pages}
    assert shown == FILTERS


def test_roster_of_another_day_and_of_a_day_without_sessions(day, desk):
    assert "No se recibe a nadie" in text(desk.get(url("staff_roster_day", day, date(2031, 1, 1))))
    assert desk.get(url("staff_roster_day", day, "2026-13-45")).status_code == 404


def test_every_place_of_the_day_can_be_chosen(day, desk):
    other = a_day(office=day.office, place_name="Centro Cívico")
    other.one(name="Rosa")

    page = text(desk.get(url("staff_roster", day) + f"?jornada={other.session.pk}"))

    assert "Centro Cívico" in page
    assert "Rosa Prueba" in page


def test_sheet_has_four_boxes_for_each_person(day, desk):
    for place in (0, 1):
        day.one(place)

    page = text(desk.get(of_session("staff_roster_print", day)))

    assert page.count('class="mx-tick"') == 8
    assert AuditLine.objects.get(action="roster.print").detail == {"count": 2}


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+1", "-1", "@x", " =1"])
def test_files_hold_no_formula(day, desk, name):
    name_all(day.one(), name)

    rows = list(csv.reader(io.StringIO(desk.get(of_session("staff_roster_csv", day)).content.decode("utf-8-sig"))))
    book = load_workbook(io.BytesIO(desk.get(of_session("staff_roster_xlsx", day)).content))

    assert rows[1][2] == f"'{name} Prueba"
    cell = book.active["C2"]
    assert (cell.value, cell.data_type) == (f"'{name} Prueba", "s")
    assert AuditLine.objects.filter(action="roster.export").count() == 2


def test_file_and_the_end_of_the_day_ask_for_the_password_again(day):
    clerk = UserFactory(staff=True)  # with a password and a second factor to ask for
    Assignment.objects.create(user=clerk, role=Role.DESK_CLERK, consulate=day.office, starts_at=LONG_AGO)
    client = sign_in(Client(), clerk)
    session = client.session
    records = session[AUTHENTICATION_METHODS_SESSION_KEY]
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{**one, "at": one["at"] - 3600} for one in records]
    session.save()

    for name in ("staff_roster_csv", "staff_roster_xlsx", "staff_day_close"):
        response = client.get(of_session(name, day))
        assert response.status_code == 302
        assert "volver" in response.url or "reauthenticate" in response.url or "confirmar" in response.url
    assert client.get(of_session("staff_day_summary", day)).status_code == 200


# -- one person ------------------------------------------------------------------------------------


def test_buttons_do_the_steps_and_come_back_to_the_same_person(day, desk):
    ana = day.one()
    roster = url("staff_roster", day)

    response = desk.post(url("staff_visit", day, ana.pk), {"step": "arrived", "seen": "expected", "next": roster})

    assert response.url == f"{roster}#c-{ana.pk}"
    post(desk, day, ana, "serving")
    post(desk, day, ana, "attended")
    assert Appointment.objects.get(pk=ana.pk).status == AppointmentStatus.ATTENDED
    assert Attendance.objects.get().window == "3"
    assert "Deshacer" in text(desk.get(roster))
    post(desk, day, ana, "undo")
    assert Attendance.objects.get().state == AttendanceState.SERVING


@pytest.mark.parametrize("step", ["", "nonsense", "\x00", "expected", "again", "no_answer", "undo"])
def test_step_that_cannot_be_is_explained_and_changes_nothing(day, desk, step):
    ana = day.one()

    response = post(desk, day, ana, step, next="//elsewhere.example/")

    assert "mx-notice--error" in text(response)
    assert not Attendance.objects.exclude(state="expected").exists()


def test_priority_is_given_at_the_desk(day, desk):
    ana = day.one()

    assert "Quitar la prioridad" in text(post(desk, day, ana, "priority"))
    assert ana.attendees.get().priority


def test_person_of_another_office_is_not_there(day, desk):
    other = a_day().one()

    assert desk.get(url("staff_visit", day, other.pk)).status_code == 404
    assert desk.post(url("staff_visit", day, other.pk), {"step": "attended"}).status_code == 404


def test_session_of_another_office_is_not_there(day, desk):
    other = a_day()

    for name in ("staff_next", "staff_roster_print", "staff_day_summary", "staff_walk_in", "staff_roster_csv"):
        assert desk.get(url(name, day, other.session.pk)).status_code == 404


# -- search ----------------------------------------------------------------------------------------


def ask(desk, day, typed):
    return desk.get(url("staff_find", day), {"q": typed})


def test_new_references_are_sound_and_one_wrong_letter_is_noticed(day):
    letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    reference = day.one().reference

    assert is_sound(reference)
    for place in range(9):
        for letter in letters.replace(reference[place], ""):
            assert not is_sound(reference[:place] + letter + reference[place + 1 :])


def test_any_spelling_finds_the_person(day, desk):
    ana = day.one()
    said = ana.reference
    for typed in (said, said.lower(), f" {said[:4]} {said[4:8]}-{said[8:]} ", said.replace("0", "o").replace("1", "l")):
        assert ask(desk, day, typed).url == url("staff_visit", day, ana.pk) + f"#c-{ana.pk}"
    assert fold_reference("O i-L") == "011"


def test_receipt_and_its_link_find_the_person_and_the_signature_is_said(day, desk):
    ana = day.one()
    token = receipt_token(ana)

    for typed in (token, f"https://citas.invalid/verificar/?r={token}"):
        response = desk.get(url("staff_find", day), {"q": typed}, follow=True)
        assert "El comprobante es nuestro" in text(response)


def test_each_reason_is_said_in_plain_words(day, desk):
    booker = make.account()
    cancelled, moved, orphaned = day.one(7, booker=booker), day.one(6), day.one(6)
    old = receipt_token(moved)
    Appointment.objects.filter(pk=moved.pk).update(starts_at=day.slot(7).starts_at)
    Appointment.objects.filter(pk=orphaned.pk).update(status="orphaned")
    cancel_appointments(account=booker, appointment_ids=[cancelled.pk], now=day.now)
    elsewhere = a_day().one()
    tomorrow = a_day(office=day.office, starts=timedelta(days=1, hours=2))
    Session.objects.filter(pk=tomorrow.session.pk).update(date=day.session.date + timedelta(days=1))
    good = receipt_token(day.one())
    said = [
        (cancelled.reference, "fue cancelada"),
        (old, "cambió de horario"),
        (orphaned.reference, "perdió su horario"),
        (elsewhere.reference, "es en otra oficina"),
        (tomorrow.one().reference, "es otro día"),
        (good[:-3] + "AAA", "no es un comprobante nuestro"),
        (good.replace("MX1.", "MX1.0"), "no es un comprobante nuestro"),
        ("ABCD", "no es un folio completo"),
        ("\x00ñ" * 500, "no es un folio completo"),
        ("000000000", "Nadie tiene ese folio"),
    ]
    for typed, words in said:
        assert words in text(ask(desk, day, typed)), words


def test_another_office_tells_no_name(day, desk):
    elsewhere = a_day().one(name="Secreta")

    page = text(ask(desk, day, elsewhere.reference))

    assert "Secreta" not in page
    assert str(elsewhere.pk) not in page


def test_offline_page_knows_references_and_keys_and_no_names(day, desk):
    ana = day.one(name="Ana")

    page = text(desk.get(url("staff_offline", day)))

    assert ana.reference in page
    assert '"crv": "Ed25519"' in page
    assert "Prueba" not in page
    assert AuditLine.objects.get(action="roster.offline").detail == {"count": 1}


# -- the window ------------------------------------------------------------------------------------


def test_window_calls_the_next_and_shows_them_with_their_family(day, desk):
    mother, child = day.book(0, 0)
    for one in (mother, child):
        post(desk, day, one, "arrived")

    page = text(desk.post(of_session("staff_next", day), follow=True))

    called = Attendance.objects.get(state="serving")
    assert (called.window, called.called_by) == ("3", day.clerk)
    assert "Con la misma reserva" in page
    assert called.turn in page
    assert "Primero anote cómo terminó" in text(desk.post(of_session("staff_next", day), follow=True))


def test_window_without_a_name_or_without_people_says_so(day, desk):
    assert "Nadie espera" in text(desk.post(of_session("staff_next", day), follow=True))
    client = sign_in(Client(), staff_with(Role.DESK_CLERK, day.office))

    assert "Escriba primero su ventanilla" in text(client.post(of_session("staff_next", day), follow=True))
    assert "Escriba primero su ventanilla" in text(
        client.post(url("staff_window", day), {"window": " \x00 "}, follow=True)
    )


# -- without an appointment ------------------------------------------------------------------------


def walk_in_form(day, **changes):
    values = {
        "slot": day.slot(3).pk,
        "tramite": day.session.procedures.get().pk,
        "given_names": "Rosa",
        "surname_1": "Núñez",
        "birth_date_day": "3",
        "birth_date_month": "4",
        "birth_date_year": "1950",
        "priority": "on",
        "phone": "",
        "reason": "No tiene teléfono",
    }
    return {name: value for name, value in (values | changes).items() if value is not None}


def test_walk_in_books_a_free_time_and_waits_at_once(day, desk):
    response = desk.post(of_session("staff_walk_in", day), walk_in_form(day))

    booked = Appointment.objects.get()
    assert response.url == url("staff_visit", day, booked.pk)
    assert (booked.channel, booked.agent_id, booked.slot_id) == (Channel.COUNTER, day.clerk.pk, day.slot(3).pk)
    assert booked.account_id != day.clerk.pk
    waits = Attendance.objects.get()
    assert (waits.state, waits.walk_in, booked.attendees.get().priority) == ("arrived", True, True)
    assert AuditLine.objects.filter(action="walk_in.book", object_id=str(booked.pk)).count() == 1
    assert not recount(now=day.now).any


def test_walk_in_with_a_telephone_needs_no_reason(day, desk):
    desk.post(of_session("staff_walk_in", day), walk_in_form(day, phone="(713) 555-0142", reason=""))

    assert Appointment.objects.get().account.caller.phone == "+17135550142"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reason": ""}, "Sin teléfono, escriba por qué"),
        ({"phone": "123"}, "no es un número de teléfono"),
        ({"given_names": ""}, "Escriba el nombre."),
        ({"slot": "x"}, "govuk-error-summary"),
        ({"tramite": "\x00"}, "govuk-error-summary"),
        ({"tramite": "99999999999999999999999"}, "govuk-error-summary"),
        ({"tramite": None, "slot": None}, "govuk-error-summary"),
    ],
)
def test_walk_in_that_is_not_right_books_nothing_and_keeps_what_was_typed(day, desk, changes, words):
    response = desk.post(of_session("staff_walk_in", day), walk_in_form(day, **changes))

    assert response.status_code == 422
    assert words in text(response)
    assert "Núñez" in text(response)
    assert not Appointment.objects.exists()


def test_walk_in_gets_no_time_that_has_begun(day, desk):
    page = text(desk.get(of_session("staff_walk_in", day)))

    assert f'value="{day.slot(1).pk}"' not in page
    assert f'value="{day.slot(3).pk}"' in page
    response = desk.post(of_session("staff_walk_in", day), walk_in_form(day, slot=day.slot(1).pk))
    assert (response.status_code, Appointment.objects.count()) == (422, 0)


def test_walk_in_into_a_time_that_is_gone_meanwhile_keeps_no_seat(day, desk, monkeypatch):
    from appointments.views.staff import day_window

    times = day_window.free_times(day.session, now=day.now)
    for _ in range(3):
        day.one(3)
    monkeypatch.setattr(day_window, "free_times", lambda session, now: times)

    response = desk.post(of_session("staff_walk_in", day), walk_in_form(day))

    assert response.status_code == 409
    assert "tomó ese horario" in text(response)
    assert not recount(now=day.now).any


# -- the end, and the wall -------------------------------------------------------------------------


def over(day):
    """The session ended a minute ago."""
    ended = day.now - timedelta(minutes=1)
    Session.objects.filter(pk=day.session.pk).update(ends_at=ended)


def test_day_is_settled_and_closed(day, desk):
    ana, _gone = day.one(0), day.one(0)
    post(desk, day, ana, "attended")
    close = of_session("staff_day_close", day)
    assert "desde" in text(desk.get(of_session("staff_day_summary", day)))
    assert desk.post(close, {"act": "close"}).status_code == 409
    over(day)

    assert desk.post(close, {"act": "rest"}).status_code == 409
    assert "no ha terminado" in text(desk.post(close, {"act": "close"})) or desk.post(close).status_code == 409
    desk.post(close, {"act": "rest", "sure": "1"})
    response = desk.post(close, {"act": "close"}, follow=True)

    assert day.clerk.email in text(response)
    assert Session.objects.get(pk=day.session.pk).status == "held"
    assert "Este día está cerrado" in text(post(desk, day, ana, "undo"))
    assert desk.get(url("staff_roster", day)).status_code == 200


def test_wall_needs_no_sign_in_and_shows_turns_and_no_names(day, desk):
    ana = day.one(name="Ana")
    post(desk, day, ana, "arrived")
    desk.post(of_session("staff_next", day))
    [link] = re.findall(r'href="(/pantalla/[^"]+)"', text(desk.get(url("staff_wall", day))))

    page = text(Client().get(link))

    assert ana.reference[-4:] in page
    for secret in (ana.reference, "Ana", "Prueba"):
        assert secret not in page
    assert '<noscript><meta http-equiv="refresh"' in page


def test_wall_link_lasts_its_day_and_cannot_be_made_up(day):
    token = wall_token(day.session)

    assert session_of_wall(token, now=day.now) == day.session
    assert session_of_wall(token, now=day.now + timedelta(days=1)) is None
    assert session_of_wall(token, now=day.now - timedelta(days=1)) is None
    assert Client().get(reverse("wall", args=[token[:-1]])).status_code == 404


# -- the mark, chosen by the person ----------------------------------------------------------------


def test_person_who_chose_to_be_called_first_is_marked_and_saved_so(day):
    ana = day.one(priority=True)

    assert (ana.attendees.get().priority, ana.applicant.priority) == (True, True)


def test_mark_is_chosen_in_the_booking_form_and_shown_before_it_counts(day):
    booker = make.account()
    held = make.hold(booker, day.slot(5), now=day.now).facts["hold"]
    client = sign_in(Client(), booker)
    form = {"given_names": "Ana", "surname_1": "Ríos", "priority": "on"}
    form |= {"birth_date_day": "3", "birth_date_month": "4", "birth_date_year": "1950"}

    assert "Necesita pasar primero" in text(client.get(reverse("hold_person", args=[held, 1])))
    client.post(reverse("hold_person", args=[held, 1]), form)
    check = reverse("hold_check", args=[held])
    assert "Necesita pasar primero" in text(client.get(check))
    client.post(check)

    assert Appointment.objects.get().attendees.get().priority


def test_mark_is_chosen_by_machines_too(day):
    held = make.hold(booker := make.account(), day.slot(5), now=day.now).facts["hold"]
    token = open_token(account=booker, now=day.now).token
    rosa = {"given_names": "Rosa", "surname_1": "Ríos", "birth_date": "1950-04-03", "priority": True}

    response = Client().post(
        reverse("api_hold_confirm", args=[held]), {"people": [rosa]}, content_type="application/json",
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "one"},
    )  # fmt: skip

    assert response.status_code == 200, response.content
    assert response.json()["appointments"][0]["people"][0]["priority"] is True
