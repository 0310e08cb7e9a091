"""Everything that the page of one case shows, in six queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import JSONObject

from antifraud.desk.explaining import Explained, explain, headline
from antifraud.desk.people import Family, grouped
from antifraud.desk.picture import Picture, draw
from antifraud.desk.queue import visible_cases
from antifraud.desk.timeline import Moment, moments
from antifraud.models import (
    Act,
    Case,
    CaseAccount,
    CaseAppointment,
    CaseKind,
    CaseState,
    Decision,
    DeskPreference,
    Link,
    Standing,
    Verdict,
)
from appointments.models import Attendee
from consulates.access import Access

SHOWN_PEOPLE = 100
SHOWN_LINKS = 60


@dataclass(frozen=True)
class Earlier:
    """Another case of the same accounts, and how it stands or ended."""

    pk: int
    opened_at: datetime
    stands: str


@dataclass(frozen=True)
class CasePage:
    """``people_left_out`` and ``links_left_out`` count what the lists do not show; ``earlier`` are other cases of the
    same accounts; ``pending`` is the decision on its way. ``seen``: how many appointments were looked at.
    """

    case: Case
    headline: str
    explained: Explained
    families: list[Family]
    people: int
    people_left_out: int
    picture: Picture
    links_left_out: int
    timeline: list[Moment]
    older: int
    decisions: list[Decision]
    pending: Decision | None
    earlier: list[Earlier]
    seen: int
    keys: bool


def find_case(access: Access, case_id: int) -> Any | None:
    """The case, if this person may see it; with ``account_ids`` (its bookers), ``others`` (what is told of other cases
    of theirs) and ``keys`` (how this person likes the desk).
    """
    members = CaseAccount.objects.filter(case=OuterRef("pk"))
    bookers = CaseAccount.objects.filter(case=OuterRef(OuterRef(OuterRef("pk")))).values("account_id")
    same = CaseAccount.objects.filter(account__in=bookers)
    others = (
        Case.objects.filter(pk__in=same.values("case_id"))
        .exclude(Q(pk=OuterRef("pk")) | Q(kind=CaseKind.STAFF))
        .order_by("-opened_at")
        .values(told=JSONObject(pk="pk", opened_at="opened_at", state="state", verdict="verdict"))
    )
    return (
        visible_cases(access)
        .annotate(
            account_ids=ArraySubquery(members.order_by("account_id").values("account_id")),
            others=ArraySubquery(others[:20]),
            keys=keys_of(access.user.pk),
        )
        .select_related("consulate", "taken_by", "closed_by")
        .filter(pk=case_id)
        .first()
    )


def keys_of(user_id: int) -> Subquery:
    return Subquery(DeskPreference.objects.filter(user=user_id).values("keys")[:1])


def case_page(case: Any, *, now: datetime, without: Sequence[str] = (), open_names: bool = False) -> CasePage:
    """``case`` from ``find_case``. ``without``: codes of reasons to look at it without."""
    found = [(who, who.appointment, Standing(who.standing)) for who in _attending(case)]
    families = grouped(found, now=now, open_names=open_names)
    appointments = list({one.pk: one for _, one, _ in found}.values())
    links = _links(case.account_ids)
    picture = draw(links, {str(pk): f"#{pk}" for pk in case.account_ids})
    decisions = list(case.decisions.select_related("author", "approver", "withdrawn_by").order_by("-decided_at", "pk"))
    timeline, older = moments(case.events.select_related("actor"), appointments, links)
    facts = {"booked": len(appointments), "families": len(families), **case.facts}
    return CasePage(
        case=case,
        headline=headline(case.reasons, facts, kind=case.kind),
        explained=explain(case.ruleset, case.reasons, without=without),
        families=_first(families, SHOWN_PEOPLE),
        people=len(found),
        people_left_out=max(0, len(found) - SHOWN_PEOPLE),
        picture=picture,
        links_left_out=max(0, len(picture.rows) - SHOWN_LINKS),
        timeline=timeline,
        older=older,
        decisions=decisions,
        pending=next((one for one in decisions if one.done_at is None and one.withdrawn_at is None), None),
        earlier=_earlier(case.others),
        seen=len(appointments),
        keys=case.keys is not False,
    )


def decided_by(case: Case, user_id: int, *, now: datetime) -> list[Act]:
    """The acts that this person can choose now: all, unless it is closed, on its way or in a colleague's hand."""
    in_others = case.taken_until is not None and case.taken_until > now and case.taken_by_id != user_id
    return [] if case.is_over or in_others else list(Act)


def _attending(case: Case) -> list[Any]:
    mine = CaseAppointment.objects.filter(case=case)
    standing = mine.filter(appointment=OuterRef("appointment_id")).values("standing")[:1]
    return list(
        Attendee.objects.filter(appointment__in=mine.values("appointment_id"))
        .annotate(standing=Subquery(standing))
        .select_related(
            "appointment__account", "appointment__procedure", "appointment__consulate", "appointment__session"
        )
        .order_by("appointment__starts_at", "appointment_id", "position")
    )


def _links(account_ids: Sequence[int]) -> list[Link]:
    """All between these accounts; what has run out is still shown for as long as it is kept."""
    ids = [str(pk) for pk in account_ids]
    return list(Link.objects.filter(a__in=ids, b__in=ids).order_by("-weight", "a", "b", "kind")) if ids[1:] else []


def _earlier(rows: Sequence[Mapping[str, Any]]) -> list[Earlier]:
    return [
        Earlier(
            one["pk"],
            datetime.fromisoformat(one["opened_at"]),
            str(Verdict(one["verdict"]).label if one["verdict"] else CaseState(one["state"]).label),
        )
        for one in rows
    ]


def _first(families: Sequence[Family], most: int) -> list[Family]:
    shown = []
    for family in families:
        if most <= 0:
            break
        shown.append(Family(family.number, family.seats[:most]))
        most -= len(family.seats)
    return shown
