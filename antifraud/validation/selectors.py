"""Reads: what was asked in a case, for reviewers; and whom agents call."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from antifraud.models import Case, IdentityRequest, RequestState
from antifraud.models.validation import ANSWERED
from antifraud.validation.tokens import LENGTH, token_hash
from mexitel.accounts.addresses import masked


@dataclass(frozen=True)
class Asked:
    """One request as a reviewer reads it. ``contact`` is masked, empty for the window; ``answer`` empty without one."""

    request: IdentityRequest
    contact: str

    @property
    def state(self) -> str:
        return self.request.get_state_display()

    @property
    def channel(self) -> str:
        return self.request.get_asked_by_display()

    @property
    def source(self) -> str:
        return self.request.get_source_display() if self.request.source else ""

    @property
    def sent(self) -> datetime:
        return self.request.send_at

    @property
    def until(self) -> datetime:
        return self.request.until

    @property
    def answer(self) -> str:
        return self.state if self.request.state in ANSWERED else ""

    @property
    def is_urgent(self) -> bool:
        return self.request.state in (RequestState.DENIED, RequestState.OTHER)

    @property
    def was_charged(self) -> bool:
        return self.request.charged == "yes"


def requests_of(case: Case) -> list[Asked]:
    """Everything that was asked in the case, the latest first. One query."""
    found = IdentityRequest.objects.filter(case=case).select_related("appointment", "author", "answered_to")
    return [
        Asked(one, masked(one.contact) if one.contact else "")
        for one in found.order_by("-asked_at", "appointment__starts_at", "pk")
    ]


def request_behind(token: str) -> IdentityRequest | None:
    """What a link opens, whatever became of it."""
    if len(token) != LENGTH or not token.isascii():
        return None
    found = IdentityRequest.objects.select_related("case", "appointment__session", "appointment__procedure")
    return found.filter(token_hash=token_hash(token)).first()


def calls_to_make(*, now: datetime) -> QuerySet[IdentityRequest]:
    """In the offices of whoever asks (a page of staff)."""
    found = IdentityRequest.staff.to_call(now=now)
    return found.select_related("appointment__session", "appointment__procedure", "appointment__consulate", "taken_by")


def were_validated(applicant_ids: Collection[int]) -> bool:
    """Whether one of these saved people answered for themselves, or showed their ID at the window."""
    told = IdentityRequest.objects.filter(appointment__applicant__in=applicant_ids)
    return told.filter(state__in=[RequestState.CONFIRMED, RequestState.SHOWN]).exists()
