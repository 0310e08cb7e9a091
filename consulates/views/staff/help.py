"""A page of help for each role."""

import json
from functools import cache
from typing import NamedTuple

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from consulates.access import StaffRequest, staff_page
from consulates.help_texts import HELP
from consulates.models import Assignment, Role
from consulates.roles import May
from mexitel.utils.time import now

PICTURES = "img/help"


@require_safe
@staff_page(May.SEE)
def staff_help(request: StaffRequest) -> HttpResponse:
    own = set(Assignment.staff.in_force(now=now()).filter(user=request.user).values_list("role", flat=True))
    roles = [(role, HELP[role].work) for role in Role]
    context = {
        "own": [(role, work) for role, work in roles if role in own],
        "others": [(role, work) for role, work in roles if role not in own],
    }
    return render(request, "staff/help/index.html", context)


@require_safe
@staff_page(May.SEE)
def staff_help_role(request: StaffRequest, role: str) -> HttpResponse:
    if role not in Role.values:
        raise Http404
    found = HELP[Role(role)]
    steps = [(step, picture(step.name)) for step in found.steps]
    return render(request, "staff/help/role.html", {"role": Role(role), "help": found, "steps": steps})


class Picture(NamedTuple):
    """``file`` below static/; its size in CSS pixels, so that nothing jumps when it comes."""

    file: str
    width: int
    height: int


def picture(name: str) -> Picture | None:
    """None where it has not been made."""
    return _pictures().get(name)


@cache
def _pictures() -> dict[str, Picture]:
    sizes = settings.BASE_DIR / "static" / PICTURES / "sizes.json"
    found = json.loads(sizes.read_text("utf-8")) if sizes.exists() else {}
    return {name: Picture(f"{PICTURES}/{name}.webp", *size) for name, size in found.items()}


urlpatterns = [
    path("ayuda/", staff_help, name="staff_help"),
    path("ayuda/<slug:role>/", staff_help_role, name="staff_help_role"),
]
