"""Pure: what each role may do. The one table; pages, menus and tests ask it (docs/staff.md shows it)."""

from collections.abc import Mapping
from enum import StrEnum

from .models.role import Role


class May(StrEnum):
    """What a page asks for. Each page of staff names one."""

    SEE = "see"  # the office's plan, without personal data
    PLAN = "plan"  # drafts, templates, holidays, capacity, suspensions, notices, tours
    PUBLISH = "publish"  # drafts become bookable; hours of published sessions change
    TRANSFER = "transfer"  # import and export
    CLOSE = "close"  # a day, an office or a stop; work lists of people who lost their seat
    SIGN = "sign"  # the second signature of a colleague's act
    CAMPAIGN = "campaign"  # acts of the whole network
    DESK = "desk"  # the day itself: roster, arrivals, outcomes, walk-ins
    PHONE = "phone"  # search, book, move and cancel for callers
    EMERGENCY = "emergency"  # decide requests for an urgent appointment
    PEOPLE = "people"  # invite staff, give and end roles
    AUDIT = "audit"  # read the trail of who did and saw what
    REVIEW = "review"  # suspected brokers
    ADMIN = "admin"  # Django's admin


_EVERY_DAY = {May.SEE, May.DESK, May.PHONE}
PERMISSIONS: Mapping[Role, frozenset[May]] = {
    Role.PLANNER: frozenset({May.SEE, May.PLAN, May.PUBLISH, May.TRANSFER}),
    Role.DESK_CLERK: frozenset(_EVERY_DAY),
    Role.PHONE_AGENT: frozenset({May.SEE, May.PHONE}),
    Role.OFFICE_MANAGER: frozenset(
        _EVERY_DAY | {May.PLAN, May.PUBLISH, May.TRANSFER, May.CLOSE, May.SIGN, May.EMERGENCY, May.PEOPLE, May.AUDIT}
    ),
    Role.NETWORK_COORDINATOR: frozenset(
        {May.SEE, May.PLAN, May.PUBLISH, May.TRANSFER, May.CLOSE, May.SIGN, May.CAMPAIGN, May.EMERGENCY}
    ),
    Role.REVIEWER: frozenset({May.SEE, May.REVIEW}),
    Role.SENIOR_REVIEWER: frozenset({May.SEE, May.REVIEW, May.SIGN}),
    Role.AUDITOR: frozenset({May.SEE, May.AUDIT}),
    Role.ADMINISTRATOR: frozenset({May.SEE, May.PEOPLE, May.AUDIT, May.ADMIN}),
}

# Who gives and ends which roles: a manager those below, in the same office; an administrator any.
GIVES: Mapping[Role, frozenset[Role]] = {
    Role.OFFICE_MANAGER: frozenset({Role.PLANNER, Role.DESK_CLERK, Role.PHONE_AGENT}),
    Role.ADMINISTRATOR: frozenset(Role),
}
# In the practice office everybody of the staff may do what they may do somewhere, apart from these.
NEVER_PRACTISED = frozenset({May.AUDIT, May.ADMIN, May.PEOPLE})


def table_of_permissions() -> str:
    """The table that docs/staff.md shows, as Markdown."""
    rows = ["| role | " + " | ".join(may.value for may in May) + " | gives |"]
    rows.append("| --- |" + " :-: |" * len(May) + " --- |")
    for role in Role:
        marks = " | ".join("x" if may in PERMISSIONS[role] else " " for may in May)
        given = GIVES.get(role, frozenset())
        gives = "any role" if given == frozenset(Role) else ", ".join(one.value for one in Role if one in given)
        rows.append(f"| {role.value} | {marks} | {gives or '-'} |")
    return "\n".join(rows)
