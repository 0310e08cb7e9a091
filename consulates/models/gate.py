from django.db import models
from django.utils.translation import gettext_lazy as _


class Gate(models.TextChoices):
    """How seats are given from the moment that they open: to whoever comes first, through a queue, or by lots."""

    OPEN = "open", _("First come, first served")
    QUEUE = "queue", _("Through the queue")
    DRAW = "draw", _("By draw")
