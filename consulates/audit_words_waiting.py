"""What the waiting list leaves in the audit trail, in words."""

from django.utils.translation import gettext_lazy as _

ACTIONS = {
    "waiting.join": _("joined the waiting list for somebody"),
    "waiting.leave": _("took somebody off the waiting list"),
    "waiting.decline": _("declined an offer of the waiting list for somebody"),
    "waiting.front": _("brought somebody to the front of the waiting list"),
}
