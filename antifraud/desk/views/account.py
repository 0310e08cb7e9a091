"""One booker: found by POST, shown masked, and a case opened by hand."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from antifraud.desk.account_page import HEIGHT, WIDTH, account_page, find_accounts, open_by_hand, score_line
from antifraud.desk.acts import RULES
from antifraud.desk.case_page import decided_by
from antifraud.desk.errors import HasCase
from antifraud.desk.explaining import explain
from antifraud.desk.forms import FindForm, OpenForm
from antifraud.desk.people import contact_of
from antifraud.desk.views.shared import access_of, account_mark, account_or_404, draw
from appointments.visits import initials
from consulates.access import staff_page
from consulates.roles import May
from mexitel.accounts.access import person
from mexitel.accounts.addresses import masked
from mexitel.accounts.models import User
from mexitel.audit.services import record
from mexitel.utils.time import now as clock


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(May.REVIEW)
def staff_accounts(request: HttpRequest) -> HttpResponse:
    """Look for one; of several that fit, choose. What was typed stays in no address and no record."""
    form = FindForm(request.POST if request.method == "POST" else None)
    found: list[User] | None = None
    if form.is_bound and form.is_valid():
        found = find_accounts(form.cleaned_data["who"])
        record(
            actor=person(request), action="case.search", target=("case", "search"), now=clock(),
            detail={"found": len(found)},
        )  # fmt: skip
        if len(found) == 1:
            return redirect("staff_account", account_mark(found[0].pk))
    rows = None if found is None else [(one.pk, contact_of(one), account_mark(one.pk)) for one in found]
    return draw(request, "accounts.html", {"form": form, "rows": rows}, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(May.REVIEW)
def staff_account(request: HttpRequest, mark: str) -> HttpResponse:
    """A POST opens a case by hand."""
    account, now = account_or_404(mark), clock()
    form = OpenForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            case = open_by_hand(account=account, reviewer=person(request), why=form.cleaned_data["why"], now=now)
        except HasCase as refusal:
            messages.info(request, str(refusal.sentence))
            return redirect("staff_case", refusal.case_id)
        messages.success(request, _("The case is open. Decide in it, or leave it to a colleague."))
        return redirect("staff_case", case.pk)
    return _page(request, account, form, open_names=False)


@never_cache
@require_POST
@staff_page(May.REVIEW)
def staff_account_reveal(request: HttpRequest, mark: str) -> HttpResponse:
    """Names and contacts, in this answer alone."""
    return _page(request, account_or_404(mark), OpenForm(), open_names=True)


def _page(request: HttpRequest, account: User, form: OpenForm, *, open_names: bool) -> HttpResponse:
    now, me = clock(), person(request)
    page = account_page(account, access_of(request), now=now)
    record(actor=me, action="case.reveal" if open_names else "case.account_see", target=account, now=now)
    standing = page.standing
    context = {
        "one": page,
        "mark": account_mark(account.pk),
        "contacts": _contacts(account, open_names=open_names),
        "rows": [(one, _people(one, open_names=open_names)) for one in page.appointments],
        "line": score_line(page.assessments, needed=explain(1, []).needed),
        "width": WIDTH,
        "height": HEIGHT,
        "acts": [(act, RULES[act]) for act in decided_by(standing, me.pk, now=now)] if standing else [],
        "form": form,
        "open_names": open_names,
    }
    return draw(request, "account.html", context, status=422 if form.is_bound else 200)


def _contacts(account: User, *, open_names: bool) -> list[str]:
    return [one if open_names else masked(one) for one in (account.email, account.phone) if one]


def _people(one: Any, *, open_names: bool) -> str:
    people = sorted(one.attendees.all(), key=lambda who: who.position)
    return ", ".join(who.full_name if open_names else initials(who.full_name) for who in people)


urlpatterns = [
    path("cuentas/", staff_accounts, name="staff_accounts"),
    path("cuentas/<str:mark>/", staff_account, name="staff_account"),
    path("cuentas/<str:mark>/nombres/", staff_account_reveal, name="staff_account_reveal"),
]
