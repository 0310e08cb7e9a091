from django.contrib import admin

from mexitel.audit.admin_base import LargeAdmin
from mexitel.outbox.models import OutgoingMessage


@admin.register(OutgoingMessage)
class OutgoingMessageAdmin(LargeAdmin):
    """What became of each message. Neither whom it went to nor its words are shown: they may hold a code."""

    list_display = ("id", "channel", "kind", "language", "created_at", "sent_at", "bounced_at", "given_up_reason")
    list_filter = ("channel", "language", "created_at", "sent_at", "bounced_at", "given_up_reason")
    search_fields = ("=kind", "=id")
    ordering = ("-id",)
    exclude = ("recipient", "recipient_hash", "body", "dedupe_key")
