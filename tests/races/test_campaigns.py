"""Two clerks answer for one office at once; somebody publishes while others answer."""

from datetime import time

from django.db import connection, transaction

from consulates.models import Answer, Campaign, CampaignOffice, Seat, Session
from consulates.services.campaigns import DayHours, confirm_office, decline_office, publish_campaign
from tests.factories import tours as make
from tests.factories.accounts import UserFactory
from tests.factories.consulates import NOW, ConsulateFactory
from tests.races.together import Aside, codes, together

HOURS = DayHours(time(8), time(12), 3)


def confirm(pk, user):
    office = CampaignOffice.objects.get(pk=pk)
    return confirm_office(office=office, version=0, hours={make.SATURDAY: HOURS}, by=user, now=NOW)


def test_of_two_clerks_at_once_one_answers_and_the_other_is_told(live_db):
    ConsulateFactory()
    campaign = make.campaign()
    office, users = campaign.offices.get(), UserFactory.create_batch(2)

    def decline():
        row = CampaignOffice.objects.get(pk=office.pk)
        return decline_office(office=row, version=0, reason="Sin personal", by=users[1], now=NOW)

    results = together([lambda: confirm(office.pk, users[0]), decline])

    assert codes(results).count("answered_meanwhile") == 1
    office.refresh_from_db()
    assert office.version == 1
    assert Session.objects.count() == (1 if office.answer == Answer.CONFIRMED else 0)


def test_without_looking_at_the_version_the_second_would_win_silently(live_db):
    """The control: the row's lock alone lets both through, one after the other."""
    ConsulateFactory()
    office, user = make.campaign().offices.get(), UserFactory()

    def careless():
        with transaction.atomic():
            row = CampaignOffice.objects.select_for_update(of=("self",)).get(pk=office.pk)
            return confirm_office(office=row, version=row.version, hours={make.SATURDAY: HOURS}, by=user, now=NOW)

    together([careless, careless])

    office.refresh_from_db()
    assert office.version == 2


def test_publishing_waits_for_an_answer_in_flight_and_publishes_what_it_became(live_db):
    ConsulateFactory()
    campaign = make.campaign()
    office, user = campaign.offices.get(), UserFactory()
    confirm(office.pk, user)
    later = DayHours(time(8), time(10), 1)

    with transaction.atomic():
        confirm_office(office=office, version=1, hours={make.SATURDAY: later}, by=user, now=NOW)
        publishing = Aside(lambda: publish_campaign(campaign=Campaign.objects.get(), by=user, now=NOW))
        assert publishing.waits_for_a_lock()
    offices, published = publishing.end()

    assert (offices, published.seats) == (1, 4)
    assert Seat.objects.count() == 4


def test_publish_and_answers_at_once_leave_each_office_in_one_state(live_db):
    ConsulateFactory.create_batch(4)
    campaign, user = make.campaign(), UserFactory()
    pks = list(campaign.offices.values_list("pk", flat=True))
    for pk in pks[:2]:
        confirm(pk, user)
    jobs = [lambda: publish_campaign(campaign=Campaign.objects.get(), by=user, now=NOW)] * 2
    jobs += [lambda pk=pk: confirm(pk, user) for pk in pks]

    found = codes(together(jobs))

    assert set(found) <= {
        "CampaignOffice",
        "tuple",
        "nothing_to_publish",
        "already_published",
        "answered_meanwhile",
    }
    connection.close()
    for office in CampaignOffice.objects.prefetch_related("sessions"):
        statuses = {session.status for session in office.sessions.all()}
        assert statuses == ({"published"} if office.answer == Answer.PUBLISHED else {"draft"})
    assert standing_of(campaign) == 4


def standing_of(campaign):
    return campaign.offices.filter(answer__in=[Answer.CONFIRMED, Answer.PUBLISHED]).count()
