"""From the engine's groups to the cases that people decide: opened, grown, weighed again, and two made one.

``settle`` compares a group with what the cases already say of its appointments, so it may be called again at any time,
by a batch or after a rebuild, and does nothing twice.
"""

from collections.abc import Container, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from django.db.models import Q

from antifraud.live.rows import evidence_of
from antifraud.models import Case, CaseKind
from antifraud.records import Account, Group
from antifraud.scoring import Assessment
from antifraud.services.cases import Found, add_to_case, merge_cases, open_case, reassess
from appointments.models import Appointment
from mexitel.accounts.models import User

OPENED = "new"  # what a group calls its case until it is settled


class CaseBook(Protocol):
    """Who is told of groups with a case."""

    def settle(self, group: Group, *, gone: Container[int], now: datetime) -> str:
        """See to it that what is flagged in ``group`` stands in one case; the case's name, empty when there is none.

        ``gone``: numbers of groups that are no more; a case of theirs that this group came upon is part of its own.
        """


class Recorder:
    """For histories whose ids are no accounts of the portal: cases are only numbered."""

    def __init__(self) -> None:
        self.opened = 0

    def settle(self, group: Group, *, gone: Container[int], now: datetime) -> str:
        if group.case.startswith(OPENED):
            self.opened += 1
            return f"c{self.opened}"
        return group.case


class Suspects(NamedTuple):
    """Whom and what a group's case is about, as far as the portal knows them."""

    account_ids: set[int]
    appointment_ids: set[UUID]


class PortalCases:
    """The cases of the desk."""

    def settle(self, group: Group, *, gone: Container[int], now: datetime) -> str:
        suspects = suspects_of(group)
        known = self._known(group, suspects)
        own = [case for case in known if not case.is_over and is_of(case, group, gone)]
        if not own:
            return self._open(group, suspects, known, now)
        case = own[0]
        for other in own[1:]:
            merge_cases(kept=case, other=other, now=now)
        self._name(case, group)
        self._grow(case, group, suspects, now)
        return str(case.pk)

    def _known(self, group: Group, suspects: Suspects) -> list[Case]:
        """Cases, oldest first, that the group or one of its flagged appointments ever stood in."""
        named = Q(pk=int(group.case)) if group.case.isdigit() else Q()
        about = Q(appointments__appointment__in=suspects.appointment_ids) | Q(group_number=group.number)
        return list(
            Case.objects.filter(named | about if named else about, kind=CaseKind.BROKER).distinct().order_by("pk")
        )

    def _open(self, group: Group, suspects: Suspects, known: Sequence[Case], now: datetime) -> str:
        """A case for what nobody has decided yet: decided appointments stay decided."""
        over = [case for case in known if case.is_closed]
        decided = {pk for case in over for pk in case.appointments.values_list("appointment_id", flat=True)}
        new = suspects.appointment_ids - decided
        if not new:
            return str(over[-1].pk) if over else ""
        case = open_case(
            found=found_of(group.best), account_ids=suspects.account_ids, appointment_ids=new,
            group_number=group.number, now=now,
        )  # fmt: skip
        return str(case.pk)

    def _name(self, case: Case, group: Group) -> None:
        """The case goes by the group's number, which it may have from one that is gone."""
        if case.group_number != group.number:
            Case.objects.standing().filter(group_number=group.number).update(group_number=None)
            case.group_number = group.number
            case.save(update_fields=["group_number"])

    def _grow(self, case: Case, group: Group, suspects: Suspects, now: datetime) -> None:
        accounts = suspects.account_ids - set(case.accounts.values_list("account_id", flat=True))
        appointments = suspects.appointment_ids - set(case.appointments.values_list("appointment_id", flat=True))
        if accounts or appointments:
            add_to_case(case=case, account_ids=accounts, appointment_ids=appointments, now=now)
        if group.best is not None and group.best.score > case.score:
            reassess(case=case, found=found_of(group.best), now=now)


def is_of(case: Case, group: Group, gone: Container[int]) -> bool:
    """Whether a standing case is this group's: by its name or number, or because its own group is no more."""
    return str(case.pk) == group.case or case.group_number in (None, group.number) or case.group_number in gone


def found_of(best: Assessment | None) -> Found:
    assert best is not None  # noqa: S101 - a case opens on an assessment
    return Found(best.ruleset, best.score, evidence_of(best), best.facts.as_data())


def suspects_of(group: Group) -> Suspects:
    """Ids of the flagged appointments and of their bookers that the portal has; who has none flagged is a bystander."""
    numbers = [account.id for account in group.members.values() if stands_in_case(account)]
    uuids = [uuid for booking in group.bookings() if booking.flag and (uuid := uuid_in(booking.id))]
    return Suspects(
        set(User.objects.filter(pk__in=[int(one) for one in numbers if one.isdecimal()]).values_list("pk", flat=True)),
        set(Appointment.objects.filter(pk__in=uuids).values_list("pk", flat=True)),
    )


def stands_in_case(account: Account) -> bool:
    return not account.bookings or any(booking.flag for booking in account.bookings)


def uuid_in(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
