"""What the pages of the desk share: keys, the case at hand, and how an appointment is said in one line."""

from typing import Any

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from antifraud.desk.case_page import find_case
from antifraud.desk.people import contact_of
from antifraud.models import DeskPreference
from appointments.models import Appointment
from appointments.visits import initials
from consulates.access import Access
from consulates.wording import moment
from mexitel.accounts.access import person
from mexitel.accounts.models import User

SALT = "desk-account"


def access_of(request: HttpRequest) -> Access:
    return request.access  # type: ignore[attr-defined]


def keys_on(request: HttpRequest) -> bool:
    """Unless this person has switched them off."""
    return not DeskPreference.objects.filter(user=person(request), keys=False).exists()


def draw(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    if "keys_on" not in context:
        context["keys_on"] = keys_on(request)
    return render(request, f"antifraud/desk/{template}", context, status=status)


def case_or_404(request: HttpRequest, case_id: int) -> Any:
    """A case that this person may not see does not exist for them."""
    case = find_case(access_of(request), case_id)
    if case is None:
        raise Http404
    return case


def account_mark(account_id: int) -> str:
    """Names an account in an address without saying which."""
    return signing.dumps(account_id, salt=SALT)


def account_or_404(mark: str) -> User:
    try:
        return User.objects.citizens().get(pk=signing.loads(mark, salt=SALT))
    except (signing.BadSignature, User.DoesNotExist) as error:
        raise Http404 from error


def line_of(one: Appointment) -> str:
    """With attendees, procedure, consulate, session and account loaded."""
    people = ", ".join(initials(who.full_name) for who in sorted(one.attendees.all(), key=lambda who: who.position))
    when = moment(one.starts_at, one.session.time_zone)
    return (
        f"{people} · {when} · {one.consulate.name} · {one.procedure.name} · #{one.account_id} {contact_of(one.account)}"
    )
