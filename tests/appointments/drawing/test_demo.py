"""The draw that everybody finds done right after the portal was set up."""

from datetime import timedelta

import pytest
from django.urls import reverse

from appointments.drawing import demo
from appointments.models import DrawApplication, DrawWin
from consulates.models import Release
from mexitel.accounts.models import User
from mexitel.utils.time import now as clock
from tests.factories import planning
from tests.factories import release_drafts as drafts
from tests.factories.accounts import UserFactory, sign_in
from tests.factories.releases import unopened_month

pytestmark = pytest.mark.django_db


def test_lots_were_drawn_for_more_people_than_places(client):
    now = clock()
    newcomer = UserFactory()
    users = {"planner": planning.planner(), "network_coordinator": drafts.signer(), "newcomer": newcomer}
    unopened_month("atlanta", now=now)

    demo.make(users, now)
    demo.make(users, now + timedelta(minutes=1))

    made = Release.objects.get()
    won, asked = DrawWin.objects.count(), DrawApplication.objects.count()
    assert 0 < won < asked == User.objects.filter(email__startswith="sorteo").count() + 1
    assert client.get(reverse("draw_proof", args=[made.pk])).status_code == 200
    sign_in(client, newcomer)
    own = DrawApplication.objects.get(account=newcomer)
    assert client.get(reverse("draw_application", args=[own.pk])).context["shown"].state in {"won", "in_order"}
