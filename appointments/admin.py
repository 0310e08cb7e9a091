"""Tables of demand, all for reading: the claim is the one door to seats and permits."""

from django.contrib import admin

from appointments.models import Appointment, Attendee, CapOverride, Hold, Scope
from mexitel.audit.admin_base import LargeAdmin, ReadOnlyAdmin, ReadOnlyInline


class AttendeeInline(ReadOnlyInline):
    model = Attendee
    fields = ("position", "given_names", "surname_1", "surname_2", "is_minor", "wheelchair", "sign_language")


@admin.register(Appointment)
class AppointmentAdmin(LargeAdmin):
    """The list names nobody; who opens one sees who attends, and a line says so."""

    about_people = True
    list_display = ("reference", "consulate", "procedure", "starts_at", "status", "channel", "created_at")
    list_filter = ("status", "channel", "starts_at", "consulate", "procedure")
    list_select_related = ("consulate", "procedure")
    search_fields = ("=reference", "=id")
    ordering = ("-id",)
    fields = (
        "reference", "status", "consulate", "session", "procedure", "starts_at", "until", "account", "channel",
        "agent_id", "call_reference", "created_at", "times_moved", "cancelled_at", "cancelled_by",
    )  # fmt: skip
    inlines = (AttendeeInline,)


@admin.register(Hold)
class HoldAdmin(LargeAdmin):
    list_display = ("id", "procedure", "channel", "origin", "created_at", "expires_at", "closed_at", "outcome")
    list_filter = ("channel", "outcome", "origin", "created_at")
    list_select_related = ("procedure",)
    search_fields = ("=id",)
    ordering = ("-id",)
    exclude = ("scope_ids",)


@admin.register(Scope)
class ScopeAdmin(LargeAdmin):
    list_display = ("id", "kind", "cap", "override_cap", "override_until", "blocked_until", "group")
    list_filter = ("kind", "override_until", "blocked_until")
    search_fields = ("=id",)
    ordering = ("-id",)
    exclude = ("key",)
    list_select_related = ("group",)


@admin.register(CapOverride)
class CapOverrideAdmin(ReadOnlyAdmin):
    about_people = True
    list_display = ("id", "kind", "account_id", "cap", "author", "created_at", "until")
    list_filter = ("kind", "created_at", "until")
    list_select_related = ("author",)
    search_fields = ("=account__email", "reason")
    ordering = ("-id",)
