"""What waits on the desk, for a reviewer's first page."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from antifraud.desk.explaining import headline
from antifraud.desk.queue import to_decide, visible_cases
from antifraud.models import Decision
from antifraud.todays_work import REVIEW
from consulates.roles import May
from consulates.today import Asked, Line, address, first_few, kind_of_work


@kind_of_work(30, REVIEW, May.REVIEW)
def cases(asked: Asked) -> Iterable[Line]:
    """In nobody's hand or in this person's own."""
    if asked.practice:
        return []
    waiting = to_decide(visible_cases(asked.access))
    own = asked.access.user.pk
    lines = (
        Line(
            headline(case.reasons, case.facts, kind=case.kind),
            address("staff_case", case.pk),
            _seats(case.seats),
            urgent=case.act_by <= asked.now,
        )
        for case in waiting
        if case.taken_until is None or case.taken_until <= asked.now or case.taken_by_id == own
    )
    return first_few(lines, address("staff_cases"))


@kind_of_work(33, REVIEW, May.SIGN)
def decisions(asked: Asked) -> Iterable[Line]:
    """A colleague's decisions that need this person's approval; only reviewers see cases."""
    if asked.practice or not asked.access.may(May.REVIEW):
        return []
    found = Decision.objects.to_approve().filter(case__in=visible_cases(asked.access)).exclude(author=asked.access.user)
    lines = (
        Line(
            _("To approve: %(act)s") % {"act": one.get_act_display()},
            address("staff_decision", one.pk),
            _seats(len(one.appointment_ids)),
            urgent=one.case.act_by <= asked.now,
        )
        for one in found.select_related("case")
        .order_by("case__act_by", "case_id", "pk")
        .distinct("case__act_by", "case_id")
    )
    return first_few(lines, address("staff_decisions"))


def _seats(count: int) -> str:
    return ngettext("%(count)d appointment", "%(count)d appointments", count) % {"count": count}
