"""What an agent did for a caller in the queues of releases, in the audit trail's words."""

from django.utils.translation import gettext_lazy as _

QUEUE = {
    "caller.queue_join": _("joined a queue for a caller"),
    "caller.queue_leave": _("left a queue for a caller"),
    "caller.queue_enter": _("began to choose a time for a caller whose turn it was"),
}
