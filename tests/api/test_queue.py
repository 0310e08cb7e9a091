"""The queue for machines: the same places, the same turn."""

from datetime import timedelta

import pytest

from appointments.queueing import tending
from consulates.models import Release
from mexitel.utils.time import now as clock
from tests.factories.queues import queue_files
from tests.factories.releases import release

__all__ = ["queue_files"]


@pytest.fixture
def made(supply):
    return release(supply.session, opens_at=clock() + timedelta(hours=2))


def test_a_program_joins_is_called_and_books(api, supply, made):
    path = f"/releases/{made.pk}/queue"
    assert api.get(path).json()["stage"] == "before"
    joined = api.post(path, key="")
    assert (joined.status_code, joined.json()["stage"]) == (201, "joined")
    assert api.post(path, key="").status_code == 200
    early = api.post(f"{path}/turn", key="")
    assert (early.status_code, early.json()["code"]) == (409, "not_your_turn")

    back = made.opens_at - clock() + timedelta(minutes=1)
    for moment in ("opens_at", "joins_from"):
        setattr(made, moment, getattr(made, moment) - back)
    made.save()
    type(supply.slots[0]).objects.filter(session=supply.session).update(opens_at=made.opens_at)
    for seconds in (0, 5):
        tending.tend(Release.objects.get(pk=made.pk), now=clock() + timedelta(seconds=seconds))

    told = api.get(path).json()
    assert (told["stage"], told["place"]) == ("called", 1)
    turn = api.post(f"{path}/turn", key="").json()
    [first, *_] = api.get(f"{path}/slots?procedure={supply.adult.code}").json()["slots"]
    wish = {"procedure": supply.adult.code, "slots": [{"slot": first["slot"], "seats": 1}]}
    assert api.post("/holds", wish).json()["code"] == "not_open"
    assert api.post("/holds", wish | {"turn": turn["turn"]}).status_code == 201


def test_leaving_and_unknown_queues(api, made):
    api.post(f"/releases/{made.pk}/queue", key="")
    assert api.delete(f"/releases/{made.pk}/queue").status_code == 204
    assert api.get(f"/releases/{made.pk}/queue").json()["stage"] == "before"
    assert api.get(f"/releases/{made.pk + 1}/queue").status_code == 404
