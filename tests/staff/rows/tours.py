"""Tours, campaigns, import and export."""

from consulates.models import Campaign, Tour
from consulates.services.tours import publish_tour
from tests.factories import tours as make
from tests.factories.accounts import UserFactory
from tests.factories.consulates import NOW
from tests.staff.matrix import COORDINATORS, PLANNERS, Open, Staff, World, in_office


def a_tour(world: World) -> dict:
    return {**in_office(world), "tour_id": make.tour(world.office).pk}


def a_stop(world: World) -> dict:
    tour = make.tour(world.office)
    return {**in_office(world), "tour_id": tour.pk, "stop_id": make.stop(tour).pk}


def a_published_stop(world: World) -> dict:
    """It refuses to be removed, so that the next role finds it too."""
    arguments = a_stop(world)
    publish_tour(tour=Tour.objects.get(pk=arguments["tour_id"]), by=UserFactory(), now=NOW)
    return arguments


def an_upload(world: World) -> dict:
    return {**in_office(world), "upload_id": make.upload(world.office, UserFactory()).pk}


def a_campaign(world: World) -> dict:
    found = Campaign.objects.first() or make.campaign()
    return {"slug": found.slug}


def an_answer(world: World) -> dict:
    return {**in_office(world), **a_campaign(world)}


ROWS = {
    "tours": Open(),
    "campaign": Open(),
    "staff_tours": Staff(get=PLANNERS, kwargs=in_office),
    "staff_tour_new": Staff(get=PLANNERS, post=PLANNERS, kwargs=in_office),
    "staff_tour": Staff(get=PLANNERS, kwargs=a_tour),
    "staff_tour_edit": Staff(get=PLANNERS, post=PLANNERS, kwargs=a_tour),
    "staff_tour_publish": Staff(get=PLANNERS, post=PLANNERS, kwargs=a_tour),
    "staff_stop_new": Staff(get=PLANNERS, post=PLANNERS, kwargs=a_tour),
    "staff_stop_edit": Staff(get=PLANNERS, post=PLANNERS, kwargs=a_stop),
    "staff_stop_remove": Staff(get=PLANNERS, post=PLANNERS, kwargs=a_published_stop),
    "staff_campaigns": Staff(get=PLANNERS),
    "staff_campaign_new": Staff(get=COORDINATORS, post=COORDINATORS),
    "staff_campaign": Staff(get=PLANNERS, kwargs=a_campaign, of_office=False),
    "staff_campaign_publish": Staff(get=COORDINATORS, post=COORDINATORS, kwargs=a_campaign, of_office=False),
    "staff_campaign_withdraw": Staff(get=COORDINATORS, post=COORDINATORS, kwargs=a_campaign, of_office=False),
    "staff_campaign_office": Staff(get=PLANNERS, post=PLANNERS, kwargs=an_answer),
    "staff_transfer": Staff(get=PLANNERS, post=PLANNERS, kwargs=in_office),
    "staff_transfer_check": Staff(get=PLANNERS, post=PLANNERS, kwargs=an_upload),
    "staff_export": Staff(get=PLANNERS, kwargs=in_office),
}
