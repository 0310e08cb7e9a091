"""Templates that recur: kept, applied through the preview, and deleted."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from consulates import wording
from consulates.access import StaffRequest, staff_page
from consulates.models import Consulate, PlanAct, PlanTemplate, SessionKind
from consulates.planning.forms import SkipForm, TemplateForm, usual
from consulates.planning.preview import Proposal
from consulates.planning.recurrence import days_of
from consulates.planning.shapes import plan_of, shape_of
from consulates.roles import May
from consulates.services.planning_templates import delete_template, make_template
from mexitel.utils.time import now as clock

from .planning_steps import CORRECT, propose, show_form, step_of


@require_http_methods(["GET", "POST"])
@staff_page(May.PLAN)
def staff_template_new(request: StaffRequest, office: Consulate) -> HttpResponse:
    now = clock()
    back, title = reverse("staff_planning", args=[office.code]), _("New template")
    if request.method == "GET":
        today = wording.local_day(now, office.time_zone)
        every_weekday = {"weekdays": [0, 1, 2, 3, 4], "every_weeks": 1, "starts_on": today}
        initial = usual(office, SessionKind.WEEKDAY, **every_weekday)
        form = TemplateForm(office=office, initial=initial)
        return show_form(request, office, form, title=title, back=back, button=_("Save the template"))
    form = TemplateForm(request.POST, office=office)
    if not form.is_valid():
        return show_form(request, office, form, title=title, back=back, button=_("Save the template"))
    data = form.cleaned_data
    made = make_template(
        office=office,
        name=data["name"],
        weekdays=data["weekdays"],
        every_weeks=data["every_weeks"],
        starts_on=data["starts_on"],
        until=data["until"],
        shape=shape_of(form.plan_on(data["starts_on"])),
        by=request.user,
        now=now,
    )
    messages.success(request, _("The template is kept. Apply it to make its drafts."))
    return redirect("staff_template", office.code, made.pk)


@require_http_methods(["GET", "POST"])
@staff_page(May.PLAN)
def staff_template(request: StaffRequest, office: Consulate, template_id: int) -> HttpResponse:
    """Apply it: every day on which it recurs, through the preview."""
    template: PlanTemplate = get_object_or_404(PlanTemplate.staff.filter(consulate=office), pk=template_id)
    back = reverse("staff_planning", args=[office.code])
    title = _("Apply “%(name)s”") % {"name": template.name}
    if request.method == "GET":
        return show_form(request, office, SkipForm(initial={"skip_holidays": True}), title=title, back=back)
    form = SkipForm(request.POST)
    if not form.is_valid() or step_of(request) == CORRECT:
        return show_form(request, office, form, title=title, back=back)
    days = days_of(
        first=template.starts_on,
        until=template.until,
        weekdays=template.weekdays,
        every_weeks=template.every_weeks,
    )
    now = clock()
    today = wording.local_day(now, office.time_zone)
    first = plan_of(template.shape, office=office, day=template.starts_on)
    proposal = Proposal(
        PlanAct.TEMPLATE,
        [first.on(day) for day in days if day >= today],
        skip_holidays=form.cleaned_data["skip_holidays"],
        skip_overlaps=form.cleaned_data["skip_overlaps"],
    )
    return propose(request, office, proposal, title=title, back=back, now=now)


@require_http_methods(["POST"])
@staff_page(May.PLAN)
def staff_template_delete(request: StaffRequest, office: Consulate, template_id: int) -> HttpResponse:
    """A second tap finds it gone, which is what was asked for."""
    template = PlanTemplate.staff.filter(consulate=office, pk=template_id).first()
    if template:
        delete_template(template=template, by=request.user, now=clock())
    messages.success(request, _("The template is deleted. Sessions made from it stay."))
    return redirect("staff_planning", office.code)


urlpatterns = [
    path("oficinas/<slug:code>/planeacion/plantillas/nueva/", staff_template_new, name="staff_template_new"),
    path("oficinas/<slug:code>/planeacion/plantillas/<int:template_id>/", staff_template, name="staff_template"),
    path(
        "oficinas/<slug:code>/planeacion/plantillas/<int:template_id>/borrar/",
        staff_template_delete,
        name="staff_template_delete",
    ),
]
