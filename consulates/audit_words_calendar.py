"""What news of openings leaves in the audit trail, in words."""

from django.utils.translation import gettext_lazy as _

ACTIONS = {
    "alert.ask": _("asked for news of openings for somebody"),
    "alert.stop": _("ended somebody's news of openings"),
}
NOUNS = {"alert": _("news of openings")}
