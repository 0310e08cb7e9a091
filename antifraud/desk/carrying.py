"""Carry out what is due: do it, say how the appointments stand now, close the case, tell the engine.

Each decision in a transaction of its own, at once or by the minute's task: what fails stays due, twice does no harm.
"""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from antifraud.desk import effects as doing
from antifraud.desk.acts import RULES, verdict_of
from antifraud.desk.effects import Effects
from antifraud.models import Act, Case, CaseAppointment, CaseEvent, CaseKind, CaseState, Decision, Standing, Verdict
from antifraud.services.sightings import note
from appointments.models import Appointment
from mexitel.accounts.models import User
from mexitel.audit.services import record

logger = logging.getLogger(__name__)
# How an appointment stands that somebody may still decide about.
UNDECIDED = (Standing.FLAGGED, Standing.ASKED, Standing.WINDOW)
REAL = Effects()


def carry_out_due(*, now: datetime, effects: Effects = REAL, case_id: int | None = None) -> int:
    """Every minute, and at once for one case: how many decisions were done. What fails is logged, and stays due.

    The minute's task leaves a case that somebody holds for its next round; whoever asks for one case waits for it.
    """
    due = Decision.objects.due(now=now).order_by("pk")
    due = due.filter(case=case_id) if case_id is not None else due
    done = 0
    for decision_id, of_case in due.values_list("pk", "case_id"):
        try:
            done += _carried_out(decision_id, of_case, effects, waits=case_id is not None, now=now)
        except Exception:
            logger.exception("decision %s could not be carried out", decision_id)
    return done


_CARRIES = {
    Act.CANCEL: doing.cancel,
    Act.ASK: doing.ask,
    Act.CAP: doing.cap,
    Act.BLOCK: doing.block,
}


@transaction.atomic
def _carried_out(decision_id: int, case_id: int, effects: Effects, *, waits: bool, now: datetime) -> bool:
    """False when somebody else is doing it, or has done it."""
    case = Case.objects.select_for_update(skip_locked=not waits).filter(pk=case_id).first()
    decision = Decision.objects.due(now=now).filter(pk=decision_id).select_related("author").first()
    if case is None or decision is None:
        return False
    decision.case = case
    if carries := _CARRIES.get(Act(decision.act)):
        carries(decision, effects, now=now)
    decision.done_at = now
    decision.save(update_fields=["done_at"])
    log(decision, "done", None, now)
    record(
        actor=None,
        action="case.carry_out",
        target=case,
        now=now,
        office_id=case.consulate_id,
        detail=detail_of(decision),
    )
    _settle(decision, now)
    return True


def _settle(decision: Decision, now: datetime) -> None:
    """How the appointments stand after it, and the case's end when nothing in it waits for anybody."""
    case, act = decision.case, Act(decision.act)
    mine = CaseAppointment.objects.filter(case=case)
    if act == Act.ASK:
        return  # whoever asks knows whom they could reach, and says so in the case
    if act == Act.VALIDATE:
        mine.filter(appointment__in=decision.appointment_ids).update(standing=Standing.VALIDATED)
    if case.decisions.pending().exists():
        return
    undecided = mine.filter(standing__in=UNDECIDED)
    later = Q() if act == Act.VALIDATE else Q(flagged_at__gt=decision.decided_at)
    waiting = undecided.filter(later).values("appointment_id")
    if Appointment.objects.upcoming(now=now).filter(pk__in=waiting).exists():
        Case.objects.filter(pk=case.pk).update(state=CaseState.OPEN, changed_at=now)
        return
    undecided.update(standing=Standing.KEPT)
    _close(decision, now)


def _close(decision: Decision, now: datetime) -> None:
    """With the gravest verdict that was carried out in it; the engine is told about each booker."""
    case = decision.case
    done = Decision.objects.filter(case=case, done_at__isnull=False).exclude(act=Act.ASK)
    verdicts = {verdict_of(Act(act), reason) for act, reason in done.values_list("act", "reason")}
    verdict = next(one for one in (Verdict.BROKER, *Verdict) if one in verdicts)
    case.state, case.verdict, case.closed_by, case.closed_at = CaseState.CLOSED, verdict, decision.author, now
    case.taken_by = case.taken_until = None
    case.changed_at = now
    case.save(
        update_fields=["state", "verdict", "closed_by", "closed_at", "taken_by", "taken_until", "changed_at"]
    )  # fmt: skip
    CaseEvent.objects.create(
        case=case, at=now, kind="closed", actor=decision.author, detail={"verdict": str(verdict)}
    )  # fmt: skip
    _tell(decision, verdict, now)


def _tell(decision: Decision, verdict: Verdict, now: datetime) -> None:
    """What was not decided teaches nothing; that a colleague sold places says nothing of those who called."""
    case = decision.case
    if verdict == Verdict.UNDECIDED or (verdict == Verdict.BROKER and case.kind == CaseKind.STAFF):
        return
    taken = [one for one in case.decisions.filter(done_at__isnull=False) if RULES[Act(one.act)].takes]
    if verdict == Verdict.BROKER:
        accounts = sorted({pk for one in taken for pk in doing.accounts_concerned(one)})
    else:
        accounts = sorted(case.accounts.values_list("account_id", flat=True))
    said = "broker" if verdict == Verdict.BROKER else "legitimate"
    for account_id in accounts:
        note("review", now=now, account_id=account_id, verdict=said)


def log(decision: Decision, kind: str, actor: User | None, now: datetime) -> None:
    CaseEvent.objects.create(case=decision.case, at=now, kind=kind, actor=actor, detail=detail_of(decision))


def detail_of(decision: Decision) -> dict[str, object]:
    return {
        "decision": decision.pk, "act": str(decision.act), "reason": str(decision.reason),
        "appointments": len(decision.appointment_ids), "second": decision.needs_second,
    }  # fmt: skip
