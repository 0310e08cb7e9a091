"""The record of who did or saw what, for auditors: in their offices, and looking leaves a line itself."""

import csv
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from consulates.access import StaffRequest, staff_page
from consulates.audit_words import NOUNS, OBJECTS, action_words, object_words
from consulates.models import Consulate
from consulates.roles import May
from consulates.selectors import trail
from mexitel.accounts.models import User
from mexitel.audit.models import AuditLine
from mexitel.audit.services import record
from mexitel.utils.forms import PlainErrors
from mexitel.utils.spreadsheets import safe_row
from mexitel.utils.time import now

DAYS = [(1, _("the last day")), (7, _("the last 7 days")), (31, _("the last 31 days")), (366, _("the last year"))]
USUAL_DAYS = 7
COLUMNS = ["at_utc", "person", "kind", "action", "object", "number", "office", "reason"]
NOBODY = -1


class TrailForm(PlainErrors, forms.Form):
    persona = forms.CharField(label=_("Person (e-mail)"), required=False, max_length=254)
    accion = forms.ChoiceField(label=_("About"), required=False, choices=[("", _("Any")), *NOUNS.items()])
    objeto = forms.ChoiceField(label=_("Kind of thing"), required=False, choices=[("", _("Any")), *OBJECTS.items()])
    numero = forms.CharField(label=_("Its number or key"), required=False, max_length=64)
    oficina = forms.ChoiceField(label=_("Office"), required=False)
    dias = forms.TypedChoiceField(
        label=_("When"), required=False, choices=DAYS, coerce=int, empty_value=None, initial=USUAL_DAYS
    )

    def __init__(self, *args: Any, offices: Iterable[Consulate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ids = {office.code: office.pk for office in offices}
        self.fields["oficina"].choices = [("", _("Any")), *((office.code, office.name) for office in offices)]  # type: ignore[attr-defined]

    def asked(self, scope: frozenset[int] | None, moment: datetime) -> trail.Asked:
        """What does not fit a field is an error on the page; the others still filter."""
        self.is_valid()
        typed = self.cleaned_data
        days = typed.get("dias") or USUAL_DAYS
        return trail.Asked(
            offices=scope,
            since=moment - timedelta(days=days),
            until=moment,
            actor_id=_actor(typed.get("persona", "")),
            action=typed.get("accion", ""),
            object_type=typed.get("objeto", ""),
            object_id=typed.get("numero", "").strip(),
            office_id=self.ids.get(typed.get("oficina", "")),
        )


@require_safe
@staff_page(May.AUDIT)
def staff_audit(request: StaffRequest) -> HttpResponse:
    moment = now()
    form, asked = _asked(request, moment)
    after = _place(request.GET.get("desde", ""))
    found, further = trail.page(asked, after=after)
    _note(request, "audit.read", asked, len(found), moment)
    query = {name: value for name, value in request.GET.items() if name != "desde"}
    context = {
        "form": form,
        "rows": _rows(found),
        "older": urlencode({**query, "desde": f"{further.at.timestamp()}_{further.id}"}) if further else "",
        "first": after is None,
        "query": urlencode(query),
    }
    return render(request, "staff/audit/list.html", context)


@require_safe
@staff_page(May.AUDIT, fresh=True)
def staff_audit_csv(request: StaffRequest) -> StreamingHttpResponse:
    moment = now()
    _form, asked = _asked(request, moment)
    _note(request, "audit.export", asked, trail.lines(asked)[: trail.MOST_EXPORTED].count(), moment)
    response = StreamingHttpResponse(_csv(asked), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="bitacora-{moment:%Y%m%d-%H%M}.csv"'
    return response


def _asked(request: StaffRequest, moment: datetime) -> tuple[TrailForm, trail.Asked]:
    access = request.access
    if not access.may(May.AUDIT):
        raise PermissionDenied
    data = {"dias": USUAL_DAYS, **request.GET.dict()}
    form = TrailForm(data, offices=list(access.offices(May.AUDIT).order_by("is_practice", "state", "city")))
    return form, form.asked(access.where[May.AUDIT], moment)


def _actor(typed: str) -> int | None:
    """The account that is meant; a number nobody has for an e-mail that nobody has."""
    typed = typed.strip().lower()
    if not typed:
        return None
    return User.objects.filter(email=typed).values_list("pk", flat=True).first() or NOBODY


def _note(request: StaffRequest, action: str, asked: trail.Asked, seen: int, moment: datetime) -> None:
    detail = {"seen": seen, "actor": asked.actor_id, "action": asked.action, "days": (moment - asked.since).days}
    record(
        actor=request.user, action=action, target=("audit_line", "list"), now=moment, office_id=asked.office_id,
        detail=detail,
    )  # fmt: skip


def _place(text: str) -> trail.Place | None:
    at, _sep, key = text.partition("_")
    try:
        return trail.Place(datetime.fromtimestamp(float(at), UTC), int(key)) if text else None
    except (ValueError, OverflowError, OSError):
        return None


def _rows(found: list[AuditLine]) -> list[dict]:
    names = trail.names(found)
    cities = dict(Consulate.objects.filter(pk__in={line.office_id for line in found}).values_list("pk", "city"))
    return [
        {
            "at": line.at,
            "who": _who(line, names),
            "did": action_words(line.action),
            "action": line.action,
            "what": object_words(line.object_type, line.object_id),
            "office": cities.get(line.office_id, "") if line.office_id else "",
            "reason": line.reason,
        }
        for line in found
    ]


def _who(line: AuditLine, names: dict[int, str]) -> str:
    if line.actor_id is None:
        return line.actor_kind
    return names.get(line.actor_id) or f"{line.actor_kind} {line.actor_id}"


class _Line:
    """What csv writes to, handing each line on."""

    def write(self, text: str) -> str:
        return text


def _csv(asked: trail.Asked) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield "\ufeff" + writer.writerow(COLUMNS)
    batch: list[AuditLine] = []
    for line in trail.all_lines(asked):
        batch.append(line)
        if len(batch) == trail.BATCH:
            yield from _written(writer, batch)
            batch = []
    yield from _written(writer, batch)


def _written(writer: Any, batch: list[AuditLine]) -> Iterator[str]:
    names = trail.names(batch)
    codes = dict(Consulate.objects.filter(pk__in={line.office_id for line in batch}).values_list("pk", "code"))
    for line in batch:
        office = codes.get(line.office_id, "") if line.office_id else ""
        yield writer.writerow(
            safe_row(
                [
                    line.at.isoformat(),
                    _who(line, names),
                    line.actor_kind,
                    line.action,
                    line.object_type,
                    line.object_id,
                    office,
                    line.reason,
                ]
            )
        )


urlpatterns = [
    path("bitacora/", staff_audit, name="staff_audit"),
    path("bitacora/csv/", staff_audit_csv, name="staff_audit_csv"),
]
