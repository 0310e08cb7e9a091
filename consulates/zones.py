"""Pure: the time zones of the United States by state, to propose one for a host city. Staff decide.

Fourteen states lie in two zones. There the zone is proposed by longitude, along a line that leaves each larger town
on its own side; the counties that do otherwise are few, and the form lets staff choose any zone of the state.
"""

ONE_ZONE = {
    "America/New_York": "CT DC DE GA MA MD ME NC NH NJ NY OH PA RI SC VA VT WV",
    "America/Chicago": "AL AR IA IL LA MN MO MS OK WI",
    "America/Denver": "CO MT NM UT WY",
    "America/Los_Angeles": "CA NV WA",
    "America/Phoenix": "AZ",
    "America/Anchorage": "AK",
    "Pacific/Honolulu": "HI",
    "America/Puerto_Rico": "PR",
    "America/St_Thomas": "VI",
    "Pacific/Guam": "GU",
}
# West of the longitude the first zone, east of it the second.
TWO_ZONES = {
    "FL": (-85.2, "America/Chicago", "America/New_York"),
    "IN": (-86.9, "America/Chicago", "America/Indiana/Indianapolis"),
    "KS": (-101.3, "America/Denver", "America/Chicago"),
    "KY": (-85.95, "America/Chicago", "America/Kentucky/Louisville"),
    "MI": (-87.45, "America/Menominee", "America/Detroit"),
    "ND": (-101.3, "America/Denver", "America/Chicago"),
    "NE": (-101.0, "America/Denver", "America/Chicago"),
    "OR": (-118.2, "America/Los_Angeles", "America/Boise"),
    "SD": (-100.6, "America/Denver", "America/Chicago"),
    "TN": (-85.25, "America/Chicago", "America/New_York"),
    "TX": (-104.9, "America/Denver", "America/Chicago"),
}
# Idaho is split from north to south.
IDAHO = (45.5, "America/Los_Angeles", "America/Boise")
# Towns that keep the hour of their neighbours across a border; offered, never proposed.
ALSO = {
    "AL": ["America/New_York"],
    "AZ": ["America/Denver"],
    "AK": ["America/Adak", "America/Juneau"],
    "IN": ["America/New_York"],
    "KY": ["America/New_York"],
    "NV": ["America/Denver"],
    "IL": [],
}
_OF = {state: name for name, states in ONE_ZONE.items() for state in states.split()}


def proposed_zone(*, state: str, latitude: float, longitude: float) -> str | None:
    """The zone in which clocks most probably run there; None for a state that we do not know."""
    if state == "ID":
        return IDAHO[1] if latitude > IDAHO[0] else IDAHO[2]
    if state in TWO_ZONES:
        line, west, east = TWO_ZONES[state]
        return west if longitude < line else east
    return _OF.get(state)


def zones_of(state: str) -> list[str]:
    """Every zone that a town of the state may keep."""
    own = [_OF[state]] if state in _OF else list(TWO_ZONES.get(state, ("",))[1:])
    return [*own, *(IDAHO[1:] if state == "ID" else []), *ALSO.get(state, [])]


def all_zones() -> list[str]:
    states = [*_OF, *TWO_ZONES, "ID"]
    return sorted({name for state in states for name in zones_of(state)})
