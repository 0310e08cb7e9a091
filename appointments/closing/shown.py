"""A proposal as a page shows it: to whoever has the link, with initials; to the account, beside its appointments."""

from dataclasses import dataclass
from datetime import datetime

from appointments.closing.answers import Offer, OfferState, as_offered, offer_of
from appointments.closing.tokens import token_for
from appointments.models import Closure, Orphan
from appointments.visits import Visit, visits_of
from consulates.models import Session
from consulates.wording import moment
from mexitel.accounts.models import User


@dataclass(frozen=True)
class ShownOffer:
    """``visits`` are what is held, or what stands once it was answered; ``earlier`` the times that were lost."""

    token: str
    state: OfferState
    visits: list[Visit]
    earlier: list[str]
    until: str
    closure: Closure | None

    @property
    def several(self) -> bool:
        return sum(len(visit.visitors) for visit in self.visits) > 1

    @property
    def first(self):
        return self.visits[0].first


def shown(offer: Offer, *, now: datetime) -> ShownOffer:
    """Of what was answered, the appointments as they stand."""
    people = as_offered(offer) if offer.state in {OfferState.OPEN, OfferState.OVER} else offer.appointments
    latest = {orphan.appointment_id: orphan for orphan in offer.orphans}
    zones = dict(Session.objects.filter(pk__in=[o.session_id for o in latest.values()]).values_list("pk", "time_zone"))
    earlier = sorted({(orphan.starts_at, zones[orphan.session_id]) for orphan in latest.values()})
    return ShownOffer(
        token=token_for(offer.hold.pk),
        state=offer.state,
        visits=visits_of(people, now=now),
        earlier=[moment(at, zone) for at, zone in earlier],
        until=moment(offer.hold.expires_at, people[0].session.time_zone),
        closure=offer.orphans[-1].closure if offer.orphans else None,
    )


def own_offers(account: User, *, now: datetime) -> list[ShownOffer]:
    """What the account can accept now, soonest to end first."""
    found = Orphan.objects.open().filter(appointment__account=account, hold_id__isnull=False, offer_until__gt=now)
    holds = dict.fromkeys(found.order_by("offer_until", "pk").values_list("hold_id", flat=True))
    offers = [offer_of(hold_id, now=now) for hold_id in holds]
    return [shown(offer, now=now) for offer in offers if offer and offer.state == OfferState.OPEN]
