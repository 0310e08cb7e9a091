from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import IntegrityError, transaction

from consulates.models import Answer, CampaignOffice, Consulate, Session, SessionStatus, Slot
from consulates.selectors.campaigns import public_offices, standing
from consulates.services import plan_session
from consulates.services.campaigns import (
    AlreadyPublished,
    AnsweredMeanwhile,
    DayHours,
    NothingChosen,
    PartlyPublished,
    WeekendTaken,
    confirm_office,
    decline_office,
    fixed_days,
    publish_campaign,
    usual_windows,
    withdraw_campaign,
)
from consulates.services.tours import LocalMoment, NothingToPublish, OpensTooLate
from mexitel.audit.models import AuditLine
from tests.factories import tours as make
from tests.factories.accounts import UserFactory
from tests.factories.consulates import NOW, ConsulateFactory, published_session, session_plan

pytestmark = pytest.mark.django_db
SATURDAY, SUNDAY = make.SATURDAY, make.SATURDAY + timedelta(days=1)
HOURS = DayHours(time(8), time(12), 3)


@pytest.fixture
def offices():
    return [
        ConsulateFactory(code="houston"),
        ConsulateFactory(phoenix=True),
        ConsulateFactory(code="new-york", city="New York", state="NY", time_zone="America/New_York"),
    ]


def asked(campaign, code):
    return campaign.offices.get(consulate__code=code)


def confirm(office, hours=None, by=None):
    wanted = {SATURDAY: HOURS} if hours is None else hours
    return confirm_office(office=office, version=office.version, hours=wanted, by=by or UserFactory(), now=NOW)


def test_one_act_makes_drafts_in_all_working_offices(offices):
    ConsulateFactory(code="practice", is_practice=True)
    ConsulateFactory(code="closed", closed_on=SATURDAY)
    campaign = make.campaign(on_sunday=True)

    assert campaign.offices.count() == 3
    assert Session.objects.filter(status=SessionStatus.DRAFT).count() == 6
    starts = dict(Session.objects.filter(kind="saturday").values_list("consulate__code", "starts_at"))
    assert starts["new-york"] == datetime(2027, 5, 8, 13, tzinfo=UTC)
    assert starts["phoenix"] == datetime(2027, 5, 8, 16, tzinfo=UTC)
    assert standing(campaign).waiting == 3
    assert AuditLine.objects.get(action="campaign.call").detail == {"offices": 3, "sessions": 6, "kept": 0}


def test_windows_are_the_usual_ones_of_each_office(offices):
    houston, phoenix, new_york = offices
    plan_session(session_plan(houston, windows=10))
    plan_session(session_plan(phoenix, windows=10))
    plan_session(session_plan(phoenix, kind="saturday", day=date(2026, 11, 28), windows=4))
    assert usual_windows(offices) == {houston.id: 6, phoenix.id: 4, new_york.id: 2}


def test_a_session_that_an_office_has_already_is_kept(offices):
    own = published_session(offices[0], kind="saturday", day=SATURDAY)
    campaign = make.campaign()

    office = asked(campaign, "houston")
    assert list(fixed_days(office)) == [SATURDAY]
    assert Session.objects.count() == 3
    confirm(office, hours={})
    publish_campaign(campaign=campaign, by=UserFactory(), now=NOW)
    own.refresh_from_db()
    assert own.opens_local == time(9)
    assert [each.consulate.code for each in public_offices(campaign)] == ["houston"]


def test_a_weekend_has_one_campaign(offices):
    make.campaign()
    with pytest.raises(WeekendTaken):
        make.campaign(name="Otra")
    assert Session.objects.count() == 3


def test_an_office_confirms_and_adapts_its_hours(offices):
    campaign = make.campaign()
    who = UserFactory()
    office = confirm(asked(campaign, "phoenix"), by=who)

    assert (office.answer, office.answered_by, office.answered_at, office.version) == (Answer.CONFIRMED, who, NOW, 1)
    session = office.sessions.get()
    assert (session.opens_local, session.closes_local, session.windows) == (time(8), time(12), 3)
    assert session.time_zone == "America/Phoenix"
    confirm(office, {SATURDAY: DayHours(time(10), time(12), 3)})
    assert office.sessions.get().opens_local == time(10)
    assert standing(campaign).confirmed == 1
    assert AuditLine.objects.filter(action="campaign.confirm", office_id=office.consulate_id).count() == 2


def test_an_office_that_works_on_no_day_does_not_confirm(offices):
    campaign = make.campaign()
    with pytest.raises(NothingChosen):
        confirm(asked(campaign, "phoenix"), {})
    assert Session.objects.count() == 3


def test_an_office_declines_with_a_reason_and_may_think_again(offices):
    campaign = make.campaign()
    office = asked(campaign, "phoenix")
    office = decline_office(office=office, version=0, reason="Obras en el edificio", by=UserFactory(), now=NOW)

    assert (office.answer, office.sessions.count()) == (Answer.DECLINED, 0)
    assert AuditLine.objects.get(action="campaign.decline").reason == "Obras en el edificio"
    office = confirm(office)
    assert (office.answer, office.reason, office.sessions.count()) == (Answer.CONFIRMED, "", 1)


def test_no_without_a_reason_is_refused_by_the_database(offices):
    office = asked(make.campaign(), "phoenix")
    with pytest.raises(IntegrityError, match="declines_with_a_reason"), transaction.atomic():
        CampaignOffice.objects.filter(pk=office.pk).update(answer="declined", answered_at=NOW)
    with pytest.raises(IntegrityError, match="answer_has_its_moment"), transaction.atomic():
        CampaignOffice.objects.filter(pk=office.pk).update(answer="confirmed")
    with pytest.raises(IntegrityError, match="published_has_its_moment"), transaction.atomic():
        CampaignOffice.objects.filter(pk=office.pk).update(answer="published", answered_at=NOW)


def test_a_form_that_saw_an_older_answer_is_refused(offices):
    campaign = make.campaign()
    seen = asked(campaign, "phoenix")
    confirm(asked(campaign, "phoenix"))
    with pytest.raises(AnsweredMeanwhile) as refusal:
        decline_office(office=seen, version=seen.version, reason="no", by=UserFactory(), now=NOW)
    assert refusal.value.office.answer == Answer.CONFIRMED
    assert asked(campaign, "phoenix").answer == Answer.CONFIRMED


def test_those_confirmed_are_published_in_one_act_and_others_later(offices):
    campaign = make.campaign()
    with pytest.raises(NothingToPublish):
        publish_campaign(campaign=campaign, by=UserFactory(), now=NOW)
    confirm(asked(campaign, "phoenix"))
    confirm(asked(campaign, "houston"))

    number, published = publish_campaign(campaign=campaign, by=UserFactory(), now=NOW)
    assert (number, published.sessions, published.seats) == (2, 2, 2 * 8 * 3)
    found = standing(campaign)
    assert (found.total, found.confirmed, found.published, found.waiting) == (3, 2, 2, 1)
    # The Wednesday two weeks before, at ten on the clocks of each.
    assert sorted(set(Slot.objects.values_list("opens_at", flat=True))) == [
        datetime(2027, 4, 21, 15, tzinfo=UTC),
        datetime(2027, 4, 21, 17, tzinfo=UTC),
    ]
    with pytest.raises(AlreadyPublished):
        confirm(asked(campaign, "phoenix"))
    confirm(asked(campaign, "new-york"))
    assert publish_campaign(campaign=campaign, by=UserFactory(), now=NOW)[0] == 1
    assert len(public_offices(campaign)) == 3


def test_places_do_not_open_after_the_weekend(offices):
    campaign = make.campaign()
    confirm(asked(campaign, "phoenix"))
    with pytest.raises(OpensTooLate):
        publish_campaign(campaign=campaign, opening=LocalMoment(SUNDAY, time(9)), by=UserFactory(), now=NOW)
    assert standing(campaign).published == 0


def test_all_51_offices_are_asked_in_a_few_queries(django_assert_max_num_queries):
    ConsulateFactory.create_batch(51)
    with django_assert_max_num_queries(22):
        campaign = make.campaign(by=UserFactory(), procedures=None)
    assert standing(campaign).total == Consulate.objects.count() == 51


def test_campaign_called_off_takes_its_drafts_and_leaves_what_offices_had(offices):
    own = plan_session(session_plan(offices[0], kind="saturday", day=SATURDAY))
    campaign = make.campaign()

    assert withdraw_campaign(campaign=campaign, reason="Huracán.", by=UserFactory(), now=NOW) == 2
    assert list(Session.objects.values_list("id", flat=True)) == [own.id]
    assert not CampaignOffice.objects.exists()
    line = AuditLine.objects.get(action="campaign.withdraw")
    assert (line.reason, line.detail["offices"]) == ("Huracán.", 3)
    make.campaign()  # the weekend is free again


def test_campaign_with_a_published_office_is_not_called_off(offices):
    campaign = make.campaign()
    confirm(asked(campaign, "houston"))
    publish_campaign(campaign=campaign, by=UserFactory(), now=NOW)

    with pytest.raises(PartlyPublished):
        withdraw_campaign(campaign=campaign, reason="Huracán.", by=UserFactory(), now=NOW)
    assert campaign.offices.count() == 3
    assert Session.objects.count() == 3
