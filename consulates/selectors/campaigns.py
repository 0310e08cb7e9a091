"""How a campaign stands, and the public page of its weekend."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from consulates.models import Answer, Campaign, CampaignOffice, Session


@dataclass(frozen=True)
class Standing:
    """Offices by answer; ``confirmed`` counts the published ones too."""

    total: int
    waiting: int
    confirmed: int
    declined: int
    published: int


def standing(campaign: Campaign) -> Standing:
    """Of the whole network: numbers alone, so that every office may see them. One query."""
    counted = Counter(campaign.offices.values_list("answer", flat=True))
    return Standing(
        total=sum(counted.values()),
        waiting=counted[Answer.PROPOSED],
        confirmed=counted[Answer.CONFIRMED] + counted[Answer.PUBLISHED],
        declined=counted[Answer.DECLINED],
        published=counted[Answer.PUBLISHED],
    )


def with_sessions(offices: QuerySet[CampaignOffice]) -> QuerySet[CampaignOffice]:
    """Offices of a campaign with their consulate and sessions, by state and city. Two queries."""
    ordered = Prefetch("sessions", queryset=Session.objects.order_by("starts_at", "id"))
    return offices.select_related("consulate", "answered_by").prefetch_related(ordered)


def public_offices(campaign: Campaign) -> list[CampaignOffice]:
    """The offices whose weekend is published, with sessions that the public can see. Two queries."""
    sessions = Prefetch("sessions", queryset=Session.objects.published().order_by("starts_at", "id"))
    offices = campaign.offices.filter(answer=Answer.PUBLISHED).select_related("consulate").prefetch_related(sessions)
    return [office for office in offices if office.sessions.all()]
