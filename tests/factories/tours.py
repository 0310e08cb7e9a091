"""Tours and campaigns of invented offices."""

from datetime import date, time

from consulates.models import Campaign, Consulate, Stop, Tour, TourKind, Upload
from consulates.services.campaigns import call_campaign
from consulates.services.tours import StopPlan, save_stop, save_tour
from consulates.transfer.saving import keep_upload
from mexitel.accounts.models import User
from tests.factories.accounts import UserFactory
from tests.factories.consulates import NOW, ProcedureFactory, venue

SATURDAY = date(2027, 5, 8)


def tour(office: Consulate, **changes) -> Tour:
    values = {"kind": TourKind.MOBILE, "name": "Norte de Nevada", "team": "A", "vehicle": "", "kit": ""}
    by = changes.pop("by", None) or UserFactory()
    return save_tour(consulate=office, by=by, now=NOW, **(values | changes))


def stop_plan(**changes) -> StopPlan:
    """Two days in Reno, from nine to eleven: two windows, four slots, eight seats a day."""
    values = {
        "first_day": date(2027, 1, 16),
        "last_day": date(2027, 1, 17),
        "opens": time(9),
        "closes": time(11),
        "venue": venue(),
        "windows": 2,
        "slot_minutes": 30,
        "procedures": (),
    }
    return StopPlan(**(values | changes))


def stop(of: Tour, **changes) -> Stop:
    return save_stop(tour=of, plan=stop_plan(**changes), by=UserFactory(), now=NOW)


def campaign(*, by: User | None = None, **changes) -> Campaign:
    values = {
        "name": "Sábado consular",
        "saturday": SATURDAY,
        "on_saturday": True,
        "on_sunday": False,
        "opens": time(9),
        "closes": time(14),
        "slot_minutes": 30,
    }
    procedures = changes.pop("procedures", None) or [ProcedureFactory()]
    return call_campaign(procedures=procedures, by=by or UserFactory(), now=NOW, **(values | changes))


def upload(office: Consulate, by: User, content: bytes = b"code\nx\n", subject: str = "sessions") -> Upload:
    return keep_upload(office=office, subject=subject, name="jornadas.csv", content=content, by=by, now=NOW)
