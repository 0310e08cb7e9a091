"""News of openings: to whoever asked, once, while it is true, by day, and no more once they said so."""

from datetime import UTC, datetime, timedelta

import pytest

from appointments.announcing import telling
from appointments.announcing.asking import NobodyToTell, TooManyAlerts, ask, stop
from appointments.announcing.hours import in_daytime, reminder_at
from appointments.announcing.messages import told
from appointments.models import ReleaseAlert
from consulates.releases.approving import cancel
from mexitel.outbox.models import Channel, OutgoingMessage
from tests.factories import appointments as make
from tests.factories import release_drafts
from tests.factories.accounts import UserFactory
from tests.factories.consulates import ConsulateFactory
from tests.factories.outbox_rows import rows_of

CHICAGO = "America/Chicago"
# Noon in Chicago, and three at night.
NOON, NIGHT = datetime(2026, 6, 10, 17, tzinfo=UTC), datetime(2026, 6, 10, 8, tzinfo=UTC)


@pytest.fixture
def office(db):
    return ConsulateFactory(time_zone=CHICAGO)


@pytest.fixture
def person(db):
    return make.account()


def wish(account, office, *, procedure=None, hour_before=True, now=None):
    now = now or make.NOW - timedelta(days=1)
    return ask(account=account, consulate=office, procedure=procedure, hour_before=hour_before, now=now)


def announced(office, **changes):
    return release_drafts.announce(release_drafts.draft(offices=[office], **changes))


def deliver(now):
    """What the relay hands to the task, as often as it likes; what was said of each."""
    for row in rows_of("release.told"):
        for _again in range(2):
            told(outbox_id=row.pk, payload=row.payload, now=now)
    return list(OutgoingMessage.objects.filter(kind__startswith="release.").order_by("pk"))


def test_who_asked_is_told_once_however_often_it_is_looked_at(office, person):
    wish(person, office)
    wish(person, office, procedure=make.procedure())
    wish(make.account(), ConsulateFactory())
    release = announced(office)
    assert [telling.tend(now=make.NOW + timedelta(minutes=n)) for n in range(3)] == [1, 0, 0]

    [message] = deliver(make.NOW)
    assert (message.kind, message.channel, message.recipient) == ("release.announced", Channel.MAIL, person.email)
    assert f"/aperturas/{release.pk}/" in message.body
    assert ReleaseAlert.objects.first().code in message.body


def test_another_procedure_is_no_news(office, person):
    wish(person, office, procedure=make.procedure())
    announced(office)
    assert telling.tend(now=make.NOW) == 0


def test_who_stopped_is_told_nothing_even_of_what_was_on_its_way(office, person):
    alert = wish(person, office)
    announced(office)
    telling.tend(now=make.NOW)
    stop(alert, now=make.NOW)
    assert deliver(make.NOW) == []


def test_who_has_a_phone_alone_gets_one_text_message(office):
    phone = UserFactory(email=None, phone="+17135550123", phone_verified_at=make.NOW)
    wish(phone, office)
    announced(office)
    telling.tend(now=make.NOW)
    [message] = deliver(make.NOW)
    assert (message.channel, message.recipient) == (Channel.SMS, phone.phone)


def test_what_was_cancelled_before_it_was_told_is_told_as_cancelled_alone(office, person):
    wish(person, office)
    release = announced(office)
    cancel(release, reason="Se fue la luz", by=release_drafts.signer(), now=make.NOW)
    telling.tend(now=make.NOW)
    [message] = deliver(make.NOW)
    assert message.kind == "release.cancelled"
    assert "Se fue la luz" in message.body


def test_the_reminder_goes_to_whoever_wanted_it(office, person):
    wish(person, office)
    wish(make.account(), office, hour_before=False)
    release = announced(office)
    telling.tend(now=make.NOW)
    before = len(rows_of("release.told"))
    due = reminder_at(release.opens_at, CHICAGO)
    assert [telling.tend(now=due - timedelta(seconds=1)), telling.tend(now=due), telling.tend(now=due)] == [0, 1, 0]
    [*_news, reminder] = rows_of("release.told")
    assert before == 2
    assert reminder.payload["kind"] == "soon"
    told(outbox_id=reminder.pk, payload=reminder.payload, now=due)
    assert OutgoingMessage.objects.get(kind="release.soon").recipient == person.email


def test_nobody_is_told_at_night():
    assert in_daytime(NOON, CHICAGO) == NOON
    assert in_daytime(NIGHT, CHICAGO) == datetime(2026, 6, 10, 13, tzinfo=UTC)
    assert in_daytime(NIGHT - timedelta(hours=4), CHICAGO) == datetime(2026, 6, 10, 13, tzinfo=UTC)
    assert reminder_at(NOON, CHICAGO) == NOON - timedelta(hours=1)
    assert reminder_at(datetime(2026, 6, 10, 13, 30, tzinfo=UTC), CHICAGO) == datetime(2026, 6, 10, 1, tzinfo=UTC)


def test_a_reminder_that_comes_late_at_night_is_not_sent(office, person):
    alert = wish(person, office)
    release = announced(office)
    payload = {"alert": str(alert.pk), "release": release.pk, "kind": "soon", "opens_at": release.opens_at.isoformat()}
    local_night = release.opens_at.replace(hour=8, minute=0)  # two or three o'clock in Chicago
    assert in_daytime(local_night, CHICAGO) != local_night
    assert local_night < release.opens_at
    told(outbox_id=1, payload=payload, now=local_night)
    assert not OutgoingMessage.objects.filter(kind="release.soon").exists()


def test_one_wish_an_office_and_ten_in_all(person, db):
    offices = [ConsulateFactory() for _each in range(11)]
    first = wish(person, offices[0], hour_before=False)
    assert wish(person, offices[0]).pk == first.pk
    assert ReleaseAlert.objects.get().hour_before
    for office in offices[1:10]:
        wish(person, office)
    with pytest.raises(TooManyAlerts):
        wish(person, offices[10])


def test_somebody_whom_nothing_reaches_cannot_ask(office):
    with pytest.raises(NobodyToTell):
        wish(UserFactory(email_bounced_at=make.NOW), office)


def test_asking_and_stopping_in_pages(client, office, person):
    assert client.get("/aperturas/avisos/").status_code == 302
    client.force_login(person)
    assert client.post("/aperturas/avisos/", {"oficina": office.code, "antes": "on"}).status_code == 302
    alert = ReleaseAlert.objects.get(account=person)
    assert office.name in client.get("/aperturas/avisos/").content.decode()

    client.logout()
    link = f"/avisos/{alert.code}/dejar/"
    assert client.get(link).status_code == 200
    alert.refresh_from_db()
    assert alert.stands  # opening the link, as programs that look into mail do, ends nothing
    client.post(link)
    alert.refresh_from_db()
    assert not alert.stands
    assert client.post("/avisos/nobody/dejar/").status_code == 404


def test_an_office_that_is_none_is_refused_in_words(client, person):
    client.force_login(person)
    response = client.post("/aperturas/avisos/", {"oficina": "\x00nowhere"})
    assert response.status_code == 422
