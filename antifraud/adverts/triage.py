"""Reviewers and the register: take a post in hand, decide what becomes of it, tie it to a case of fairness.

Every step is a PostEvent with its author and a reason; the database moves the post by it and by nothing else.
"""

from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from antifraud.adverts.errors import (
    InOtherHands,
    LinkedAlready,
    MovedOn,
    NoGround,
    NoSuchCase,
    NoSuchStep,
    NoTarget,
)
from antifraud.adverts.likeness import alike
from antifraud.models import Case, CaseEvent, Post, PostEvent, PostLink, PostState
from antifraud.models.adverts import IN_HAND, TO_REPORT, TRANSITIONS
from mexitel.accounts.addresses import canonical_phone, clean_email
from mexitel.accounts.models import User
from mexitel.audit.services import record
from mexitel.utils.crypto import keyed_hash
from mexitel.utils.db import named_violations

# How many of the newest are compared with; sealed words are opened one by one.
COMPARED = 300
MOST_CASES = 10


def take_next(*, by: User, now: datetime) -> Post | None:
    """The most urgent one in nobody's hand, in ``by``'s from now on; two who ask at once get two."""
    with transaction.atomic():
        waiting = Post.objects.to_triage().in_nobodys_hand(now=now).by_urgency()
        post = waiting.select_for_update(of=("self",), no_key=True, skip_locked=True).first()
        if post is not None:
            _hand(post, by, by, now)
        return post


def take(*, post_id: UUID, to: User, by: User, now: datetime) -> None:
    """Put it into the hand of ``to``: one's own, or a colleague's (a senior reviewer assigns). Raises InOtherHands."""
    with transaction.atomic():
        post = _locked(post_id)[post_id]
        if to == by and not post.is_free_for(by.pk, now=now):
            raise InOtherHands
        _hand(post, to, by, now)


def give_back(*, post_id: UUID, by: User, now: datetime) -> None:
    """Only one's own; of another's nothing changes."""
    if Post.objects.filter(pk=post_id, taken_by=by).update(taken_by=None, taken_until=None):
        record(actor=by, action="advert.give_back", target=("antifraud.post", str(post_id)), now=now)


def _hand(post: Post, to: User, by: User, now: datetime) -> None:
    post.taken_by, post.taken_until = to, now + IN_HAND
    post.save(update_fields=["taken_by", "taken_until"])
    record(actor=by, action="advert.take" if to == by else "advert.assign", target=post, now=now, detail={"to": to.pk})


def decide(
    *,
    post_id: UUID,
    was: PostState,
    became: PostState,
    reason: str,
    by: User,
    now: datetime,
    ground: str = "",
    excerpt: str = "",
    joined_to: UUID | None = None,
) -> None:
    """One step from ``was``, as the reviewer saw it. ``ground`` and ``excerpt`` (what the platform may read) come with
    a confirmation, ``joined_to`` with joining. Raises MovedOn, InOtherHands, NoSuchStep, NoGround or NoTarget.
    """
    if became not in TRANSITIONS[was] or became == PostState.REPORTED:  # reported is what an export is
        raise NoSuchStep
    with transaction.atomic():
        locked = _locked(post_id, joined_to)
        post = locked[post_id]
        if post.state != was:
            raise MovedOn
        if not post.is_free_for(by.pk, now=now):
            raise InOtherHands
        target = locked.get(joined_to) if became == PostState.JOINED else None
        if became == PostState.JOINED and target in (None, post):
            raise NoTarget
        if became in TO_REPORT:
            post.ground, post.excerpt = ground or post.ground, excerpt or post.excerpt
            if not post.ground:
                raise NoGround
            post.save(update_fields=["ground", "excerpt"])
        step(post=post, became=became, reason=reason, by=by, now=now, joined_to=target)
        if target is not None:
            _bring_over(post, target)


def step(
    *, post: Post, became: PostState, reason: str, by: User, now: datetime, joined_to: Post | None = None
) -> PostEvent:
    """Write the event that moves the post from where ``post`` says it stands. Raises MovedOn, or NoTarget when
    ``joined_to`` was itself joined to another.
    """
    with named_violations({"post_moves_from_where_it_stands": MovedOn, "post_joins_to_one_that_stands": NoTarget}):
        event = PostEvent.objects.create(
            post=post, at=now, was=post.state, became=became, actor=by, reason=reason, joined_to=joined_to
        )
    record(
        actor=by, action="advert.decide", target=post, now=now, reason=reason,
        detail={"was": post.state, "became": became},
    )  # fmt: skip
    return event


def _locked(*post_ids: UUID | None) -> dict[UUID | None, Post]:
    """In the order of their keys, so that two who join two posts to each other wait for one another only one way."""
    found = Post.objects.filter(pk__in=[one for one in post_ids if one]).order_by("pk")
    return {post.pk: post for post in found.select_for_update(of=("self",), no_key=True)}


def _bring_over(post: Post, target: Post) -> None:
    """Notices stay where they were told and are shown with the post that stands; it counts them all."""
    target.told += post.told
    target.first_told_at = min(target.first_told_at, post.first_told_at)
    target.last_told_at = max(target.last_told_at, post.last_told_at)
    target.save(update_fields=["told", "first_told_at", "last_told_at"])


def similar(post: Post) -> list[tuple[Post, int]]:
    """Other posts that say nearly the same, with how much of 100, for the reviewer to compare."""
    if not post.words:
        return []
    others = Post.objects.exclude(pk=post.pk).exclude(state=PostState.JOINED).exclude(words="")
    others = others.defer("contact", "excerpt", "matches")
    newest = {one.pk: one for one in others.order_by("-last_told_at")[:COMPARED]}
    return [(newest[pk], score) for pk, score in alike(post.words, ((pk, one.words) for pk, one in newest.items()))]


def cases_near(post: Post, *, reader_id: int) -> list[Case]:
    """Cases in which an account with the advert's phone or mail stands. Accounts without a case are shown to nobody."""
    accounts = _accounts_of(post.contact)
    if accounts is None:
        return []
    found = Case.objects.filter(accounts__account__in=accounts).exclude(agent_id=reader_id).distinct()
    return list(found.order_by("-opened_at")[:MOST_CASES])


def _accounts_of(contact: str) -> QuerySet[User] | None:
    """As the desk looks for a booker: by the exact address, or the keyed hash of the number."""
    try:
        if "@" in contact:
            return User.objects.by_email(clean_email(contact))
        return User.objects.filter(phone_hash=keyed_hash("phone", canonical_phone(contact)))
    except ValidationError:
        return None


@transaction.atomic
def link(*, post_id: UUID, case_id: int, grade: int, reason: str, by: User, now: datetime) -> None:
    """A reviewer says that the advert belongs to a case that knows its contact; ``grade`` (3 to 6 bits) is their word
    for colleagues and changes no score. Raises NoSuchStep (the post is not confirmed), NoSuchCase or LinkedAlready.
    """
    post = _locked(post_id)[post_id]
    if post.state in (PostState.RECEIVED, PostState.REFUSED, PostState.JOINED):
        raise NoSuchStep
    case = next((one for one in cases_near(post, reader_id=by.pk) if one.pk == case_id), None)
    if case is None:
        raise NoSuchCase
    with named_violations({"post_linked_once": LinkedAlready}):
        PostLink.objects.create(post=post, case=case, grade=grade, reason=reason, linked_by=by, linked_at=now)
    CaseEvent.objects.create(
        case=case, at=now, kind="advert_linked", actor=by, detail={"advert": str(post.pk), "grade": grade}
    )
    detail = {"case": case.pk, "grade": grade}
    record(actor=by, action="advert.link", target=post, now=now, reason=reason, detail=detail)
