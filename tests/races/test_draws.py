"""Two workers at once, and an application at the very moment at which the lists are closed."""

from datetime import timedelta

from appointments.drawing import running
from appointments.drawing.errors import NotOpenForApplications
from appointments.drawing.joining import apply
from appointments.models import DrawApplication, Drawing, DrawingRound, DrawWin, Hold
from mexitel.outbox.models import OutboxMessage
from tests.factories import appointments as make
from tests.factories.draws import DRAWN, OPENS, applied, draw, saved, wishes
from tests.races.together import together


def test_two_workers_at_once_draw_once(live_db):
    made = draw(make.session(seats=2, slots=3))
    for party in (1, 2, 1, 3, 1, 1):
        applied(made, party=party)
    running.tend(now=OPENS)
    results = together([lambda: running.tend(now=DRAWN)] * 2)
    assert not [one for one in results if isinstance(one, Exception)], results
    running.tend(now=DRAWN + timedelta(seconds=1))
    assert DrawingRound.objects.count() == 1
    assert Hold.objects.count() == DrawWin.objects.count() >= 2
    assert OutboxMessage.objects.filter(kind="draw.won").count() == DrawWin.objects.count()
    lost = DrawApplication.objects.filter(win=None).count()
    assert OutboxMessage.objects.filter(kind="draw.lost").count() == lost


def test_who_applies_in_the_last_second_is_on_the_list_or_is_told(live_db):
    made = draw(make.session(seats=2))
    applied(made)
    late = [make.account() for _ in range(4)]
    asked = [(one, wishes(made, one, applicants=saved(one))) for one in late]
    last = OPENS - timedelta(milliseconds=1)

    def join(one, wanted):
        return apply(account=one, release=made, wishes=wanted, now=last)

    jobs = [lambda one=one, wanted=wanted: join(one, wanted) for one, wanted in asked]
    results = together([*jobs[:2], lambda: running.seal(made, now=OPENS), *jobs[2:]])
    told = [one for one in results if isinstance(one, Exception)]
    assert all(isinstance(one, NotOpenForApplications) for one in told), told
    assert Drawing.objects.get().tickets == DrawApplication.objects.count() == 5 - len(told)
