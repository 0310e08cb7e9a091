"""What waits for reviewers here: reports of charges, and rule sets that a second person may agree to."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from antifraud.models import ChargeReport, ReportState, RuleSetRecord, RuleSetState
from consulates.roles import May
from consulates.today import Asked, Line, address, first_few, kind_of_work

REVIEW = gettext_lazy("To review")


@kind_of_work(35, REVIEW, May.REVIEW)
def reports(asked: Asked) -> Iterable[Line]:
    if asked.practice:
        return []
    waiting = ChargeReport.objects.filter(state=ReportState.NEW).order_by("filed_at").defer("contact", "words")
    lines = (
        Line(_("Report of a charge"), address("staff_report", one.pk), one.get_how_display() or _("not said"))
        for one in waiting
    )
    return first_few(lines, f"{address('staff_reports')}?estado=new")


@kind_of_work(36, REVIEW, May.SIGN)
def rules(asked: Asked) -> Iterable[Line]:
    """Rehearsed drafts of somebody else."""
    if asked.practice or not asked.access.may(May.REVIEW):
        return []
    drafts = RuleSetRecord.objects.filter(state=RuleSetState.DRAFT, rehearsals__state="done").distinct()
    lines = (
        Line(
            _("Rules %(number)s were rehearsed") % {"number": one.number},
            address("staff_ruleset", one.number),
            one.note,
        )
        for one in drafts.exclude(author=asked.access.user).order_by("number")
    )
    return first_few(lines, address("staff_rulesets"))
