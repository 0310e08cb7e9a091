"""Tables of supply and of roles. Sessions and roles are for reading: they change on the daily pages, whose services
count who would lose a seat, and know who may give what.
"""

from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consulates.models import Assignment, Consulate, Procedure, Recovery, Session, Slot
from mexitel.accounts.access import person
from mexitel.accounts.models import User
from mexitel.audit.admin_base import AuditedAdmin, LargeAdmin, ReadOnlyAdmin


@admin.register(Consulate)
class ConsulateAdmin(AuditedAdmin):
    list_display = ("code", "name_es", "state", "kind", "time_zone", "opened_on", "closed_on", "address_basis")
    list_filter = ("kind", "state", "address_basis", "is_practice")
    search_fields = ("code", "name_es", "name_en", "city")
    readonly_fields = ("code", "is_practice", "is_sample")


@admin.register(Procedure)
class ProcedureAdmin(AuditedAdmin):
    list_display = ("position", "code", "name_es", "category", "booking", "duration_minutes", "fee_usd", "fee_year")
    list_display_links = ("code",)
    list_filter = ("category", "booking", "fee_year")
    search_fields = ("code", "name_es", "name_en", "group")
    readonly_fields = ("code",)


@admin.register(Session)
class SessionAdmin(LargeAdmin):
    list_display = ("id", "consulate", "kind", "date", "city", "opens_local", "closes_local", "windows", "status")
    list_filter = ("status", "kind", "date", "consulate")
    list_select_related = ("consulate",)
    search_fields = ("city", "place_name", "=id")
    ordering = ("-id",)


@admin.register(Slot)
class SlotAdmin(LargeAdmin):
    list_display = ("id", "session_id", "starts_at", "opens_at", "gate", "closed_at")
    list_filter = ("gate",)
    search_fields = ("=session__id", "=id")
    ordering = ("-id",)
    list_select_related = ("session",)


@admin.register(Assignment)
class AssignmentAdmin(ReadOnlyAdmin):
    about_people = True
    list_display = ("id", "user", "role", "consulate", "starts_at", "ends_at", "granted_by", "ended_by")
    list_filter = ("role", "starts_at", "ends_at", "consulate")
    list_select_related = ("user", "consulate", "granted_by", "ended_by")
    search_fields = ("user__email",)
    ordering = ("-id",)


@admin.register(Recovery)
class RecoveryAdmin(ReadOnlyAdmin):
    about_people = True
    list_display = ("id", "user", "opened_by", "opened_at", "signed_by", "signed_at", "withdrawn_at")
    list_filter = ("opened_at", "signed_at")
    list_select_related = ("user", "opened_by", "signed_by")
    search_fields = ("user__email",)
    ordering = ("-id",)


@admin.register(User)
class UserAdmin(AuditedAdmin):
    """Suspending and letting back in. Contacts are changed by their owner with a code; who is staff follows the roles
    (services/people.py)."""

    about_people = True
    list_display = ("__str__", "is_staff", "is_superuser", "is_active", "date_joined", "last_seen_at")
    list_filter = ("is_staff", "is_superuser", "is_active", "language", "date_joined")
    search_fields = ("email",)
    ordering = ("-id",)
    fields = ("email", "language", "is_active", "is_staff", "is_superuser", "date_joined", "last_seen_at")
    readonly_fields = ("email", "is_staff", "is_superuser", "date_joined", "last_seen_at")
    actions = ("suspend", "let_in")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        closed = obj is not None and (obj.pk == request.user.pk or obj.deleted_at is not None)
        return (*self.readonly_fields, "is_active") if closed else self.readonly_fields

    @admin.action(description=gettext_lazy("Suspend the chosen accounts"))
    def suspend(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._set(request, queryset, active=False)

    @admin.action(description=gettext_lazy("Let the chosen accounts in again"))
    def let_in(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._set(request, queryset, active=True)

    def _set(self, request: HttpRequest, queryset: QuerySet[User], *, active: bool) -> None:
        """Never oneself, nor who deleted their account or left: those come back by an invitation."""
        with transaction.atomic():
            able = queryset.filter(deleted_at=None, is_active=not active).exclude(pk=person(request).pk).order_by("pk")
            # Who left comes back by an invitation.
            able = able.exclude(Q(is_staff=False) & Exists(Assignment.objects.filter(user=OuterRef("pk"))))
            users: list[Any] = list(able.select_for_update(of=("self",), no_key=True))
            for user in users:
                User.objects.filter(pk=user.pk).update(is_active=active)
                self.log_change(request, user, [{"changed": {"fields": ["is_active"]}}])
        messages.success(request, _("Changed: %(count)s.") % {"count": len(users)})
