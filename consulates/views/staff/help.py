"""A page of help for each role."""

from functools import cache

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from consulates.access import staff_page
from consulates.help_texts import HELP
from consulates.models import Assignment, Role
from consulates.roles import May
from mexitel.utils.time import now

PICTURES = "img/help"


@require_safe
@staff_page(May.SEE)
def staff_help(request: HttpRequest) -> HttpResponse:
    own = set(Assignment.staff.in_force(now=now()).filter(user=request.user).values_list("role", flat=True))
    roles = [(role, HELP[role].work) for role in Role]
    context = {
        "own": [(role, work) for role, work in roles if role in own],
        "others": [(role, work) for role, work in roles if role not in own],
    }
    return render(request, "staff/help/index.html", context)


@require_safe
@staff_page(May.SEE)
def staff_help_role(request: HttpRequest, role: str) -> HttpResponse:
    if role not in Role.values:
        raise Http404
    found = HELP[Role(role)]
    steps = [(step, picture(step.picture)) for step in found.steps]
    return render(request, "staff/help/role.html", {"role": Role(role), "help": found, "steps": steps})


def picture(name: str) -> str:
    """Its address below static/, in the reader's language; "" where it has not been made."""
    language = "en" if (get_language() or "es").startswith("en") else "es"
    file = f"{name}.{language}.webp"
    return f"{PICTURES}/{file}" if file in _there() else ""


@cache
def _there() -> frozenset[str]:
    return frozenset(path.name for path in (settings.BASE_DIR / "static" / PICTURES).glob("*.webp"))


urlpatterns = [
    path("ayuda/", staff_help, name="staff_help"),
    path("ayuda/<slug:role>/", staff_help_role, name="staff_help_role"),
]
