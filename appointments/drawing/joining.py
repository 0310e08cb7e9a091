"""Applying to a draw, changing and withdrawing an application: all before the lists are closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from appointments.allocation import drawing
from appointments.drafts import entry_of, fits
from appointments.drawing import locks
from appointments.drawing.bookers import booked_already, contact_keys, in_linked_application, locked_out
from appointments.drawing.carrying import credit_of
from appointments.drawing.codes import new_code
from appointments.drawing.errors import (
    AppliedAlready,
    Blocked,
    NotAFamily,
    NothingSuits,
    NotOpenForApplications,
    PersonApplied,
    PersonBooked,
    TooLate,
    WrongPeople,
)
from appointments.drawing.lots import choices_of, free_times
from appointments.enums import Channel
from appointments.family import LARGEST_FAMILY, LARGEST_PARTY, is_one_family
from appointments.guards import BookingAttempt, run_guards
from appointments.models import Applicant, DaysWanted, DrawApplication, DrawPerson, DrawWin, HalfWanted
from consulates.models import Gate, Procedure, Release
from mexitel.accounts.models import User
from mexitel.audit.services import record
from mexitel.outbox.services import publish
from mexitel.utils.browsers import NOTHING
from mexitel.utils.db import named_violations


@dataclass(frozen=True)
class Wishes:
    """What somebody applies for. ``applicants`` are saved people of the account, one for each seat."""

    procedure: Procedure
    applicants: tuple[int, ...]
    offices: tuple[int, ...]
    days: str = DaysWanted.ANY
    chosen_days: tuple[date, ...] = ()
    half: str = HalfWanted.ANY
    sooner_first: bool = False

    def columns(self) -> dict:
        return {
            "procedure": self.procedure,
            "party": len(self.applicants),
            "office_ids": list(self.offices),
            "days_wanted": self.days,
            "chosen_days": sorted(self.chosen_days) if self.days == DaysWanted.CHOSEN else [],
            "half_wanted": self.half,
            "sooner_first": self.sooner_first,
        }


def apply(
    *,
    account: User,
    release: Release,
    wishes: Wishes,
    now: datetime,
    channel: str = Channel.WEB,
    client: tuple[str, str] = NOTHING,
    agent: User | None = None,
    call_reference: str = "",
) -> DrawApplication:
    """The account's application to the draw, made or changed; the ticket stays the same.

    Raises BookingRefused (a guard said no) or a DrawError; then nothing was written. Whoever applied by themselves and
    changes it on the telephone keeps the channel in which they began.
    """
    people = _people(account, release, wishes)
    run_guards(
        BookingAttempt(
            verb="join", account=account, channel=channel, party=len(people), client=client, now=now, slots=()
        )
    )
    _check_that_something_suits(release, wishes, channel, now=now)
    with transaction.atomic(), _once_each():
        _check_the_clock(release, now=now)
        _check_the_booker(account, people, release=release, group=wishes.procedure.group, now=now)
        application = _written(account, release, wishes, now=now, channel=channel)
        _weigh(application, people)
        application.agent_id = agent.pk if agent else application.agent_id
        application.call_reference = call_reference or application.call_reference
        application.save()
        _seat(application, people, wishes.procedure.group)
        publish(kind="draw.applied", payload={"application": str(application.pk)}, now=now)
        if agent is not None:
            _note(agent, "draw.apply", application, now=now)
    return application


@transaction.atomic
def withdraw(*, application_id: UUID, now: datetime, agent: User | None = None) -> None:
    """Out of the draw; after it, out of the order, which passes them over. Raises TooLate for who has won already."""
    found = DrawApplication.objects.select_related("release").get(pk=application_id)
    locks.with_others(found.release_id)
    application = DrawApplication.objects.select_for_update(no_key=True).get(pk=application_id)
    if not application.stands:
        return
    if DrawWin.objects.filter(application=application).exists():
        raise TooLate
    application.withdrawn_at = application.changed_at = now
    # What it carried counts for another one.
    application.carries_on_at = application.carried_from = None
    application.weight = 1
    application.save(update_fields=["withdrawn_at", "changed_at", "carries_on_at", "carried_from", "weight"])
    application.people.all().delete()
    if agent is not None:
        _note(agent, "draw.withdraw", application, now=now)


def _people(account: User, release: Release, wishes: Wishes) -> list[Applicant]:
    """The saved people in the order of their seats. Raises WrongPeople or NotAFamily."""
    found = Applicant.objects.filter(account=account, removed_at=None).in_bulk(set(wishes.applicants))
    people = [found[pk] for pk in wishes.applicants if pk in found]
    if not 1 <= len(people) == len(wishes.applicants) <= LARGEST_FAMILY or len(found) != len(people):
        raise WrongPeople
    first = release.sessions.published().order_by("date").values_list("date", flat=True).first()
    day = first or release.opens_at.date()
    entries = [entry_of(one) for one in people]
    unfit = next((e for e in entries if not fits(e, procedure=wishes.procedure, day=day)), None)
    if unfit is not None:
        raise WrongPeople({"applicant": unfit.applicant_id})
    if len(people) > LARGEST_PARTY and not is_one_family(entries, day=day):
        raise NotAFamily
    return people


def _check_that_something_suits(release: Release, wishes: Wishes, channel: str, *, now: datetime) -> None:
    """Raises NothingSuits, or NotOpenForApplications for a procedure or an office that is not of the release."""
    if release.mode != Gate.DRAW or not release.procedures.filter(pk=wishes.procedure.pk).exists():
        raise NotOpenForApplications
    codes = dict(release.consulates.values_list("pk", "code"))
    wanted = DrawApplication(**wishes.columns(), channel=channel)
    lots = [times.lot for times in free_times(release, now=max(now, release.opens_at))]
    if not set(wishes.offices) <= set(codes) or not choices_of(wanted, lots, codes):
        raise NothingSuits


def _check_the_clock(release: Release, *, now: datetime) -> None:
    """Under the lock that whoever seals takes alone: nobody is left out of a list that they were in time for."""
    locks.with_others(release.pk)
    current = Release.objects.get(pk=release.pk)
    if not current.can_be_joined(now=now) or drawing.commit(current, now).sealed_at is not None:
        raise NotOpenForApplications


def _check_the_booker(
    account: User, people: Sequence[Applicant], *, release: Release, group: str, now: datetime
) -> None:
    if locked_out(account, now=now):
        raise Blocked
    for applicant in booked_already([one.pk for one in people], group, now=now):
        raise PersonBooked({"applicant": applicant})
    by_identity = {bytes(one.identity_hash): one.pk for one in people}
    if len(by_identity) < len(people):
        raise WrongPeople
    taken = in_linked_application(account, by_identity, release_id=release.pk, group=group)
    if taken is not None:
        raise PersonApplied({"applicant": by_identity[taken]})


def _written(account: User, release: Release, wishes: Wishes, *, now: datetime, channel: str) -> DrawApplication:
    standing = DrawApplication.objects.standing().select_for_update(no_key=True)
    application = standing.filter(account=account, release=release).first()
    if application is None:
        application = DrawApplication(
            account=account, release=release, code=new_code(), channel=channel, applied_at=now, **contact_keys(account)
        )
    for name, value in wishes.columns().items():
        setattr(application, name, value)
    application.changed_at = now
    return application


def _weigh(application: DrawApplication, people: Sequence[Applicant]) -> None:
    credit = credit_of(application, people)
    application.carried_from = credit.application if credit else None
    application.weight = credit.weight if credit else 1


def _seat(application: DrawApplication, people: Sequence[Applicant], group: str) -> None:
    application.people.all().delete()
    DrawPerson.objects.bulk_create(
        DrawPerson(
            application=application,
            seat=seat,
            applicant=one,
            identity_hash=bytes(one.identity_hash),
            release_id=application.release_id,
            procedure_group=group,
        )
        for seat, one in enumerate(people, start=1)
    )


def _once_each():
    """A race that the locks do not decide (two accounts with one mailbox) is decided by the constraints."""
    names = ("draw_application_once_of_an_account", "draw_application_once_of_a_mailbox")
    return named_violations(
        {
            **dict.fromkeys([*names, "draw_application_once_of_a_phone"], AppliedAlready),
            "draw_person_in_one_application": PersonApplied,
        }
    )


def _note(agent: User, action: str, application: DrawApplication, *, now: datetime) -> None:
    detail = {"release": application.release_id, "call": application.call_reference}
    record(actor=agent, action=action, target=application.account, now=now, detail=detail)
