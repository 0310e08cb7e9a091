from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from mexitel.accounts.access import landing, safe_next
from mexitel.accounts.models import User


def sign_in(request: HttpRequest, extra_context: dict | None = None) -> HttpResponseBase:
    """The admin has no door of its own: strangers go to the staff sign-in, citizens are refused."""
    target = safe_next(request)
    if not request.user.is_authenticated:
        return redirect(f"{reverse('staff_sign_in')}?{urlencode({'next': target})}")
    if not request.user.needs_second_factor:
        raise PermissionDenied
    return redirect(target or landing(request.user))


admin.site.login = sign_in  # type: ignore[method-assign,assignment]


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """Roles and suspension. Contacts are changed by their owner with a code, passwords by staff_account."""

    list_display = ("__str__", "is_staff", "is_active", "date_joined", "last_seen_at")
    list_filter = ("is_staff", "is_superuser", "is_active")
    search_fields = ("email",)
    fields = ("email", "language", "is_active", "is_staff", "is_superuser", "groups", "date_joined", "last_seen_at")
    readonly_fields = ("email", "date_joined", "last_seen_at")
    filter_horizontal = ("groups",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return request.user.is_superuser

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        own = ("is_active", "is_staff", "is_superuser", "groups") if obj and obj.pk == request.user.pk else ()
        return (*self.readonly_fields, *own)
