"""Which contacts may reach the person who attends: those of earlier appointments of theirs, and the booker's own."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q

from antifraud.models import CaseAccount, CaseKind, IdentityRequest, Link, RequestState, Verdict
from antifraud.models.validation import AskedBy, Source
from antifraud.validation.ways import Way
from appointments.enums import AppointmentStatus
from appointments.models import Appointment, Attendee, Caller
from mexitel.accounts.addresses import takes_sms
from mexitel.accounts.models import User
from mexitel.utils.crypto import keyed_hash
from mexitel.utils.emails import canonical_email

# A phone of more accounts than a family has belongs to nobody in particular.
MOST_ACCOUNTS = 5
SAME_PERSON = "applicant"  # the kind of link that an earlier appointment of the same person makes by itself
CLEARED = (Verdict.LEGITIMATE, Verdict.VALIDATED)


@dataclass(frozen=True)
class Validated:
    """A contact where somebody answered who knew the data of who attends; one of the two is empty."""

    email: str
    phone: str
    language: str


def validated_contact(appointment_id: UUID) -> Validated | None:
    """Where the person of an appointment can be told something, beside whoever booked; None when nobody answered."""
    answered = IdentityRequest.objects.filter(
        appointment=appointment_id, identified=True, state__in=[RequestState.CONFIRMED, RequestState.DENIED]
    )
    last = answered.exclude(contact="").order_by("-answered_at").first()
    if last is None:
        return None
    by_mail = "@" in last.contact
    return Validated(last.contact if by_mail else "", "" if by_mail else last.contact, last.language)


def ways_to(
    appointments: Collection[Appointment], *, suspects: Collection[int], now: datetime
) -> dict[UUID, list[Way]]:
    """For each appointment, what speaks most for the person first. ``suspects`` are the accounts of the case."""
    held = _Held.of(suspects)
    earlier = _earlier(appointments, suspects=suspects, now=now)
    return {
        one.pk: [*_ways_of_earlier(earlier[one.pk], one, held), *_ways_of_booker(one.account, held)]
        for one in appointments
    }


@dataclass(frozen=True)
class _Held:
    """Whose the contacts of the case are, by key."""

    phones: Mapping[bytes, frozenset[int]]
    mailboxes: Mapping[str, frozenset[int]]
    stated: Mapping[int, str]

    @classmethod
    def of(cls, suspects: Collection[int]) -> "_Held":
        phones, mailboxes, stated = defaultdict(set), defaultdict(set), {}
        for user in User.objects.filter(pk__in=suspects):
            if user.phone_hash:
                phones[bytes(user.phone_hash)].add(user.pk)
            if user.email:
                mailboxes[canonical_email(user.email)].add(user.pk)
        for caller in Caller.objects.filter(account__in=suspects).exclude(phone=""):
            phones[keyed_hash("phone", caller.phone)].add(caller.account_id)
            stated[caller.account_id] = caller.phone
        return cls(_frozen(phones), _frozen(mailboxes), stated)

    def holders(self, *, phone: str = "", email: str = "") -> frozenset[int]:
        if phone:
            return self.phones.get(keyed_hash("phone", phone), frozenset())
        return self.mailboxes.get(canonical_email(email), frozenset())


def _frozen(found: Mapping) -> dict:
    return {key: frozenset(ids) for key, ids in found.items()}


def _ways_of_booker(account: User, held: _Held) -> Iterator[Way]:
    if account.has_verified_phone:
        yield _by_phone(Source.OWN, account.phone, account, held)
    elif account.pk in held.stated:
        number = held.stated[account.pk]
        holders = held.holders(phone=number)
        yield Way(AskedBy.CALL, Source.STATED, number, account.language, account.pk, holders)


def _by_phone(source: Source, number: str, account: User, held: _Held) -> Way:
    asked_by = AskedBy.SMS if takes_sms(number) else AskedBy.CALL
    return Way(asked_by, source, number, account.language, account.pk, held.holders(phone=number))


def _ways_of_earlier(earlier: Iterable[Appointment], asked: Appointment, held: _Held) -> Iterator[Way]:
    for one in earlier:
        account = one.account
        if account.phone_verified_at and account.phone_verified_at < asked.created_at:
            yield _by_phone(Source.EARLIER, account.phone, account, held)
        # A mailbox costs nothing: it speaks for the person once somebody with their ID came to an appointment of it.
        if account.email and not account.email_bounced_at and one.status == AppointmentStatus.ATTENDED:
            holders = held.holders(email=account.email)
            yield Way(AskedBy.MAIL, Source.EARLIER, account.email, account.language, account.pk, holders)


def _earlier(
    appointments: Collection[Appointment], *, suspects: Collection[int], now: datetime
) -> dict[UUID, list[Appointment]]:
    """What the same person had before on accounts that nobody suspects, the kept ones first, then the latest."""
    principals = list(Attendee.objects.filter(appointment__in=appointments, position=1))
    found = list(_same_people(principals).exclude(appointment__account__in=suspects))
    trusted = _trusted({one.appointment.account for one in found}, suspects, now=now)
    asked = {one.pk: one for one in appointments}
    earlier: dict[UUID, list[Appointment]] = defaultdict(list)
    for principal in principals:
        before = asked[principal.appointment_id].created_at
        earlier[principal.appointment_id] = sorted(
            (
                one.appointment
                for one in found
                if _is_same(principal, one)
                and one.appointment.account_id in trusted
                and one.appointment.created_at < before
            ),
            key=lambda one: (one.status != AppointmentStatus.ATTENDED, -one.starts_at.timestamp()),
        )
    return earlier


def _same_people(principals: Iterable[Attendee]):
    named = [bytes(one.identity_hash) for one in principals]
    numbered = [bytes(one.curp_hash) for one in principals if one.curp_hash]
    same = Attendee.objects.filter(Q(identity_hash__in=named) | Q(curp_hash__in=numbered))
    return same.exclude(appointment__status=AppointmentStatus.CANCELLED).select_related("appointment__account")


def _is_same(one: Attendee, other: Attendee) -> bool:
    """An equal CURP, or an equal name and birth date; not with two different CURPs, as homonyms have."""
    if one.curp_hash and other.curp_hash:
        return bytes(one.curp_hash) == bytes(other.curp_hash)
    return bytes(one.identity_hash) == bytes(other.identity_hash)


def _trusted(accounts: Iterable[User], suspects: Collection[int], *, now: datetime) -> set[int]:
    """Those that stand in no case, are tied to none of the suspects, and whose phone is not everybody's."""
    alive = {one.pk: one for one in accounts if one.deleted_at is None and not one.is_staff}
    cleared = Q(case__verdict__in=CLEARED) | Q(case__kind=CaseKind.AUDIT)
    in_cases = CaseAccount.objects.filter(account__in=alive).exclude(cleared).values_list("account_id", flat=True)
    phones = [one.phone_hash for one in alive.values() if one.phone_hash]
    popular = {
        bytes(key)
        for key in User.objects.filter(phone_hash__in=phones)
        .values_list("phone_hash", flat=True)
        .annotate(accounts=Count("pk"))
        .filter(accounts__gt=MOST_ACCOUNTS)
    }
    crowded = {pk for pk, one in alive.items() if one.phone_hash and bytes(one.phone_hash) in popular}
    return set(alive) - set(in_cases) - _linked(suspects, now=now) - crowded


def _linked(suspects: Collection[int], *, now: datetime) -> set[int]:
    ends = [str(pk) for pk in suspects]
    links = Link.objects.filter(Q(a__in=ends) | Q(b__in=ends), expires_at__gt=now, weight__gt=0)
    found = {end for pair in links.exclude(kind=SAME_PERSON).values_list("a", "b") for end in pair}
    return {int(end) for end in found if end.isdecimal()}
