"""The pages: a planner writes a release down, a manager approves it as read, and the public reads about it."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from consulates.models import Gate, Release, Role
from consulates.releases.approving import cancel
from consulates.releases.forms import CancelForm
from mexitel.utils.time import now as clock
from tests.factories import planning
from tests.factories import release_drafts as drafts
from tests.factories.accounts import sign_in
from tests.factories.consulates import ConsulateFactory, ProcedureFactory
from tests.factories.staff import staff_with
from tests.pages.readability import assert_plain, sentences_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return ConsulateFactory(code="houston")


def page(client, name, *args, **query):
    return client.get(reverse(name, args=args), query).text


def typed(office, **changes):
    values = {
        "name": "Lugares de enero", "name_en": "Places of January", "offices": [office.pk], "mode": "queue",
        "day": drafts.OPENING.isoformat(), "hour": "13:30", "joins_hours": "2", "gate_hours": "24",
        "phone_share": "10", "phone_hours": "12",
    }  # fmt: skip
    return values | changes


def test_from_the_planners_form_to_the_publics_page(client, office):
    own = drafts.sessions(office, 2)
    planner = sign_in(client, staff_with(Role.PLANNER, office))
    manager = sign_in(Client(), staff_with(Role.OFFICE_MANAGER, office))

    step = planner.post(reverse("staff_release_new", args=[office.code]), typed(office))
    made = Release.objects.get()
    assert step.url == reverse("staff_release_sessions", args=[office.code, made.pk])
    assert planner.get(step.url).text.count('name="sesion"') == 2
    planner.post(step.url, {"sesion": [one.pk for one in own]})
    own_page = page(planner, "staff_release", office.code, made.pk)
    assert "Usted la preparó. La aprueba otra persona." in own_page
    approval = page(manager, "staff_release_approve", office.code, made.pk)
    assert approval.count("16 lugares.") == 1
    assert approval.count("16 places.") == 1
    answer = manager.post(
        reverse("staff_release_approve", args=[office.code, made.pk]), {"sello": drafts.read(made)}, follow=True
    )
    assert "Anunciada." in answer.text

    public = Client()
    found = page(public, "release", made.pk)
    assert "Lugares de enero" in found
    assert "16 lugares." in found
    assert "2 lugares se guardan para quienes llaman" in found
    assert_plain(sentences_of(found))
    assert "Lugares de enero" in page(public, "releases")
    assert "Lugares de enero" in page(public, "releases", oficina="houston")
    assert "Lugares de enero" in page(public, "office", "houston")


def test_preview_is_the_words_of_the_public_page(client, office):
    made = drafts.draft(*drafts.sessions(office))
    manager = sign_in(client, staff_with(Role.OFFICE_MANAGER, office))
    preview = page(manager, "staff_release_approve", office.code, made.pk)
    drafts.announce(made)

    for language in ("es", "en"):
        reader = Client()
        reader.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        found = page(reader, "release", made.pk)
        summary = found[found.index("<dl") : found.index("</dl>")]
        assert _words(summary) <= _words(preview)


def _words(html):
    from django.utils.html import strip_tags

    return {line.strip() for line in strip_tags(html).splitlines() if line.strip()}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"joins_hours": ""}, "Una fila y un sorteo necesitan este número de horas."),
        ({"phone_share": "60"}, "Escriba un número del 0 al 50."),
        ({"offices": []}, "Elija al menos una oficina."),
    ],
)
def test_form_says_what_is_missing(client, office, changes, sentence):
    sign_in(client, staff_with(Role.PLANNER, office))

    answer = client.post(reverse("staff_release_new", args=[office.code]), typed(office, **changes))

    assert answer.status_code == 422
    assert sentence in answer.text
    assert not Release.objects.exists()


def test_queue_over_two_zones_says_which_hours_differ_and_takes_one_clock(client, office):
    west = ConsulateFactory(city="Los Angeles", time_zone="America/Los_Angeles")
    sign_in(client, staff_with(Role.NETWORK_COORDINATOR))
    url, both = reverse("staff_release_new", args=[office.code]), [office.pk, west.pk]

    refused = client.post(url, typed(office, offices=both))
    assert "hora central, hora del Pacífico" in refused.text

    client.post(url, typed(office, offices=both, clock="America/Los_Angeles"))
    own = page(client, "staff_release", office.code, Release.objects.get().pk)
    assert "3:30 p.m. (hora central)" in own
    assert "1:30 p.m. (hora del Pacífico)" in own


def test_release_of_two_offices_is_written_by_who_may_publish_in_both(client, office):
    made = drafts.draft(*drafts.sessions(office), *drafts.sessions(ConsulateFactory()), mode=Gate.OPEN)
    sign_in(client, staff_with(Role.OFFICE_MANAGER, office))

    assert client.get(reverse("staff_release", args=[office.code, made.pk])).status_code == 200
    for name in ("staff_release_edit", "staff_release_sessions", "staff_release_approve", "staff_release_cancel"):
        assert client.get(reverse(name, args=[office.code, made.pk])).status_code == 404


def test_bad_hours_are_warned_of(client, office):
    made = drafts.draft(*drafts.sessions(office), hour=drafts.time(6))
    sign_in(client, staff_with(Role.OFFICE_MANAGER, office))

    assert "Houston, 6:00 a.m.: antes de las 8 de la mañana" in page(
        client, "staff_release_approve", office.code, made.pk
    )


def test_cancelling_needs_a_reason_that_the_public_reads(client, office):
    made = drafts.announce(drafts.draft(*drafts.sessions(office)))
    sign_in(client, staff_with(Role.PLANNER, office))
    url = reverse("staff_release_cancel", args=[office.code, made.pk])

    for typed in ({}, {"why": "other", "reason": "Cierre por huracán"}, {"why": "weather", "reason_en": "Storm"}):
        assert client.post(url, typed).status_code == 422, typed
    client.post(url, {"why": "other", "reason": "Cierre por huracán", "reason_en": "Closed by a hurricane"})

    found = page(Client(), "release", made.pk)
    assert "Esta apertura se canceló" in found
    assert "Cierre por huracán" in found
    reader = Client()
    reader.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    english = page(reader, "release", made.pk)
    assert "Closed by a hurricane" in english
    assert "Cierre" not in english
    assert "Cierre por huracán" in page(Client(), "releases")
    assert "1 jornada publicada no se abre" in page(client, "staff_releases", office.code)


def test_usual_reasons_stand_in_both_languages():
    form = CancelForm({"why": "weather", "reason": "Se avisará.", "reason_en": "We will tell you."})
    assert form.is_valid()
    assert form.reasons() == {
        "reason": "La oficina cierra por el mal tiempo. Se avisará.",
        "reason_en": "The office closes because of the weather. We will tell you.",
    }


def test_draft_does_not_exist_for_the_public(client):
    made = drafts.draft()

    assert client.get(reverse("release", args=[made.pk])).status_code == 404
    assert made.name not in page(client, "releases")


def test_list_asks_as_many_questions_for_one_release_as_for_three(client, django_assert_num_queries):
    drafts.announce(drafts.draft())
    with django_assert_num_queries(6):
        client.get(reverse("releases"))
    for _ in range(2):
        drafts.announce(drafts.draft())
    with django_assert_num_queries(6):
        client.get(reverse("releases"))


def test_page_of_a_rule_takes_it_and_ends_it(client, office):
    sign_in(client, staff_with(Role.PLANNER, office))
    rule = {
        "name": "Lugares de la semana", "weekday": "2", "hour": "13:30", "weeks_ahead": "2", "kinds": ["weekday"],
        "mode": "open", "phone_share": "0", "phone_hours": "24",
    }  # fmt: skip

    client.post(reverse("staff_release_rule_new", args=[office.code]), rule)
    found = page(client, "staff_release_rules", office.code)
    assert "Los miércoles, 13:30" in found

    client.post(reverse("staff_release_rule_end", args=[office.code, office.release_rules.get().pk]))
    assert "Esta oficina no tiene reglas." in page(client, "staff_release_rules", office.code)


def test_foresight_page_shows_the_moment_that_was_asked_for(client, office):
    made = drafts.announce(drafts.draft(*drafts.sessions(office)))
    sign_in(client, staff_with(Role.PLANNER, office))
    at = f"{drafts.OPENING}T13:30"

    found = page(client, "staff_foresight", office.code, moment=at)

    assert "Por fila: " in found
    assert "7 lugares libres" in found
    assert "y 1 por teléfono" in found
    assert clock() < made.opens_at
    cancel(made, reason="x", by=planning.planner(), now=clock())
    assert "Todavía no se abre" in page(client, "staff_foresight", office.code, moment=at)
    assert (made.opens_at - clock()) < timedelta(days=5)


def test_programs_read_what_people_read(client, office):
    made = drafts.announce(drafts.draft(*drafts.sessions(office)))

    [one] = client.get(reverse("api_releases"), {"office": office.code}).json()["coming"]

    assert one == client.get(reverse("api_release", args=[made.pk])).json()
    assert (one["mode"], one["stage"], one["seats"]) == ("queue", "soon", 8)
    assert one["opens_at"].startswith(f"{drafts.OPENING}T13:30:00-0")
    assert one["offices"][0]["phone_seats"] == 1
    [opening] = client.get(reverse("api_office_month", args=[office.code])).json()["next_openings"]
    assert opening["release"] == made.pk
    assert client.get(reverse("api_releases"), {"office": "nobody"}).status_code == 404
    assert client.get("/api/v1/releases/99999999999999999999").status_code == 404
    assert client.get("/aperturas/99999999999999999999/").status_code == 404


def test_colleagues_draft_waits_on_the_first_page_of_who_signs(client, office):
    made = drafts.draft(*drafts.sessions(office))
    manager, writer = staff_with(Role.OFFICE_MANAGER, office), made.made_by
    writer.assignments.create(role=Role.OFFICE_MANAGER, consulate=office, starts_at=drafts.LONG_AGO)
    href = reverse("staff_release_approve", args=[office.code, made.pk])

    assert href in page(sign_in(client, manager), "staff_home")
    assert href not in page(sign_in(Client(), writer), "staff_home")

    drafts.announce(made)
    cancel(made, reason="x", by=manager, now=clock())
    home = page(client, "staff_home")
    assert href not in home
    assert "1 jornada espera una apertura" in home


def test_procedures_that_the_page_would_not_name_are_warned_of(client, office):
    own = drafts.sessions(office)[0]
    passport, other = own.procedures.get(), ProcedureFactory(name_es="Matrícula")
    own.procedures.add(other)
    made = drafts.draft(own, procedures=[passport])
    sign_in(client, staff_with(Role.OFFICE_MANAGER, office))

    assert "ahí se pueden reservar: Matrícula." in page(client, "staff_release_approve", office.code, made.pk)
