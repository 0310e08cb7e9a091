"""What every table of Django's admin keeps to: who may is the site's question, every change and every look at people
leaves a line in the audit trail, and the history holds no personal data.

Rows are never deleted here, and most tables are for reading: what the daily pages do goes through services with rules
that a form of the admin would go round.
"""

from typing import Any

from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin, TabularInline
from unfold.paginator import InfinitePaginator

from mexitel.audit.services import record
from mexitel.utils.time import now


class AuditedAdmin(ModelAdmin):
    """``about_people``: seeing one row, or the list, is seeing personal data."""

    about_people = False
    warn_unsaved_form = True
    list_per_page = 50

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.admin_site.has_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.admin_site.has_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.admin_site.has_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.admin_site.has_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        if self.about_people and request.method == "GET":
            self._record(request, "admin.list", (self.opts.label_lower, "list"))
        return response

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict | None = None,
    ) -> HttpResponse:
        with transaction.atomic():
            response = super().changeform_view(request, object_id, form_url, extra_context)
            if self.about_people and object_id is not None and request.method == "GET" and response.status_code == 200:
                self._record(request, "admin.see", (self.opts.label_lower, object_id))
        return response

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        self._log(request, obj, ADDITION, [])

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:
        self._log(request, obj, CHANGE, _fields(message))

    def _log(self, request: HttpRequest, obj: models.Model, flag: int, fields: list[str]) -> None:
        """The history says which row and which fields, never what stands in them."""
        LogEntry.objects.create(
            user_id=request.user.pk,  # type: ignore[misc]  # nobody is here without a sign-in
            content_type=ContentType.objects.get_for_model(obj, for_concrete_model=False),
            object_id=str(obj.pk),
            object_repr=f"{obj._meta.label_lower} {obj.pk}"[:200],
            action_flag=flag,
            change_message=", ".join(fields),
        )
        self._record(request, "admin.add" if flag == ADDITION else "admin.change", obj, {"fields": fields})

    def _record(self, request: HttpRequest, action: str, target: Any, detail: dict | None = None) -> None:
        record(actor=request.user, action=action, target=target, now=now(), detail=detail)


class ReadOnlyAdmin(AuditedAdmin):
    warn_unsaved_form = False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


class LargeAdmin(ReadOnlyAdmin):
    """For tables of millions: pages without a count of all rows."""

    paginator = InfinitePaginator
    show_full_result_count = False


class ReadOnlyInline(TabularInline):
    extra = 0
    can_delete = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.admin_site.has_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _fields(message: Any) -> list[str]:
    """The names of the changed fields, from the parts that the admin makes of a form."""
    parts = message if isinstance(message, list) else []
    return sorted({name for part in parts for name in part.get("changed", {}).get("fields", [])})
