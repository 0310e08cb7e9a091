"""Where places go that people give up: who decides it, what is noted, and what the public reads of it."""

import pytest
from django.test import Client
from django.urls import reverse

from consulates.models import FreedIntoDraw, FreedPolicy, Role
from mexitel.audit.models import AuditLine
from tests.api.conftest import Api
from tests.appointments.drawing.test_freed import Scene
from tests.factories.accounts import sign_in
from tests.factories.staff import staff_with

pytestmark = pytest.mark.django_db


def test_a_planner_decides_and_the_record_names_them(client):
    scene = Scene(policy=None)
    planner = sign_in(client, staff_with(Role.PLANNER, scene.office))
    url = reverse("staff_freed", args=[scene.office.code])
    assert "Vuelven a quedar libres" in planner.get(reverse("staff_planning", args=[scene.office.code])).text

    assert planner.post(url, {}).status_code == 422
    for _tap in range(2):
        assert planner.post(url, {"destino": "sorteo"}).status_code == 302
    policy = FreedPolicy.objects.get()
    assert (policy.consulate, policy.into_draws) == (scene.office, True)
    line = AuditLine.objects.get(action="office.freed")
    assert (line.office_id, line.detail) == (scene.office.pk, {"into_draws": True})
    scene.free()
    assert "ha entrado 1 lugar" in planner.get(url).text
    planner.post(url, {"destino": "todos"})
    assert not FreedPolicy.objects.get().into_draws
    assert FreedIntoDraw.objects.exists()  # what rests already stays as it is


def test_the_public_reads_how_many_come_in():
    scene = Scene(seats=2)
    pages = [reverse("release", args=[scene.draw.pk]), reverse("draw_apply", args=[scene.draw.pk])]
    words = "sortean 2 lugares que otras personas cancelaron", "hay 2 lugares que otras personas cancelaron"
    assert not [page for page, said in zip(pages, words, strict=True) if said in Client().get(page).text]
    scene.free(seats=2)
    assert [page for page, said in zip(pages, words, strict=True) if said in Client().get(page).text] == pages
    assert Api().get(f"/releases/{scene.draw.pk}").json()["freed_seats"] == 2
    assert [one["freed_seats"] for one in Api().get("/releases").json()["coming"]] == [2]
