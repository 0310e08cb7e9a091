"""Who may apply, once each; what an application weighs; what leaves with whoever leaves."""

from datetime import timedelta

import pytest

from appointments.drawing import going_on, personal_data, running
from appointments.drawing.errors import (
    AppliedAlready,
    Blocked,
    NotAFamily,
    NothingSuits,
    NotOpenForApplications,
    PersonApplied,
    PersonBooked,
    WrongPeople,
)
from appointments.drawing.joining import withdraw
from appointments.drawing.lots import choices_of, free_times
from appointments.drawing.shown import LOST, chance_of, shown
from appointments.enums import Channel
from appointments.models import (
    Appointment,
    DrawApplication,
    DrawingRound,
    DrawPerson,
    DrawWin,
    Hold,
    Scope,
)
from appointments.scopes import account_scope
from appointments.services.callers import register_caller
from appointments.services.links import link_accounts
from mexitel.outbox.models import OutboxMessage
from tests.factories import appointments as make
from tests.factories.appointments import NOW
from tests.factories.draws import DAY, DRAWN, OPENS, applied, draw, run, saved
from tests.factories.releases import keep_for_phone, times_of

pytestmark = pytest.mark.django_db


def test_one_application_for_a_mailbox_however_it_is_spelled():
    made = draw()
    applied(made, account=make.account("rosa.prueba@gmail.com"))
    with pytest.raises(AppliedAlready):
        applied(made, account=make.account("rosaprueba+dos@gmail.com"))
    assert DrawPerson.objects.count() == 1


def test_callers_who_state_one_phone_have_one_application():
    made = draw()
    agent = make.account()
    accounts = [
        register_caller(phone="213 555 0100", reason="", person=None, agent=agent, call_reference="A1", now=NOW)
        for _ in range(2)
    ]
    applied(made, account=accounts[0], channel=Channel.PHONE)
    with pytest.raises(AppliedAlready):
        applied(made, account=accounts[1], channel=Channel.PHONE)


def test_a_person_is_in_one_application_of_linked_accounts_and_strangers_are_nobodys_business():
    made = draw()
    mother, father, stranger = (make.account() for _ in range(3))
    applied(made, account=mother, applicants=saved(mother, name="Luz"))
    applied(made, account=stranger, applicants=saved(stranger, name="Luz"))
    link_accounts(accounts=[mother, father], cap=5, now=NOW)
    with pytest.raises(PersonApplied):
        applied(made, account=father, applicants=saved(father, name="Luz"))
    applied(made, account=father)


def test_who_was_linked_after_applying_wins_once():
    made = draw(make.session(seats=2))
    mother, father = make.account(), make.account()
    for one in (mother, father):
        applied(made, account=one, applicants=saved(one, name="Luz"))
    link_accounts(accounts=[mother, father], cap=5, now=NOW)
    running.BATCH, before = 1, running.BATCH
    try:
        run(made)
    finally:
        running.BATCH = before
    assert DrawWin.objects.count() == 1
    assert set(DrawingRound.objects.get().refused.values()) == {"person_booked"}


def test_what_is_refused_before_anything_is_written():
    made = draw(make.session(seats=2, starts_at=(NOW + 14 * DAY).replace(hour=16)))
    booked, blocked = make.account(), make.account()
    at = make.slot(procedures=[made.procedures.get()])
    make.confirm(booked, make.hold(booked, at), [make.person(booked, "Ana")])
    with pytest.raises(PersonBooked):
        applied(made, account=booked, applicants=saved(booked, name="Ana"))
    Scope.objects.create(
        kind=account_scope(blocked.pk).kind, key=account_scope(blocked.pk).key, cap=5, blocked_until=NOW + DAY
    )
    with pytest.raises(Blocked):
        applied(made, account=blocked)
    with pytest.raises(WrongPeople):
        applied(made, applicants=saved(make.account()))
    with pytest.raises(NotAFamily):
        applied(made, party=6)
    with pytest.raises(NothingSuits):
        applied(made, half="pm")
    for moment in (made.joins_from - timedelta(seconds=1), OPENS):
        with pytest.raises(NotOpenForApplications):
            applied(made, now=moment)
    assert not DrawApplication.objects.exists()


def test_an_application_is_changed_in_place_and_withdrawn_with_its_people():
    made = draw()
    booker = make.account()
    first = applied(made, account=booker)
    second = applied(made, account=booker, party=2)
    assert (second.pk, second.code, second.people.count()) == (first.pk, first.code, 2)
    withdraw(application_id=first.pk, now=NOW)
    assert not DrawPerson.objects.exists()
    assert applied(made, account=booker).code != first.code


def lost_in(made, booker, people):
    """An application of these people that won nothing in ``made``, because others came first."""
    mine = applied(made, account=booker, applicants=people, party=len(people))
    run(made)
    return mine


def next_of(made, after):
    same = {"consulate": made.consulates.get(), "procedures": list(made.procedures.all())}
    session = make.session(seats=2, starts_at=NOW + 14 * DAY + after, **same)
    return draw(session, opens_at=OPENS + after)


@pytest.mark.parametrize("known", [True, False])
def test_a_loss_weighs_more_for_who_was_seen_before(known):
    made = draw(make.session(seats=1))
    booker = make.account()
    people = saved(booker, 2)  # two do not fit on one seat
    if known:
        at = make.slot()
        make.confirm(booker, make.hold(booker, at))
        Appointment.objects.update(applicant=people[0], status="attended")
    lost = lost_in(made, booker, people)
    weights = [lost.weight]
    for number in (1, 2, 3):
        later = next_of(made, number * DAY)
        carried = going_on.carry_on(application=fresh(lost), now=DRAWN + (number - 1) * DAY)
        assert carried.release == later
        weights.append(carried.weight)
        DrawApplication.objects.filter(pk=carried.pk).update(place=1)
        later.sessions.get().slots.update(closed_at=NOW)
        running.tend(now=later.opens_at)
        running.tend(now=later.opens_at + timedelta(seconds=10))
        lost = carried
    assert weights == ([1, 2, 3, 3] if known else [1, 1, 1, 1])


def fresh(application):
    return DrawApplication.objects.for_pages().get(pk=application.pk)


def test_a_loss_counts_once_and_only_for_those_who_lost():
    made = draw(make.session(seats=1))
    booker = make.account()
    people = saved(booker, 2)
    at = make.slot()
    make.confirm(booker, make.hold(booker, at))
    Appointment.objects.update(applicant=people[0], status="attended")
    lost_in(made, booker, people)
    others = next_of(made, DAY)

    somebody_new = applied(others, account=booker, applicants=[*people, *saved(booker)], party=3, now=DRAWN)
    assert somebody_new.weight == 1
    withdraw(application_id=somebody_new.pk, now=DRAWN)
    heavy = applied(others, account=booker, applicants=people[:1], now=DRAWN)
    assert heavy.weight == 2
    first = DrawApplication.objects.get(release=made)
    assert not shown(fresh(first), now=DRAWN).can_carry_on


def test_the_chance_is_that_of_those_who_wanted_the_same():
    made = draw(make.session(seats=1))
    for _ in range(3):
        applied(made)
    family = applied(made, party=2)
    run(made)
    chances = [chance_of(fresh(one)) for one in DrawApplication.objects.filter(release=made, party=1)]
    assert {(c.applications, c.seats, c.same, c.same_won) for c in chances} == {(4, 1, 3, 1)}
    assert chance_of(fresh(family)).same_won == 0
    assert shown(fresh(family), now=made.opens_to_all_at).state == LOST


def test_the_telephones_share_goes_to_who_applied_by_telephone_first():
    made = draw(make.session(seats=2), phone_until=OPENS + DAY)
    keep_for_phone(times_of(made)[0], 1)
    on_line = applied(made, channel=Channel.PHONE)
    for _ in range(4):
        applied(made)
    run(made)
    wins = DrawWin.objects.in_bulk()
    assert wins[on_line.pk].half.endswith("-phone")
    assert len(wins) == 2


def test_the_wishes_are_an_order_from_the_best_to_the_last():
    day = (NOW + 15 * DAY).replace(hour=16, minute=0, second=0)
    procedure = make.procedure()
    near, far = (
        make.session(starts_at=day + DAY, procedures=[procedure]),
        make.session(starts_at=day, procedures=[procedure]),
    )
    made = draw(near, far)
    codes = {one.consulate_id: one.consulate.code for one in (near, far)}
    lots = [times.lot for times in free_times(made, now=OPENS)]
    offices = (near.consulate_id, far.consulate_id)
    by_office = applied(made, offices=offices)
    by_day = applied(made, offices=offices, sooner_first=True)
    assert [one.office for one in choices_of(by_office, lots, codes)] == [near.consulate.code, far.consulate.code]
    assert [one.office for one in choices_of(by_day, lots, codes)] == [far.consulate.code, near.consulate.code]


def test_whoever_leaves_leaves_nothing_behind():
    made = draw(make.session(seats=1))
    mine = applied(made)
    run(made)
    exported = personal_data.own_data(mine.account)["draws"]
    assert exported[0]["ticket"] == mine.code
    personal_data.forget(mine.account, DRAWN)
    assert not DrawPerson.objects.exists()
    assert Hold.objects.get().outcome == "released"
    assert DrawApplication.objects.get().email_key is None


def test_everybody_hears_once_that_a_draw_is_called_off():
    made = draw()
    for _ in range(2):
        applied(made)
    made.state, made.cancelled_at, made.cancel_reason = "cancelled", NOW, "Sin luz"
    made.cancelled_by = make.account()
    made.save()
    for _ in range(2):
        running.tend(now=NOW)
    assert OutboxMessage.objects.filter(kind="draw.cancelled").count() == 2
