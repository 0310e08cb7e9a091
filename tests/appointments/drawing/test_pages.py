"""The journey on the pages, without JavaScript: apply, change, win, accept; lose, see the chance, go on."""

from datetime import timedelta

import pytest
from django.urls import reverse

from appointments.drawing import messages, running
from appointments.models import Appointment, DrawApplication, DrawWin
from consulates.models import Procedure
from tests.factories import appointments as make
from tests.factories.appointments import NOW
from tests.factories.draws import DRAWN, OPENS, applied, draw, run, saved
from tests.pages.readability import assert_plain, sentences_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def at(monkeypatch):
    """Sets the clock of the pages."""

    def set_clock(moment):
        for module in ("draws", "mine", "booking"):
            monkeypatch.setattr(f"appointments.views.{module}.clock", lambda: moment)

    set_clock(NOW)
    return set_clock


@pytest.fixture
def made():
    session = make.session(seats=1, slots=2)
    procedure: Procedure = session.procedures.get()
    Procedure.objects.filter(pk=procedure.pk).update(booking="central")
    return draw(session)


STEPS = ("draw_apply", "draw_people", "draw_when", "draw_check")


def plain(client, address):
    page = client.get(address)
    assert page.status_code == 200, (address, page.status_code)
    assert_plain(sentences_of(page.text))
    return page.text


def send(client, name, made, **answers):
    return client.post(reverse(name, args=[made.pk]), answers)


def apply_by_pages(client, made, **when):
    send(client, "draw_people", made, given_names="Rosa", surname_1="Prueba",
         birth_date_day="3", birth_date_month="4", birth_date_year="1985")  # fmt: skip
    send(client, "draw_when", made, **{"days": "any", "half": "any"} | when)
    return send(client, "draw_check", made)


def test_somebody_applies_changes_wins_and_accepts(client, at, made):
    booker = make.account()
    client.force_login(booker)
    plain(client, reverse("draw_apply", args=[made.pk]))
    sent = apply_by_pages(client, made)
    application = DrawApplication.objects.get()
    assert sent.url == reverse("draw_application", args=[application.pk])

    send(client, "draw_when", made, days="chosen", chosen=made.sessions.get().date.isoformat(), half="any")
    for name in STEPS[1:]:
        plain(client, reverse(name, args=[made.pk]))
    send(client, "draw_check", made)
    changed = DrawApplication.objects.get()
    assert (changed.code, changed.chosen_days) == (application.code, [made.sessions.get().date])

    run(made)
    at(DRAWN)
    for name in ("draw_decline", "draw_application"):
        page = plain(client, reverse(name, args=[application.pk]))
    assert reverse("draw_accept", args=[application.pk]) in page
    assert reverse("draw_application", args=[application.pk]) in client.get(reverse("my_appointments")).content.decode()
    done = client.post(reverse("draw_accept", args=[application.pk]))
    booked = Appointment.objects.get()
    assert done.status_code == 302
    assert booked.attendees.get().given_names == "Rosa"
    assert client.post(reverse("draw_accept", args=[application.pk])).status_code == 302
    assert Appointment.objects.count() == 1
    running.tend(now=DRAWN + timedelta(minutes=1))
    assert DrawWin.objects.get().outcome == "accepted"


def test_who_lost_reads_the_chance_and_goes_on_in_one_tap(client, at, made):
    for _ in range(3):
        applied(made)
    run(made)
    loser = DrawApplication.objects.get(win=None)
    at(DRAWN)
    client.force_login(loser.account)
    page = plain(client, reverse("draw_application", args=[loser.pk]))
    plain(client, reverse("draw_withdraw", args=[loser.pk]))
    assert "2 de 3" in page
    client.post(reverse("draw_carry_on", args=[loser.pk]))
    assert DrawApplication.objects.get(pk=loser.pk).carries_on_at == DRAWN

    later = draw(
        make.session(
            consulate=made.consulates.get(),
            procedures=list(made.procedures.all()),
            starts_at=NOW + timedelta(days=20),
        ),
        opens_at=OPENS + timedelta(days=1),
    )
    running.tend(now=DRAWN + timedelta(minutes=1))
    entered = DrawApplication.objects.get(release=later)
    assert (entered.carried_from_id, entered.account_id, entered.weight) == (loser.pk, loser.account_id, 1)


def test_an_application_is_its_owners_alone(client, at, made):
    mine = applied(made)
    client.force_login(make.account())
    for name in ("draw_application", "draw_withdraw", "draw_decline"):
        assert client.get(reverse(name, args=[mine.pk])).status_code == 404
    for name in ("draw_accept", "draw_carry_on"):
        assert client.post(reverse(name, args=[mine.pk])).status_code == 404


def test_the_lists_are_closed_at_the_opening(client, at, made):
    client.force_login(make.account())
    at(OPENS)
    assert send(client, "draw_check", made).url == reverse("draw_apply", args=[made.pk])
    assert (
        reverse("draw_what", args=[made.pk]) not in client.get(reverse("draw_apply", args=[made.pk])).content.decode()
    )


def test_what_was_won_cannot_be_handed_to_somebody_else(client, at, made):
    mine = applied(made)
    run(made)
    at(DRAWN)
    client.force_login(mine.account)
    hold = DrawWin.objects.get().hold_id
    client.post(
        reverse("hold_person", args=[hold, 1]),
        {"given_names": "Otra", "surname_1": "Gente", "birth_date_day": "1", "birth_date_month": "1",
         "birth_date_year": "1990"},
    )  # fmt: skip
    refused = client.post(reverse("hold_check", args=[hold]))
    assert refused.status_code == 409
    assert not Appointment.objects.exists()


@pytest.mark.parametrize("language", ["es", "en"])
def test_messages_say_what_is_true(language, made):
    account = make.account(phone="+12135550100")
    account.language = language
    account.save()
    mine = applied(made, account=account, applicants=saved(account))
    from mexitel.outbox.models import OutgoingMessage
    from mexitel.outbox.sms import GSM_PART, length

    def tell(kind, now):
        getattr(messages, kind)(outbox_id=1, payload={"application": str(mine.pk)}, now=now)

    tell("applied", NOW)
    tell("won", NOW)  # not true
    assert OutgoingMessage.objects.count() == 1
    run(made)
    tell("won", DRAWN)
    tell("won", DRAWN)
    tell("lost", DRAWN)  # not true
    sent = OutgoingMessage.objects.filter(kind="draw.won")
    assert sorted(sent.values_list("channel", flat=True)) == ["mail", "sms"]
    [text] = [one.body for one in sent if one.channel == "sms"]
    assert length(text if isinstance(text, str) else text["text"])[0] <= GSM_PART
