"""Nightly: what agents and clerks booked for others in the last month, and a case where a pattern stands out.

A case is all that comes of it. Its ``consulate`` is where the bookings are, which is where it is *not* reviewed: the
desk shows it to reviewers of other offices, and never to the agent.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q

from antifraud.events import Applicant
from antifraud.families import Member, families
from antifraud.identities import person_of
from antifraud.models import Case, CaseEvent, CaseKind, CaseState, Verdict
from antifraud.oversight.staff_evidence import Pattern, who_stands_out
from antifraud.rulesets import in_force
from antifraud.scoring import Reason
from antifraud.services.cases import Found, open_case
from appointments.models import Appointment, Attendee
from consulates.models import Assignment

WINDOW = timedelta(days=30)
# Somebody looked and found nothing: the same pattern is not brought again for so long.
LEFT_ALONE = timedelta(days=90)
LOOKED_AT = 50
FAMILIES = 3  # on one stated phone, in one agent's bookings

PATTERNS = """
SELECT a.agent_id, count(*),
       count(*) FILTER (WHERE u.phone_verified_at IS NULL AND coalesce(u.email, '') = ''),
       count(*) FILTER (WHERE held.at - (held.detail ->> 'visible_at')::timestamptz <= interval '10 seconds'),
       count(*) FILTER (WHERE o.account_id IS NOT NULL)
FROM appointments_appointment a
JOIN accounts_user u ON u.id = a.account_id
JOIN consulates_consulate c ON c.id = a.consulate_id AND NOT c.is_practice
LEFT JOIN appointments_event held
       ON held.kind = 'held' AND held.subject = a.party_id AND held.at BETWEEN %(long)s AND %(now)s
LEFT JOIN (SELECT DISTINCT account_id, author_id FROM appointments_capoverride WHERE created_at >= %(since)s) o
       ON o.account_id = a.account_id AND o.author_id = a.agent_id
WHERE a.agent_id IS NOT NULL AND a.created_at BETWEEN %(since)s AND %(now)s
GROUP BY a.agent_id
"""
# Stated phones that one agent used for several accounts.
SHARED_PHONES = """
SELECT a.agent_id, array_agg(a.id)
FROM appointments_appointment a
JOIN appointments_caller caller ON caller.account_id = a.account_id
JOIN consulates_consulate c ON c.id = a.consulate_id AND NOT c.is_practice
WHERE a.agent_id IS NOT NULL AND a.created_at BETWEEN %(since)s AND %(now)s AND caller.phone_hash IS NOT NULL
GROUP BY a.agent_id, caller.phone_hash HAVING count(DISTINCT a.account_id) >= %(families)s
"""


def open_staff_cases(*, now: datetime) -> int:
    """How many are new. Twice in one night changes nothing: one case stands for one agent."""
    opened = 0
    for pattern, reasons in who_stands_out(patterns(now=now)):
        opened += _open(pattern, reasons, now)
    return opened


def patterns(*, now: datetime) -> list[Pattern]:
    """Of everybody who booked for others, by id."""
    values: dict[str, Any] = {
        "since": now - WINDOW,
        "now": now,
        "long": now - WINDOW - timedelta(days=1),
        "families": FAMILIES,
    }
    with connection.cursor() as cursor:
        cursor.execute(PATTERNS, values)
        counted = cursor.fetchall()
        cursor.execute(SHARED_PHONES, values)
        shared: dict[int, int] = {}
        for agent, ids in cursor.fetchall():
            if _families_of(ids, now) >= FAMILIES:
                shared[agent] = shared.get(agent, 0) + len(ids)
    return sorted(
        Pattern(agent, bookings, unproven, at_once, shared.get(agent, 0), raised)
        for agent, bookings, unproven, at_once, raised in counted
    )


def _families_of(appointments: list, now: datetime) -> int:
    """Of the principals who attend, by their surnames."""
    t = round(now.timestamp() * 1000)
    people = [
        person_of(
            Applicant(one.given_names, one.surname_1, one.surname_2, one.birth_date, "", "", one.is_minor, False), t
        )
        for one in Attendee.objects.filter(appointment__in=appointments, position=1)
    ]
    listed = {surname for person in people for surname in person.common}
    return len(set(families([Member(person, place, 0) for place, person in enumerate(people)], listed.__contains__)))


@transaction.atomic
def _open(pattern: Pattern, reasons: list[Reason], now: datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [0x676, pattern.agent % (1 << 31)])
    about = Case.objects.filter(kind=CaseKind.STAFF, agent_id=pattern.agent)
    lately = about.filter(state=CaseState.CLOSED, verdict=Verdict.LEGITIMATE, closed_at__gt=now - LEFT_ALONE)
    if about.standing().exists() or lately.exists():
        return False
    kept = [
        {"code": one.code, "group": one.group, "points": one.points, "evidence": dict(one.evidence)} for one in reasons
    ]
    score = sum(one.points for one in reasons)
    facts = {name: value for name, value in pattern._asdict().items() if name != "agent"}
    case = open_case(
        found=Found(in_force(now).number, score, kept, facts), kind=CaseKind.STAFF, agent_id=pattern.agent,
        account_ids=[], appointment_ids=_to_look_at(pattern.agent, now), now=now,
    )  # fmt: skip
    if case.consulate_id is None:
        case.consulate_id = _office_of(pattern.agent, now)
        case.save(update_fields=["consulate"])
    CaseEvent.objects.create(case=case, at=now, kind="compared", detail={"codes": [one.code for one in reasons]})
    return True


def _to_look_at(agent: int, now: datetime) -> list[UUID]:
    """The latest bookings without a proven contact: the reviewer reads these, and may call the people."""
    own = Appointment.objects.filter(agent_id=agent, created_at__gt=now - WINDOW, created_at__lte=now)
    nobodys = own.filter(Q(account__email="") | Q(account__email=None), account__phone_verified_at=None)
    return list(nobodys.order_by("-created_at").values_list("pk", flat=True)[:LOOKED_AT])


def _office_of(agent: int, now: datetime) -> int | None:
    held = Assignment.objects.in_force(now=now).filter(user=agent, consulate__isnull=False)
    return held.order_by("starts_at").values_list("consulate_id", flat=True).first()
