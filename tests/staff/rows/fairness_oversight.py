"""Rules, the dashboard, and what people report of charges."""

from antifraud.oversight.reports import file_report
from antifraud.oversight.rules import draft, standing
from consulates.models import Role
from mexitel.utils.time import now
from tests.factories.accounts import UserFactory
from tests.staff.matrix import Open, Staff

AUDITORS = frozenset({Role.AUDITOR, Role.OFFICE_MANAGER, Role.ADMINISTRATOR})
REVIEWERS = frozenset({Role.REVIEWER, Role.SENIOR_REVIEWER})


def a_report(world):
    return {"report_id": file_report(words="-", now=now()).pk}


def a_ruleset(world):
    return {"number": standing(now=now()).number}


def a_draft(world):
    """Somebody else's: whoever reviews is led back to its page."""
    one = draft(data=standing(now=now()).data, note="-", by=UserFactory(staff=True), now=now())
    return {"number": one.number}


ROWS = {
    "charged": Open(),
    "charged_thanks": Open(),
    "fairness_figures": Open(),
    "staff_rulesets": Staff(get=REVIEWERS),
    "staff_ruleset_new": Staff(get=REVIEWERS, post=REVIEWERS),
    "staff_ruleset": Staff(get=REVIEWERS, post=REVIEWERS, kwargs=a_ruleset, of_office=False),
    "staff_ruleset_edit": Staff(get=REVIEWERS, post=REVIEWERS, kwargs=a_draft, of_office=False),
    "staff_dashboard": Staff(get=REVIEWERS | AUDITORS),
    "staff_reports": Staff(get=REVIEWERS),
    "staff_report": Staff(get=REVIEWERS, post=REVIEWERS, kwargs=a_report, of_office=False),
}
