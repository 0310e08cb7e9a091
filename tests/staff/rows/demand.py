"""Demand, for those who plan."""

from tests.staff.matrix import PLANNERS, Staff, in_office

ROWS = {
    "staff_demand": Staff(get=PLANNERS),
    "staff_demand_site": Staff(get=PLANNERS),
    "staff_demand_tour": Staff(get=PLANNERS, kwargs=in_office),
}
