"""What waits for reviewers here: adverts to read, and confirmed ones to report."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from antifraud.models import Post
from antifraud.models.adverts import TO_REPORT
from consulates.roles import May
from consulates.today import Asked, Line, address, first_few, kind_of_work

REVIEW = gettext_lazy("To review")


@kind_of_work(37, REVIEW, May.REVIEW)
def adverts(asked: Asked) -> Iterable[Line]:
    if asked.practice:
        return []
    waiting = Post.objects.to_triage().in_nobodys_hand(now=asked.now).by_urgency().without_words()
    lines = (
        Line(_("Advert on %(platform)s") % {"platform": one.get_platform_display()}, address("staff_post", one.pk), "")
        for one in waiting
    )
    return first_few(lines, address("staff_posts"))


@kind_of_work(38, REVIEW, May.REVIEW)
def to_report(asked: Asked) -> Iterable[Line]:
    number = 0 if asked.practice else Post.objects.filter(state__in=TO_REPORT).count()
    if not number:
        return []
    text = ngettext(
        "%(number)d confirmed advert to report", "%(number)d confirmed adverts to report", number
    ) % {"number": number}  # fmt: skip
    return [Line(text, address("staff_post_exports"), "")]
