"""The menu of the staff's pages: each entry with the permission that its page asks for. Rooms above add theirs by URL
name only, so nothing here imports them; a page that does not exist yet is left out.
"""

from typing import NamedTuple

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mexitel.utils.time import now

from .access import Access, office_at_hand
from .help_texts import HELP
from .models import Consulate, Role
from .roles import May
from .selectors.notices import notices_for


class Entry(NamedTuple):
    """``of_office``: its address names the office. ``also``: URL names whose pages belong under it. ``or_may``: each of
    these permissions opens it too.
    """

    name: str
    may: May
    text: Promise
    of_office: bool = True
    also: tuple[str, ...] = ()
    or_may: tuple[May, ...] = ()


PEOPLE_PAGES = (
    "staff_invite", "staff_person", "staff_role_give", "staff_role_end", "staff_leave", "staff_recovery_open",
)  # fmt: skip
CONSOLE_PAGES = (
    "staff_console_register", "staff_console_take", "staff_console_hold", "staff_console_done", "staff_console_cancel",
    "staff_console_code", "staff_console_correct", "staff_console_verify", "staff_console_recover", "staff_line",
    "staff_emergency_caller", "staff_emergency_ask", "staff_review_caller", "staff_review_ask",
    "staff_console_waiting", "staff_draws", "staff_draw_ask", "staff_console_queues", "staff_console_queue_times",
    "staff_post_new",
)  # fmt: skip
DESK_PAGES = (
    "staff_case", "staff_case_reveal", "staff_case_decide", "staff_cases_decide", "staff_decisions", "staff_decision",
    "staff_accounts", "staff_account", "staff_account_reveal",
)  # fmt: skip
ADVERT_PAGES = (
    "staff_post", "staff_post_new", "staff_post_exports", "staff_phrases", "staff_phrases_edit", "staff_post_baseline",
)  # fmt: skip
RELEASE_PAGES = (
    "staff_release", "staff_release_new", "staff_release_edit", "staff_release_sessions", "staff_release_approve",
    "staff_release_cancel", "staff_release_rules", "staff_release_rule_new", "staff_foresight",
)  # fmt: skip
MENU: list[Entry] = [
    Entry("staff_home", May.SEE, _("Start"), of_office=False),
    Entry(
        "staff_week",
        May.SEE,
        _("Calendar"),
        also=(
            "staff_session",
            "staff_session_new",
            "staff_session_edit",
            "staff_session_delete",
            "staff_week_copy",
            "staff_publish",
        ),
    ),
    Entry(
        "staff_planning",
        May.PLAN,
        _("Planning"),
        also=(
            "staff_holidays",
            "staff_capacity",
            "staff_undo",
            "staff_notices",
            "staff_template",
            "staff_template_new",
            "staff_freed",
        ),
    ),
    Entry(
        "staff_tours",
        May.PLAN,
        _("Tours"),
        also=(
            "staff_tour",
            "staff_tour_new",
            "staff_tour_edit",
            "staff_tour_publish",
            "staff_stop_new",
            "staff_stop_edit",
        ),
    ),
    Entry("staff_demand", May.PLAN, _("Demand"), of_office=False, also=("staff_demand_site", "staff_demand_tour")),
    Entry("staff_releases", May.PUBLISH, _("Openings"), also=RELEASE_PAGES, or_may=(May.SIGN,)),
    Entry(
        "staff_closures",
        May.CLOSE,
        _("Closures"),
        also=("staff_closure", "staff_closure_new", "staff_closure_sign", "staff_orphan"),
    ),
    Entry("staff_suspensions", May.PLAN, _("Suspensions"), also=("staff_suspension_new",)),
    Entry(
        "staff_roster",
        May.DESK,
        _("The day"),
        also=(
            "staff_roster_day",
            "staff_roster_print",
            "staff_find",
            "staff_offline",
            "staff_visit",
            "staff_next",
            "staff_walk_in",
            "staff_day_summary",
            "staff_day_close",
            "staff_wall",
        ),
    ),
    Entry("staff_coming", May.CLOSE, _("Not confirmed"), or_may=(May.PHONE,)),
    Entry("staff_console", May.PHONE, _("Telephone"), of_office=False, also=CONSOLE_PAGES),
    Entry("staff_identity_calls", May.PHONE, _("Confirm appointments"), of_office=False, also=("staff_identity_call",)),
    Entry("staff_emergencies", May.EMERGENCY, _("Emergencies"), of_office=False, also=("staff_emergency",)),
    Entry("staff_emergencies_to_sign", May.SIGN, _("To sign"), of_office=False, also=("staff_emergency_sign",)),
    Entry("staff_drawings", May.SIGN, _("Public numbers"), of_office=False, also=("staff_drawing",)),
    Entry("staff_grants", May.AUDIT, _("Outside the public pool"), also=("staff_emergency_samples",)),
    Entry(
        "staff_campaigns",
        May.PLAN,
        _("Campaigns"),
        of_office=False,
        also=(
            "staff_campaign",
            "staff_campaign_new",
            "staff_campaign_office",
            "staff_campaign_publish",
            "staff_campaign_withdraw",
        ),
    ),
    Entry("staff_transfer", May.TRANSFER, _("Import and export"), also=("staff_transfer_check", "staff_export")),
    Entry("staff_cases", May.REVIEW, _("Cases"), of_office=False, also=DESK_PAGES),
    Entry(
        "staff_blocks",
        May.REVIEW,
        _("Blocks"),
        of_office=False,
        also=("staff_block", "staff_block_new", "staff_blocks_confirm"),
    ),
    Entry("staff_appeals", May.REVIEW, _("Appeals"), of_office=False, also=("staff_appeal",)),
    Entry("staff_second_looks", May.REVIEW, _("Second looks"), of_office=False, also=("staff_second_look",)),
    Entry("staff_helpers", May.REVIEW, _("Helpers"), of_office=False, also=("staff_helper",)),
    Entry("staff_lanes", May.PLAN, _("Devices"), of_office=False, also=("staff_lane", "staff_lane_new")),
    Entry("staff_reports", May.REVIEW, _("Reports"), of_office=False, also=("staff_report",)),
    Entry("staff_posts", May.REVIEW, _("Adverts"), of_office=False, also=ADVERT_PAGES),
    Entry(
        "staff_rulesets",
        May.REVIEW,
        _("Rules"),
        of_office=False,
        also=("staff_ruleset", "staff_ruleset_new", "staff_ruleset_edit"),
    ),
    Entry("staff_dashboard", May.REVIEW, _("Dashboard"), of_office=False, or_may=(May.AUDIT,)),
    Entry("staff_people", May.PEOPLE, _("Staff"), of_office=False, also=PEOPLE_PAGES),
    Entry("staff_recoveries", May.SIGN, _("Lost second factors"), of_office=False, also=("staff_recovery",)),
    Entry("staff_audit", May.AUDIT, _("Who did what"), of_office=False),
    Entry("admin:index", May.ADMIN, _("Administration"), of_office=False),
    Entry("staff_help", May.SEE, _("Help"), of_office=False, also=("staff_help_role",)),
]


# What the help of a role (help_texts.py) says about the pages of an entry.
STEPS = {
    "staff_home": "start",
    "staff_week": "week",
    "staff_planning": "planning",
    "staff_tours": "tours",
    "staff_demand": "demand",
    "staff_releases": "releases",
    "staff_closures": "closures",
    "staff_suspensions": "closures",
    "staff_roster": "roster",
    "staff_coming": "coming",
    "staff_console": "console",
    "staff_identity_calls": "identity",
    "staff_emergencies": "emergencies",
    "staff_emergencies_to_sign": "sign",
    "staff_drawings": "drawings",
    "staff_grants": "grants",
    "staff_campaigns": "campaigns",
    "staff_transfer": "transfer",
    "staff_cases": "cases",
    "staff_blocks": "blocks",
    "staff_appeals": "appeals",
    "staff_second_looks": "second_looks",
    "staff_helpers": "helpers",
    "staff_lanes": "lanes",
    "staff_reports": "reports",
    "staff_posts": "adverts",
    "staff_rulesets": "rules",
    "staff_dashboard": "dashboard",
    "staff_people": "invite",
    "staff_recoveries": "recovery",
    "staff_audit": "audit",
}


class Link(NamedTuple):
    href: str
    text: Promise
    is_here: bool


def links(request: HttpRequest, access: Access, office: Consulate | None) -> list[Link]:
    """What this person may open, in the office ``office``."""
    here = (request.resolver_match and request.resolver_match.url_name) or ""
    found = []
    for entry in MENU:
        if entry.of_office and office is None:
            continue
        where = office.id if entry.of_office and office else None
        if not any(access.may(one, where) for one in (entry.may, *entry.or_may)):
            continue
        try:
            href = address_of(entry, access, office, here)
        except NoReverseMatch:
            continue
        found.append(Link(href, entry.text, here == entry.name or here in entry.also))
    return found


def address_of(entry: Entry, access: Access, office: Consulate | None, here: str) -> str:
    """The help is that of the person's own role, at what it says about this page. Raises NoReverseMatch."""
    if entry.name == "staff_help":
        step = next((STEPS.get(one.name, "") for one in MENU if here == one.name or here in one.also), "")
        return help_address(sorted(access.roles), step)
    return reverse(entry.name, args=[office.code] if entry.of_office and office else [])


def help_address(roles: list[Role], step: str) -> str:
    """Of the first role whose help has the step; else of the only role, or of all."""
    for role in roles:
        if step in {one.name for one in HELP[role].steps}:
            return f"{reverse('staff_help_role', args=[role])}#{step}"
    return reverse("staff_help_role", args=[roles[0]]) if len(roles) == 1 else reverse("staff_help")


def context(request: HttpRequest) -> dict:
    """For templates/staff_base.html: on pages of staff only (``staff_page`` has set the access)."""
    access = getattr(request, "access", None)
    if access is None:
        return {}
    office = office_at_hand(request, access)
    return {
        "staff_office": office,
        "staff_links": links(request, access, office),
        "office_notices": notices_for(office, now()),
    }
