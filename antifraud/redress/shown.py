"""What pages show of cancelled appointments: to whoever has the link, to the account, to the agent in a call."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from antifraud.models import Appeal, AppealState, Case, PriorityToken
from antifraud.redress.appealing import attending, booker_of, is_bookers
from antifraud.redress.links import Kind, Mark, mark_for
from antifraud.redress.words import evidence_of, headline, why
from appointments.links import receipt_path
from appointments.models import Appointment
from appointments.visits import Visit, initials, visits_of
from mexitel.accounts.models import User

SHOWN, LISTED = 5, 50


@dataclass(frozen=True)
class Right:
    """A token as its page shows it. ``receipt`` leads to what it gave."""

    token: PriorityToken
    who: str
    state: str
    receipt: str


@dataclass(frozen=True)
class Cancelled:
    """What one link opens."""

    mark: str
    kind: Kind
    tokens: list[PriorityToken]
    visits: list[Visit]
    appeals: list[Appeal]
    now: datetime

    @property
    def first(self) -> PriorityToken:
        return self.tokens[0]

    @property
    def person(self) -> bytes:
        return booker_of(self.first) if self.kind == "booker" else attending(self.first)

    @property
    def several(self) -> bool:
        return len(self.tokens) > 1

    @property
    def why(self) -> str:
        return why(self.first.decision.reason)

    @property
    def is_undone(self) -> bool:
        return self.first.decision.overturned_at is not None

    @property
    def waits(self) -> bool:
        return any(appeal.state == AppealState.OPEN for appeal in self.appeals)

    @property
    def is_answered(self) -> bool:
        return any(appeal.state != AppealState.OPEN for appeal in self.appeals)

    @property
    def concerns(self) -> bool:
        """Whether it still stands beside the appointments: something can be done or is waited for, or was just said."""
        open_rights = any(right.state in {"asleep", "good"} for right in self.rights)
        return open_rights or self.waits or self.may_appeal

    @property
    def may_appeal(self) -> bool:
        asks = any(right.state in {"asleep", "over"} for right in self.rights)
        return asks and not self.waits and not self.is_undone and self.first.appeal_until > self.now

    @property
    def rights(self) -> list[Right]:
        return [_right(token, now=self.now) for token in self.tokens]


def opened(mark: Mark, *, now: datetime) -> Cancelled | None:
    """None once its rows are gone."""
    first = _tokens().filter(pk=mark.token_id).first()
    if first is None:
        return None
    tokens = [first]
    if mark.kind == "booker":
        tokens = list(_tokens().filter(decision=first.decision_id, account=first.account_id))
    return _cancelled(mark.kind, tokens, now=now)


def own_cancelled(user: User, *, now: datetime) -> list[Cancelled]:
    """What was cancelled for the account, the latest first: as long as something of it can be done or read."""
    found = _tokens().filter(Q(account=user) | Q(holder=user)).order_by("-created_at", "pk")[: SHOWN * 5]
    groups: dict[tuple[int, Kind, UUID | None], list[PriorityToken]] = {}
    for token in found:
        kind: Kind = "booker" if token.account_id == user.pk else "person"
        groups.setdefault((token.decision_id, kind, None if kind == "booker" else token.pk), []).append(token)
    return [_cancelled(kind, group, now=now) for (_decision, kind, _one), group in list(groups.items())[:SHOWN]]


@dataclass(frozen=True)
class Reviewed:
    """What a reviewer of an appeal sees of the case: without names and contacts."""

    headline: str
    evidence: list[dict]
    visits: list[Visit]
    asks: str
    others: int


def for_reviewer(appeal: Appeal, *, now: datetime) -> Reviewed:
    decision = appeal.decision
    assert decision is not None  # noqa: S101 - the caller knows its kind
    tokens = list(_tokens().filter(appointment__in=appeal.appointment_ids))
    asks = _("who booked") if is_bookers(appeal, tokens) else _("who attends, and somebody else booked")
    return Reviewed(
        headline=headline(decision.case),
        evidence=evidence_of(decision.case.reasons),
        visits=visits_of([token.appointment for token in tokens], now=now),
        asks=asks,
        others=decision.tokens.exclude(pk__in=[token.pk for token in tokens]).count(),
    )


def visits_in(case: Case, *, now: datetime) -> list[Visit]:
    """The case's appointments, at most LISTED, without what became of them."""
    ids = list(case.appointments.order_by("flagged_at").values_list("appointment_id", flat=True)[:LISTED])
    found = Appointment.objects.for_pages().select_related("session__consulate").filter(pk__in=ids)
    return visits_of(found, now=now)


def _tokens():
    found = PriorityToken.objects.select_related(
        "decision", "account", "procedure", "used_for", "appointment__session__consulate", "appointment__procedure",
        "appointment__consulate",
    ).prefetch_related("appointment__attendees")  # fmt: skip
    return found.order_by("appointment__starts_at", "pk")


def _cancelled(kind: Kind, tokens: Sequence[PriorityToken], *, now: datetime) -> Cancelled:
    ordered = sorted(tokens, key=lambda token: (token.appointment.starts_at, str(token.pk)))
    first = ordered[0]
    person = booker_of(first) if kind == "booker" else attending(first)
    appeals = Appeal.objects.filter(decision=first.decision_id, person=person).order_by("-asked_at")
    visits = visits_of([token.appointment for token in ordered], now=now)
    return Cancelled(mark_for(kind, first.pk), kind, ordered, visits, list(appeals[:SHOWN]), now)


def _right(token: PriorityToken, *, now: datetime) -> Right:
    if token.used_at is not None:
        state = "used"
    elif token.expires_at <= now:
        state = "over"
    else:
        state = "good" if token.ready_at is not None else "asleep"
    receipt = receipt_path(token.used_for) if token.used_for is not None else ""
    return Right(token, initials_of(token.appointment), state, receipt)


def initials_of(appointment: Appointment) -> str:
    return initials(min(appointment.attendees.all(), key=lambda one: one.position).full_name)
