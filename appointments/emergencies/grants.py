"""Seats outside the public pool. Whoever gives one leaves a Grant, and the claim confirms no such hold without it."""

from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Sum

from appointments.claim import claim_one
from appointments.emergencies.errors import NotOutside, SameSigner, SignatureNeeded
from appointments.enums import HIGHEST_CAP, ScopeKind
from appointments.errors import ApplicantBooked, LockFull, raise_for
from appointments.models import ApplicantClaim, Appointment, CapOverride, EmergencyRequest, Grant, GrantRule, Hold
from appointments.scopes import booker_scopes
from appointments.services import HOLD_LENGTH, Entry
from appointments.services.applicants import person_for_claim, saved_id
from appointments.services.hold import request_for
from consulates.models import Consulate, Procedure, Slot
from consulates.wording import local_day
from mexitel.accounts.models import User
from mexitel.audit.services import record

OUTSIDE = frozenset(Grant.Pool.values)


@dataclass(frozen=True)
class Signatures:
    """Who gives a seat outside the public pool and why; above the daily number somebody else signs too."""

    author: User
    reason: str
    countersigned_by: User | None = None


@transaction.atomic
def grant_hold(
    *,
    hold_id: UUID,
    pool: str,
    signatures: Signatures,
    now: datetime,
    request: EmergencyRequest | None = None,
) -> Grant:
    """The line without which the claim does not confirm a hold of ``pool``. Counted on the office's own day.

    Raises SignatureNeeded (the day's number is used up and nobody signed too), SameSigner or NotOutside.
    """
    if pool not in OUTSIDE:
        raise NotOutside
    if signatures.countersigned_by == signatures.author:
        raise SameSigner
    hold = Hold.objects.get(pk=hold_id)
    office = Slot.objects.select_related("consulate").get(pk=hold.slot_ids[0]).consulate
    rule = locked_rule(office)
    day = local_day(now, office.time_zone)
    last = seats_granted(office, now=now) + hold.party
    if last > rule.daily_grants and signatures.countersigned_by is None:
        raise SignatureNeeded
    grant = Grant.objects.create(
        hold_id=hold_id,
        request=request,
        consulate=office,
        pool=pool,
        seats=hold.party,
        day=day,
        last_number=last,
        allowed=rule.daily_grants,
        author=signatures.author,
        reason=signatures.reason,
        countersigned_by=signatures.countersigned_by,
        created_at=now,
    )
    record(
        actor=signatures.author,
        action="grant.give",
        target=grant,
        now=now,
        office_id=office.pk,
        reason=signatures.reason,
        detail={
            "pool": pool,
            "seats": hold.party,
            "number": last,
            "allowed": rule.daily_grants,
            "countersigned_by": signatures.countersigned_by.pk if signatures.countersigned_by else None,
        },
    )
    return grant


@transaction.atomic
def change_rule(
    *, office: Consulate, daily_grants: int, target_hours: int, reason: str, actor: User, now: datetime
) -> GrantRule:
    """From now on; what was asked keeps its clock, what was given keeps its number."""
    rule = locked_rule(office)
    before = {"daily_grants": rule.daily_grants, "target_hours": rule.target_hours}
    rule.daily_grants, rule.target_hours = daily_grants, target_hours
    rule.save()
    record(
        actor=actor,
        action="grant.rule",
        target=rule,
        now=now,
        office_id=office.pk,
        reason=reason,
        detail={"before": before, "after": {"daily_grants": daily_grants, "target_hours": target_hours}},
    )
    return rule


def locked_rule(office: Consulate) -> GrantRule:
    """The office's rule, locked: two officers at once never count the same seats as free of a second signature."""
    GrantRule.objects.get_or_create(consulate=office)
    return GrantRule.objects.select_for_update().get(consulate=office)


def seats_granted(office: Consulate, *, now: datetime) -> int:
    """On the office's day of ``now``."""
    today = Grant.objects.filter(consulate=office, day=local_day(now, office.time_zone))
    return today.aggregate(total=Sum("seats"))["total"] or 0


@transaction.atomic
def give_seats(
    *,
    account: User,
    slot: Slot,
    procedure: Procedure,
    people: Sequence[Entry],
    pool: str,
    signatures: Signatures,
    origin: str,
    channel: str,
    now: datetime,
    request: EmergencyRequest | None = None,
    call_reference: str = "",
) -> list[UUID]:
    """``people`` attend at ``slot`` on seats of ``pool``; returns their appointments. All of it or nothing.

    Whoever has an appointment for that procedure later is moved. A booker at their lock of five gets a cap for
    this one booking. The guards of fairness are not asked, since they judge what a booker does and here an
    officer acts; a block stops it all the same. Raises a BookingError (SlotFull, SlotBusy, BookerBlocked,
    ApplicantBooked ...), SignatureNeeded, SameSigner or NotOutside.
    """
    locked_rule(slot.consulate)  # before the account and its scopes, always in this order
    User.objects.select_for_update(no_key=True).only("pk").get(pk=account.pk)
    replaced = _to_move(account, [saved_id(account, person) for person in people], procedure, now=now)
    with _room_for(account, 0 if replaced else len(people), signatures=signatures, now=now):
        held = claim_one(
            request_for(
                account,
                "hold",
                channel=channel,
                slots=[{"slot": slot.pk, "seats": len(people)}],
                procedure=procedure.pk,
                expires_at=now + HOLD_LENGTH,
                pools=[pool],
                origin=origin,
                supersedes=None,
                replaces=replaced,
                agent=signatures.author.pk,
            ),
            now=now,
        )
        raise_for(held)
        hold_id = UUID(held.facts["hold"])
        grant_hold(hold_id=hold_id, pool=pool, signatures=signatures, now=now, request=request)
        booked = claim_one(
            request_for(
                account,
                "confirm",
                channel=channel,
                hold=hold_id,
                agent=signatures.author.pk,
                call_reference=call_reference,
                people=[] if replaced else [person_for_claim([one], today=slot.session.date) for one in people],
            ),
            now=now,
        )
        raise_for(booked)
    return [UUID(appointment) for appointment in booked.facts["appointments"]]


def _to_move(account: User, applicants: list[int | None], procedure: Procedure, *, now: datetime) -> list[UUID]:
    """The later appointments of exactly these people for this procedure, in their order; none when nobody has one.

    Raises ApplicantBooked when only some of them have one, or one for another procedure of the group.
    """
    claims = ApplicantClaim.objects.filter(applicant__in=applicants, procedure_group=procedure.group, until__gt=now)
    holders = dict(claims.values_list("applicant_id", "holder"))
    if not holders:
        return []
    found = {
        appointment.applicant_id: appointment.pk
        for appointment in Appointment.objects.upcoming(now=now).filter(
            pk__in=holders.values(), account=account, procedure=procedure
        )
    }
    if set(found) != set(applicants):
        raise ApplicantBooked({"applicant": next(iter(holders))})
    return [found[applicant] for applicant in applicants if applicant]


@contextmanager
def _room_for(account: User, seats: int, *, signatures: Signatures, now: datetime):
    """Inside, ``seats`` more fit in every scope of the booker; afterwards the caps are what they were.

    Only when they did not fit before: then a CapOverride says who raised the cap and why. Raises LockFull above
    the highest cap that there is. A blocked scope stays blocked.
    """
    scopes = _locked_scopes(account, now=now)
    if not seats or all(active + seats <= cap for _pk, cap, active, _old, _until in scopes):
        yield
        return
    cap = max(active for _pk, _cap, active, _old, _until in scopes) + seats
    if cap > HIGHEST_CAP:
        raise LockFull({"scope": ScopeKind.ACCOUNT, "cap": HIGHEST_CAP, "active": cap - seats})
    CapOverride.objects.create(
        kind=CapOverride.Kind.EMERGENCY,
        account=account,
        cap=cap,
        reason=signatures.reason,
        author=signatures.author,
        created_at=now,
        until=now + HOLD_LENGTH,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE appointments_scope s SET override_cap = greatest(%s, scope_cap(s, %s)), override_until = %s"
            " WHERE id = ANY (%s)",
            [cap, now, now + HOLD_LENGTH, [pk for pk, *_rest in scopes]],
        )
        yield
        # Over with this booking; whatever raised the cap before goes on.
        for pk, _cap, _active, old, until in scopes:
            cursor.execute(
                "UPDATE appointments_scope SET override_cap = %s, override_until = %s WHERE id = %s", [old, until, pk]
            )


def _locked_scopes(account: User, *, now: datetime) -> list[tuple]:
    """(id, cap in force, permits in use, override, its end) of each scope of the booker, locked in the claim's order:
    the account first, because its row names the group.
    """
    keys = booker_scopes(account)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, group_id FROM appointments_scope"
            " WHERE kind = 1 AND key = ANY (%s) ORDER BY kind, key FOR UPDATE",
            [[scope.key for scope in keys if scope.kind == ScopeKind.ACCOUNT]],
        )
        groups = [group for _pk, group in cursor.fetchall() if group]
        cursor.execute(
            "SELECT s.id, scope_cap(s, %(now)s),"
            " (SELECT count(*) FROM appointments_permit p WHERE p.scope_id = s.id AND p.until > %(now)s),"
            " s.override_cap, s.override_until"
            " FROM appointments_scope s JOIN unnest(%(kinds)s::smallint[], %(keys)s::bytea[]) AS named (kind, key)"
            " USING (kind, key)"
            " ORDER BY kind, key FOR UPDATE OF s",
            {"now": now, "kinds": [int(scope.kind) for scope in keys], "keys": [scope.key for scope in keys]},
        )
        found = cursor.fetchall()
        cursor.execute(
            "SELECT s.id, scope_cap(s, %s),"
            " (SELECT count(*) FROM appointments_permit p WHERE p.scope_id = s.id AND p.until > %s),"
            " s.override_cap, s.override_until"
            " FROM appointments_scope s WHERE s.id = ANY (%s) ORDER BY kind, key FOR UPDATE OF s",
            [now, now, groups],
        )
        return found + cursor.fetchall()
