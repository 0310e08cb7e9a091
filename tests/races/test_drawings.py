"""Every step of a draw, taken by six at once, is taken once."""

from datetime import timedelta

import pytest

from appointments.allocation import drawing
from appointments.models import Drawing, DrawingFile
from tests.factories import releases
from tests.factories.appointments import NOW
from tests.races.together import errors, together

pytestmark = pytest.mark.races


def test_steps_taken_by_six_at_once_are_taken_once(live_db):
    made = releases.release()
    promised = together([lambda: drawing.commit(made, NOW)] * 6)
    assert errors(promised) == []
    assert len({bytes(one.commitment) for one in promised}) == 1

    lists = [[drawing.queue_entry(f"T{n}X{number}", "web") for number in range(20)] for n in range(6)]
    sealed = together([lambda entries=entries: drawing.seal(made, entries, NOW) for entries in lists])
    assert errors(sealed) == []
    assert len({bytes(one.sealed_hash) for one in sealed}) == 1

    drawn = together([lambda: drawing.take_round(made, NOW + timedelta(seconds=3))] * 6)
    assert errors(drawn) == []
    assert {bytes(one.seed) for one in drawn} == {bytes(Drawing.objects.get().seed)}
    assert len({entry.code[:2] for entry in drawing.order_of(made)}) == 1
    assert DrawingFile.objects.filter(name="order.csv").count() == 1
