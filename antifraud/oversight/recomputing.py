"""Compute a past score again from what was kept of it: the same facts and rule set give the same bits."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from antifraud.facts import Facts
from antifraud.models import CaseAssessment, CaseKind
from antifraud.rulesets import ruleset
from antifraud.scoring import Assessment, assess


def recompute(kept: CaseAssessment) -> Assessment:
    """Raises UnknownRuleSet, or TypeError when the facts are not those of the engine."""
    return assess(Facts(**kept.facts), ruleset(kept.ruleset))


def as_kept(found: Assessment) -> tuple[float, list[dict[str, Any]]]:
    """Score and reasons in the shape in which rows keep them."""
    reasons = [
        {"code": one.code, "group": one.group, "points": one.points, "evidence": dict(one.evidence)}
        for one in found.reasons
    ]
    return found.score, json.loads(json.dumps(reasons))


def is_same(kept: CaseAssessment) -> bool:
    return as_kept(recompute(kept)) == (kept.score, kept.reasons)


def different(*, since: datetime) -> Iterator[tuple[CaseAssessment, bool]]:
    """Each assessment of a suspected broker since then, and whether it comes out the same."""
    kept = CaseAssessment.objects.filter(at__gte=since, case__kind=CaseKind.BROKER).exclude(facts={})
    for one in kept.order_by("at", "pk").iterator():
        yield one, is_same(one)
