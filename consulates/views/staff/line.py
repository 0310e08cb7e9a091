"""The number of an office's telephone line and its hours, as its page and "Contact" show them."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from consulates.access import StaffRequest, staff_page
from consulates.models import Consulate, OfficeLine
from consulates.roles import May
from consulates.services.line import set_office_line
from mexitel.accounts.access import person
from mexitel.accounts.addresses import canonical_phone
from mexitel.utils.forms import PlainErrors
from mexitel.utils.time import now as clock


class LineForm(PlainErrors, forms.Form):
    phone = forms.CharField(
        label=gettext_lazy("Number that people call"),
        help_text=gettext_lazy("Leave it empty if the office answers no calls about appointments."),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off", "class": "govuk-input--width-20"}),
    )
    hours_es = forms.CharField(
        label=gettext_lazy("Hours, in Spanish"),
        help_text=gettext_lazy("For example: lunes a viernes de 9:00 a 14:00"),
        required=False,
        max_length=120,
    )
    hours_en = forms.CharField(label=gettext_lazy("Hours, in English"), required=False, max_length=120)

    def clean_phone(self) -> str:
        typed = self.cleaned_data["phone"]
        return canonical_phone(typed) if typed else ""

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        for name in ("hours_es", "hours_en"):
            if typed.get("phone") and not typed.get(name):
                self.add_error(name, _("Write the hours: whoever calls at night should know it before."))
        return typed


@require_http_methods(["GET", "POST"])
@staff_page(May.PLAN)
def staff_line(request: StaffRequest, office: Consulate) -> HttpResponse:
    line = OfficeLine.staff.filter(consulate=office).first()
    shown = {name: getattr(line, name) for name in ("phone", "hours_es", "hours_en")} if line else {}
    form = LineForm(request.POST if request.method == "POST" else None, initial=shown)
    if request.method == "POST" and form.is_valid():
        set_office_line(office=office, author=person(request), now=clock(), **form.cleaned_data)
        messages.success(request, _("The office's page shows it from now on."))
        return redirect("staff_line", office.code)
    context = {"form": form, "office": office}
    return render(request, "staff/phone/line.html", context, status=422 if form.errors else 200)


urlpatterns = [path("oficinas/<slug:code>/linea/", staff_line, name="staff_line")]
