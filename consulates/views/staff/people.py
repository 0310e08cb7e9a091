"""Colleagues: who works where with which role; inviting, giving and ending roles, and leaving."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consulates.access import StaffRequest, staff_page
from consulates.forms_people import SENTENCES, InviteForm, PeopleFilter, ReasonForm, RoleForm, add_refusal
from consulates.models import Assignment
from consulates.roles import May
from consulates.services import people
from consulates.services.people import PeopleError
from mexitel.accounts.invitations import NotStaff, has_arrived
from mexitel.accounts.models import User
from mexitel.audit.services import record
from mexitel.utils.time import now

PER_PAGE = 40
TEXT_OF_ACT = "staff/people/act.html"
both = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@staff_page(May.PEOPLE)
def staff_people(request: StaffRequest) -> HttpResponse:
    moment = now()
    roles = _filtered(request, Assignment.staff.not_over(now=moment))
    users = User.objects.filter(pk__in=roles.values("user")).order_by("email", "pk")
    page = Paginator(users, PER_PAGE).get_page(request.GET.get("page"))
    record(actor=request.user, action="staff.list", target=("staff", "list"), now=moment, detail={"seen": len(page)})
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "people": _with_roles(list(page), roles),
        "page": page,
        "query": query.urlencode() + "&" if query else "",
        "offices": request.access.offices(May.PEOPLE).filter(is_practice=False).order_by("state", "city"),
        "roles": Assignment._meta.get_field("role").choices,
        "asked": request.GET,
    }
    return render(request, "staff/people/list.html", context)


@require_safe
@staff_page(May.PEOPLE)
def staff_person(request: StaffRequest, user_id: int) -> HttpResponse:
    moment = now()
    user = colleague(user_id)
    roles = Assignment.staff.filter(user=user).select_related("consulate", "granted_by", "ended_by").order_by("-pk")
    may = people.reach(request.user, now=moment)
    current = [one for one in roles if not one.ends_at or one.ends_at > max(moment, one.starts_at)]
    own = user == request.user
    record(actor=request.user, action="staff.see", target=user, now=moment)
    context = {
        "person": _one_with_roles(user, current),
        "current": [(one, not own and people.reaches(may, one.role, one.consulate_id)) for one in current],
        "past": [one for one in roles if one not in current],
        "own": own,
        "may_give": bool(may) and not own,
        "now": moment,
    }
    return render(request, "staff/people/person.html", context)


@both
@staff_page(May.PEOPLE, fresh=True)
def staff_invite(request: StaffRequest) -> HttpResponse:
    moment = now()
    form = InviteForm(request.POST or None, given=people.reach(request.user, now=moment))
    if request.method == "POST" and form.is_valid():
        try:
            user, mailed = people.invite(
                actor=request.user, email=form.cleaned_data["email"], language=get_language() or "es", now=moment,
                **form.terms(now=moment),
            )  # fmt: skip
        except (PeopleError, NotStaff) as error:
            add_refusal(form, error.code)
        else:
            text = _("We mailed a link that works for 48 hours.") if mailed else _("This colleague has the role now.")
            messages.success(request, text)
            return redirect("staff_person", user.pk)
    title = _("Invite a colleague")
    return render(request, TEXT_OF_ACT, {"form": form, "title": title, "back": reverse("staff_people")})


@require_POST
@staff_page(May.PEOPLE, fresh=True)
def staff_invite_again(request: StaffRequest, user_id: int) -> HttpResponse:
    user = colleague(user_id)
    try:
        people.invite_again(actor=request.user, user=user, now=now())
        messages.success(request, _("We mailed a link that works for 48 hours."))
    except PeopleError as error:
        messages.error(request, SENTENCES[error.code])
    return redirect("staff_person", user_id)


@both
@staff_page(May.PEOPLE, fresh=True)
def staff_role_give(request: StaffRequest, user_id: int) -> HttpResponse:
    moment, user = now(), colleague(user_id)
    form = RoleForm(request.POST or None, given=people.reach(request.user, now=moment))

    def give() -> str:
        people.give_role(actor=request.user, user=user, now=moment, **form.terms(now=moment))
        return _("This colleague has the role now.")

    return _act(request, user, form, give, title=_("Give a role"))


@both
@staff_page(May.PEOPLE, fresh=True)
def staff_role_end(request: StaffRequest, assignment_id: int) -> HttpResponse:
    assignment: Assignment = get_object_or_404(Assignment.staff.select_related("user", "consulate"), pk=assignment_id)
    form = ReasonForm(request.POST or None)

    def end() -> str:
        people.end_role(
            actor=request.user, assignment=assignment, reason=form.cleaned_data["reason"], now=now()
        )  # fmt: skip
        return _("The role has ended.")

    where = assignment.consulate.name if assignment.consulate else _("the whole network")
    says = _("It ends at once. If it is the last role, the account is closed and every session ends.")
    title = _("End a role")
    role = f"{assignment.get_role_display()} · {where}"
    return _act(request, assignment.user, form, end, title=title, role=role, says=says, warning=True)


@both
@staff_page(May.PEOPLE, fresh=True)
def staff_leave(request: StaffRequest, user_id: int) -> HttpResponse:
    user, form = colleague(user_id), ReasonForm(request.POST or None)

    def leave() -> str:
        left = people.leave(actor=request.user, user=user, reason=form.cleaned_data["reason"], now=now())
        if left.remaining:
            return ngettext(
                "The roles that you may end have ended. %(count)s role remains: tell an administrator.",
                "The roles that you may end have ended. %(count)s roles remain: tell an administrator.",
                left.remaining,
            ) % {"count": left.remaining}
        return _("Every role has ended, the account is closed and no session is open any more.")

    says = _("All the roles that you may end, in all your offices, end at once. With none left, the account is closed.")
    return _act(request, user, form, leave, title=_("End this person's access"), says=says, warning=True, back="list")


def _act(
    request: StaffRequest, user: User, form: Form, do: Callable[[], str], *, back: str = "", **words: Any
) -> HttpResponse:
    """A page with a form that does one thing and goes back to the person."""
    home = reverse("staff_person", args=[user.pk])
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, do())
        except (PeopleError, NotStaff) as error:
            add_refusal(form, error.code)
        else:
            return redirect("staff_people" if back else home)
    return render(request, TEXT_OF_ACT, {"form": form, "person": user, "back": home, **words})


def colleague(user_id: int) -> User:
    """Somebody with a role, past or present, in the offices of who asks; 404 for everybody else."""
    if not Assignment.staff.filter(user_id=user_id).exists():
        raise Http404
    return User.objects.get(pk=user_id)


def _filtered(request: StaffRequest, roles: QuerySet[Assignment]) -> QuerySet[Assignment]:
    form = PeopleFilter(request.GET)
    form.is_valid()
    asked = form.cleaned_data
    if asked.get("oficina"):
        roles = roles.filter(consulate__code=asked["oficina"])
    if asked.get("funcion"):
        roles = roles.filter(role=asked["funcion"])
    if asked.get("buscar"):
        roles = roles.filter(user__email__contains=asked["buscar"].strip().lower())
    return roles


def _with_roles(users: list[User], roles: QuerySet[Assignment]) -> list[dict]:
    by_user = defaultdict(list)
    for one in roles.filter(user__in=users).select_related("consulate").order_by("pk"):
        by_user[one.user_id].append(one)
    ready = set(Authenticator.objects.filter(user__in=users).values_list("user_id", flat=True))
    return [{"user": user, "roles": by_user[user.pk], "state": _state(user, user.pk in ready)} for user in users]


def _one_with_roles(user: User, roles: list[Assignment]) -> dict:
    ready = Authenticator.objects.filter(user=user).exists()
    return {"user": user, "roles": roles, "state": _state(user, ready) if roles else "left"}


def _state(user: User, has_factor: bool) -> str:
    if not user.is_active:
        return "suspended"
    if not has_arrived(user):
        return "invited"
    return "ready" if has_factor else "no_factor"


urlpatterns = [
    path("equipo/", staff_people, name="staff_people"),
    path("equipo/invitar/", staff_invite, name="staff_invite"),
    path("equipo/<int:user_id>/", staff_person, name="staff_person"),
    path("equipo/<int:user_id>/invitar/", staff_invite_again, name="staff_invite_again"),
    path("equipo/<int:user_id>/funcion/", staff_role_give, name="staff_role_give"),
    path("equipo/<int:user_id>/baja/", staff_leave, name="staff_leave"),
    path("equipo/funciones/<int:assignment_id>/terminar/", staff_role_end, name="staff_role_end"),
]
