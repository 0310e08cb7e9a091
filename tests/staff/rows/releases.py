"""Releases: who writes them down, who approves, and the public pages, which anyone may open."""

from consulates.models import Release, ReleaseRule
from consulates.releases.drafting import save_draft
from tests.factories import release_drafts as drafts
from tests.factories.accounts import UserFactory
from tests.factories.appointments import NOW
from tests.staff.matrix import MANAGERS, PLANNERS, Open, Staff, World, in_office

SIGNERS = MANAGERS | {"senior_reviewer"}
READERS = PLANNERS | SIGNERS


def a_draft(world: World) -> dict:
    """Without sessions, so that whoever approves it is told so."""
    by = UserFactory(staff=True, second_factor=False)
    return {**in_office(world), "release_id": save_draft(drafts.terms(), offices=[world.office], by=by, now=NOW).pk}


def an_announced_one(world: World) -> dict:
    """It refuses to be discarded, so that the next role finds it too."""
    arguments = a_draft(world)
    release = Release.objects.filter(pk=arguments["release_id"])
    release.update(state="announced", announced_at=NOW, approved_at=NOW, approved_by=UserFactory(staff=True))
    return arguments


def a_rule(world: World) -> dict:
    made = ReleaseRule.objects.create(
        consulate=world.office, name="Semana", weekday=2, hour=drafts.time(13, 30), weeks_ahead=2, kinds=["weekday"],
        made_by=UserFactory(staff=True, second_factor=False), made_at=NOW,
    )  # fmt: skip
    return {**in_office(world), "rule_id": made.pk}


def in_public(world: World) -> dict:
    return {"release_id": an_announced_one(world)["release_id"]}


ROWS = {
    "release": Open(kwargs=in_public),
    "api_releases": Open(),
    "api_release": Open(kwargs=in_public),
    "staff_releases": Staff(get=READERS, kwargs=in_office),
    "staff_release_new": Staff(get=PLANNERS, post=PLANNERS, kwargs=in_office),
    "staff_release": Staff(get=READERS, kwargs=a_draft),
    "staff_release_edit": Staff(get=PLANNERS, post=PLANNERS, kwargs=a_draft),
    "staff_release_sessions": Staff(get=PLANNERS, post=PLANNERS, kwargs=a_draft),
    "staff_release_approve": Staff(get=SIGNERS, post=SIGNERS, kwargs=a_draft),
    "staff_release_cancel": Staff(get=PLANNERS, post=PLANNERS, kwargs=an_announced_one),
    "staff_release_discard": Staff(post=PLANNERS, kwargs=an_announced_one),
    "staff_release_rules": Staff(get=PLANNERS, kwargs=in_office),
    "staff_release_rule_new": Staff(get=PLANNERS, post=PLANNERS, kwargs=in_office),
    "staff_release_rule_end": Staff(post=PLANNERS, kwargs=a_rule),
    "staff_foresight": Staff(get=READERS, kwargs=in_office),
}
