"""A place in the list, and an offer, as pages, messages and the API show them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, Sum

from appointments.models import WaitingEntry, WaitingOffer, WaitingPerson, WaitingSkip
from appointments.waiting.answering import Offered, as_it_stands
from appointments.waiting.days import is_drawn
from appointments.waiting.joining import booked_people, told_of
from appointments.waiting.words import skip_words, when_words, where_words
from consulates.wording import moment
from mexitel.accounts.models import User

LOOKS_BACK = timedelta(days=30)


@dataclass(frozen=True)
class Position:
    """``ahead`` wait for the same in some of the same places and are served first. ``place`` of ``of_day`` is the drawn
    one among those who joined on the same day; None until that day is over and drawn.
    """

    ahead: int
    place: int | None
    of_day: int
    is_front: bool
    offered: int


@dataclass(frozen=True)
class ShownEntry:
    entry: WaitingEntry
    where: str
    when: str
    people: list[str]
    position: Position | None
    offer: Offered | None
    skips: list[tuple[str, int]]
    booked: list[str]
    is_live: bool

    @property
    def why_others(self) -> list[str]:
        return [skip_words(code, times) for code, times in self.skips]


def shown_entry(entry: WaitingEntry, *, now: datetime) -> ShownEntry:
    is_live = entry.is_live(now=now)
    people = list(entry.people.select_related("applicant").order_by("position"))
    offer = open_offer(entry, now=now) if is_live else None
    return ShownEntry(
        entry=entry,
        where=where_words(entry),
        when=when_words(entry),
        people=[_name(person) for person in people],
        position=position_of(entry, now=now) if is_live else None,
        offer=offer,
        skips=skips_of(entry),
        booked=[_name(person) for person in booked_people(entry, people, now=now)] if is_live else [],
        is_live=is_live,
    )


def own_entries(account: User, *, now: datetime) -> list[ShownEntry]:
    """The account's live places, newest first."""
    mine = WaitingEntry.objects.live(now=now).filter(account=account).select_related("procedure", "account")
    return [shown_entry(entry, now=now) for entry in mine.order_by("-joined_at")]


def open_offer(entry: WaitingEntry, *, now: datetime) -> Offered | None:
    found = WaitingOffer.objects.select_related("entry__account", "entry__procedure", "session__consulate")
    offer = found.filter(entry=entry, outcome="", expires_at__gt=now).first()
    if offer is None:
        return None
    stands = as_it_stands(offer, now=now)
    return stands if stands.is_open else None


def position_of(entry: WaitingEntry, *, now: datetime) -> Position:
    same = WaitingEntry.objects.live(now=now).filter(procedure=entry.procedure_id)
    same = same.filter(offices__overlap=entry.offices) if entry.offices else same
    day = same.filter(join_day=entry.join_day)
    return Position(
        ahead=same.filter(_before(entry)).count(),
        place=day.filter(_drawn_before(entry)).count() + 1 if is_drawn(entry.join_day) else None,
        of_day=day.count(),
        is_front=entry.front_at is not None,
        offered=_offered_lately(entry, now=now),
    )


def _before(entry: WaitingEntry) -> Q:
    """Who stands before ``entry``; the same order as WaitingEntryQuerySet.in_order."""
    if entry.front_at is not None:
        return Q(front_at__lt=entry.front_at)
    earlier_day = Q(join_day__lt=entry.join_day)
    return Q(front_at__isnull=False) | earlier_day | Q(join_day=entry.join_day) & _drawn_before(entry)


def _drawn_before(entry: WaitingEntry) -> Q:
    """Within one day: drawn before it, and those who left offers unanswered behind."""
    drawn = Q(drawn__lt=bytes(entry.drawn))
    if entry.moved_behind_at is None:
        return Q(moved_behind_at__isnull=True) & drawn
    moved = Q(moved_behind_at__lt=entry.moved_behind_at) | Q(moved_behind_at=entry.moved_behind_at) & drawn
    return Q(moved_behind_at__isnull=True) | moved


def _offered_lately(entry: WaitingEntry, *, now: datetime) -> int:
    """How many offers of this procedure the list made in these places in the last month."""
    offers = WaitingOffer.objects.filter(entry__procedure=entry.procedure_id, made_at__gte=now - LOOKS_BACK)
    return offers.filter(session__consulate__in=entry.offices).count()


def skips_of(entry: WaitingEntry) -> list[tuple[str, int]]:
    """Why others were served first, and how often; the most frequent first."""
    counted = WaitingSkip.objects.filter(entry=entry).values("code").annotate(all=Sum("times")).order_by("-all", "code")
    return [(row["code"], row["all"]) for row in counted]


def until_words(offered: Offered) -> str:
    return moment(offered.offer.expires_at, offered.offer.session.time_zone)


def _name(person: WaitingPerson) -> str:
    entry = told_of(person)
    return " ".join(filter(None, [entry.given_names, entry.surname_1, entry.surname_2]))
