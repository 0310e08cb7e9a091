from django.contrib import admin

from mexitel.audit.admin_base import LargeAdmin
from mexitel.audit.models import Entry


@admin.register(Entry)
class EntryAdmin(LargeAdmin):
    about_people = True
    list_display = ("at", "actor_id", "actor_kind", "action", "object_type", "object_id", "office_id", "reason")
    list_filter = ("at", "actor_kind")
    search_fields = ("=action", "=object_id")
    ordering = ("-at", "-id")
