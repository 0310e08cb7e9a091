"""The audit trail as auditors read it: newest first, by pages that begin after a line, in the offices of who asks."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from mexitel.accounts.models import User
from mexitel.audit.models import AuditLine

PER_PAGE = 50
MOST_EXPORTED = 20_000
BATCH = 2_000


@dataclass(frozen=True)
class Asked:
    """What to show: [since, until) always; the rest when given. ``offices``: None is the network, and lines of none."""

    offices: frozenset[int] | None
    since: datetime
    until: datetime
    actor_id: int | None = None
    action: str = ""
    object_type: str = ""
    object_id: str = ""
    office_id: int | None = None


@dataclass(frozen=True)
class Place:
    """The line after which a page begins."""

    at: datetime
    id: int


def lines(asked: Asked, *, after: Place | None = None) -> QuerySet[AuditLine]:
    """Newest first. ``action`` is a whole one ("role.give") or a noun ("role")."""
    found = AuditLine.objects.filter(at__gte=asked.since, at__lt=asked.until).order_by("-at", "-id")
    if asked.offices is not None:
        found = found.filter(office_id__in=asked.offices)
    if asked.office_id is not None:
        found = found.filter(office_id=asked.office_id)
    if asked.actor_id is not None:
        found = found.filter(actor_id=asked.actor_id)
    if asked.action:
        found = found.filter(Q(action=asked.action) | Q(action__startswith=f"{asked.action}."))
    if asked.object_type:
        found = found.filter(object_type=asked.object_type)
    if asked.object_id:
        found = found.filter(object_id=asked.object_id)
    if after is not None:
        found = found.filter(Q(at__lt=after.at) | Q(at=after.at, id__lt=after.id))
    return found


def page(asked: Asked, *, after: Place | None) -> tuple[list[AuditLine], Place | None]:
    """One page, and where the next one begins."""
    found = list(lines(asked, after=after)[: PER_PAGE + 1])
    last = found[PER_PAGE - 1] if len(found) > PER_PAGE else None
    return found[:PER_PAGE], Place(last.at, last.id) if last else None


def all_lines(asked: Asked) -> Iterator[AuditLine]:
    """At most MOST_EXPORTED, in batches, so that neither memory nor a statement grows with them."""
    after, left = None, MOST_EXPORTED
    while left > 0:
        found = list(lines(asked, after=after)[: min(BATCH, left)])
        yield from found
        if len(found) < BATCH:
            return
        after, left = Place(found[-1].at, found[-1].id), left - len(found)


def names(found: Iterable[AuditLine]) -> dict[int, str]:
    """The e-mail of each actor who has or had a role; citizens stay a number."""
    ids = {line.actor_id for line in found if line.actor_id is not None}
    staff = User.objects.filter(pk__in=ids, assignments__isnull=False).distinct()
    return {pk: email or "" for pk, email in staff.values_list("pk", "email")}
