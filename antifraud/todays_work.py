"""What waits for reviewers: appeals against the clock, and proposals that nobody has decided."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from antifraud.models import Appeal, Block
from consulates.roles import May
from consulates.today import Asked, Line, address, first_few, kind_of_work

REVIEW = gettext_lazy("To review")


@kind_of_work(31, REVIEW, May.REVIEW)
def appeals(asked: Asked) -> Iterable[Line]:
    """Those that this person may decide: not against what they decided. None is of an office, nor of practice."""
    own = asked.access.user.pk
    waiting = (
        [] if asked.practice else Appeal.objects.waiting().select_related("block", "decision").defer("words", "answer")
    )
    lines = (
        Line(
            _("Appeal: %(what)s") % {"what": _against(one)},
            address("staff_appeal", one.pk),
            _hours_left(one, asked),
            urgent=one.answer_by <= asked.now,
        )
        for one in waiting
        if own not in (one.against_author_id, one.against_approver_id)
    )
    return first_few(lines, address("staff_appeals"))


@kind_of_work(32, REVIEW, May.REVIEW)
def proposals(asked: Asked) -> Iterable[Line]:
    """After a day their bookers need no telephone any more: those are late."""
    waiting = [] if asked.practice else Block.objects.waiting().order_by("proposed_at", "pk")
    lines = (
        Line(
            _("Proposed block: %(what)s") % {"what": one.mask},
            address("staff_block", one.pk),
            one.get_kind_display(),
            urgent=one.step_up_until <= asked.now,
        )
        for one in waiting
    )
    return first_few(lines, f"{address('staff_blocks')}?estado=proposed")


def _against(appeal: Appeal) -> str:
    if appeal.decision is not None:
        return _("appointments of case %(number)d") % {"number": appeal.decision.case_id}
    return appeal.block.mask if appeal.block else ""


def _hours_left(appeal: Appeal, asked: Asked) -> str:
    hours = int((appeal.answer_by - asked.now).total_seconds() // 3600)
    if hours < 0:
        return _("late")
    return ngettext("%(count)d hour left", "%(count)d hours left", hours) % {"count": hours}
