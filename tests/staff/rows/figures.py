"""The public figures: anybody reads them."""

from appointments.models import SupplyFact
from tests.staff.matrix import Open


def a_month(world):
    SupplyFact.objects.create(
        day="2026-03-02", consulate=world.office, kind="weekday", sessions=1, sessions_held=1, nominal=9, offered=8,
        reserved=0, is_sample=False,
    )  # fmt: skip
    return {"month": "2026-03"}


def an_office(world):
    return {"code": world.office.code}


def a_month_of_an_office(world):
    return a_month(world) | an_office(world)


def a_file(world):
    a_month(world)
    return {"name": "2026-03"}


ROWS = {
    "figures": Open(),
    "figures_meanings": Open(),
    "figures_month": Open(kwargs=a_month),
    "figures_office": Open(kwargs=an_office),
    "figures_office_month": Open(kwargs=a_month_of_an_office),
    "figures_file": Open(kwargs=a_file),
    "figures_dictionary": Open(),
    "api_figures": Open(),
    "api_figures_meanings": Open(),
    "api_figures_month": Open(kwargs=a_month),
    "api_figures_office": Open(kwargs=an_office),
    "api_figures_office_month": Open(kwargs=a_month_of_an_office),
}
