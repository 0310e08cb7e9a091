"""The phrase rules in force, and how a senior reviewer publishes the next version."""

from collections.abc import Sequence
from datetime import UTC, datetime

from django.db import transaction

from antifraud.adverts.errors import ChangedMeanwhile
from antifraud.adverts.phrases import Match, Phrase, matches, points_of, read, seed
from antifraud.models import PhraseRules, Post, PostState
from mexitel.accounts.models import User
from mexitel.audit.services import record

FROM_THE_BEGINNING = datetime(2021, 1, 1, tzinfo=UTC)


def in_force() -> PhraseRules:
    """The newest version; number 1 comes with the code and is written by whoever finds none."""
    found = PhraseRules.objects.order_by("-number").first()
    if found is not None:
        return found
    phrases, note = seed()
    told = {"phrases": as_data(phrases), "note": note, "published_at": FROM_THE_BEGINNING}
    return PhraseRules.objects.get_or_create(number=1, defaults=told)[0]


def as_data(phrases: Sequence[Phrase]) -> list[dict[str, str | int]]:
    return [one._asdict() for one in phrases]


def found_in(words: str, rules: PhraseRules) -> list[Match]:
    return matches(words, read(rules.phrases)) if words else []


@transaction.atomic
def publish(*, after: int, phrases: Sequence[Phrase], note: str, by: User, now: datetime) -> PhraseRules:
    """The version after number ``after``; unread posts are weighed again by it. Raises ChangedMeanwhile."""
    told = {"phrases": as_data(phrases), "note": note, "author": by, "published_at": now}
    if in_force().number != after:
        raise ChangedMeanwhile
    made, is_new = PhraseRules.objects.get_or_create(number=after + 1, defaults=told)
    if not is_new:
        raise ChangedMeanwhile
    unread = Post.objects.filter(state=PostState.RECEIVED).exclude(words="").order_by("pk")
    for post in unread.select_for_update(of=("self",), no_key=True):
        weigh(post, made)
        post.save(update_fields=["points", "matches", "rules"])
    record(actor=by, action="advert.phrases", target=made, now=now, reason=note, detail={"number": made.number})
    return made


def weigh(post: Post, rules: PhraseRules) -> None:
    """Points and phrases of its words, by ``rules``; the caller saves."""
    found = found_in(post.words, rules)
    post.points, post.rules = points_of(found), rules.number
    post.matches = [one._asdict() for one in found]
