"""Somebody tells of an advert: keep the notice, under the post that it is about.

A notice accuses nobody. It makes a post of the register or is counted under one that is there; a person reads it.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from antifraud.adverts import receipts
from antifraud.adverts.addresses import normalised, platform_of
from antifraud.adverts.likeness import SAME, alike
from antifraud.adverts.pictures import Picture
from antifraud.adverts.rules import in_force, weigh
from antifraud.models import NoticeSource, Platform, Post, PostCapture, PostNotice, PostState
from antifraud.oversight.reports import contact_key
from mexitel.accounts.addresses import canonical_phone
from mexitel.accounts.models import User
from mexitel.audit.services import record
from mexitel.utils.crypto import keyed_hash, seal_bytes
from mexitel.utils.emails import canonical_email


@dataclass(frozen=True)
class Told:
    """What one person told; everything may be unknown, though not all at once (the form sees to it).

    ``where`` is a web address or words such as "a shop beside the office". ``contact`` is whom the advert names,
    ``reporter`` where the person who tells may be asked.
    """

    where: str = ""
    platform: str = ""
    words: str = ""
    contact: str = ""
    price: Decimal | None = None
    seen_on: date | None = None
    reporter: str = ""
    picture: Picture | None = None


@transaction.atomic
def tell(*, told: Told, source: NoticeSource, now: datetime, by: User | None = None) -> tuple[str, PostNotice]:
    """Keep it; returns the receipt's number, of which only a keyed hash is kept, and the notice."""
    post = _post_of(told, now)
    number = receipts.new()
    notice = PostNotice.objects.create(
        post=post, source=source, receipt_key=receipts.key_of(number), address=told.where.strip(), words=told.words,
        contact=told.contact.strip(), price=told.price, seen_on=told.seen_on, told_at=now, told_by=by,
        reporter=told.reporter.strip(), reporter_key=reporter_key(told.reporter),
    )  # fmt: skip
    if told.picture:
        PostCapture.objects.create(
            notice=notice, content=seal_bytes(told.picture.content), wide=told.picture.wide, high=told.picture.high,
            taken_at=now,
        )  # fmt: skip
    _count(post, told, now)
    if by is not None:
        record(actor=by, action="advert.tell", target=post, now=now)
    return number, notice


def _post_of(told: Told, now: datetime) -> Post:
    """The post that it is about, locked; made when there is none. Two who tell of one new address meet in it."""
    address = normalised(told.where)
    first = {
        "changed_at": now, "first_told_at": now, "last_told_at": now, "words": told.words,
        "contact": told.contact.strip(), "contact_key": contact_key(told.contact), "price": told.price,
    }  # fmt: skip
    if address is None:
        platform = told.platform or Platform.OTHER
        same = _same_words(told, platform)
        return (
            _standing(same) if same else Post.objects.create(platform=platform, place=told.where.strip()[:200], **first)
        )
    platform = platform_of(address)
    if platform == Platform.WEB and told.platform:
        platform = Platform(told.platform)
    key = address_key(address)
    post, _is_new = Post.objects.get_or_create(
        address_key=key, defaults={"platform": platform, "address": told.where.strip(), **first}
    )
    return _standing(post)


def _standing(post: Post) -> Post:
    """The post that stands for it today, locked before anything points at it: whoever tells next waits here."""
    while True:
        if post.joined_to_id is None:
            post = Post.objects.select_for_update(of=("self",), no_key=True).get(pk=post.pk)
        if post.joined_to_id is None:
            return post
        post = Post.objects.get(pk=post.joined_to_id)


def address_key(address: str) -> bytes:
    """Of a normalised address."""
    return keyed_hash("advert address", address)


def _same_words(told: Told, platform: str) -> Post | None:
    """Without an address: an open post of the same platform that names the same contact in nearly the same words."""
    key = contact_key(told.contact)
    if key is None:
        return None
    near = Post.objects.filter(platform=platform, contact_key=key, address_key=None)
    near = near.exclude(state__in=[PostState.JOINED, PostState.REFUSED]).order_by("-last_told_at")[:20]
    posts = {post.pk: post for post in near}
    found = alike(told.words, ((pk, post.words) for pk, post in posts.items()), least=SAME)
    return posts[found[0][0]] if found else None


def _count(post: Post, told: Told, now: datetime) -> None:
    """One more notice; what the post lacked so far it has from here on, and its words are weighed."""
    post.words = post.words or told.words
    if not post.contact:
        post.contact, post.contact_key = told.contact.strip(), contact_key(told.contact)
    post.price = told.price if post.price is None else post.price
    post.told, post.last_told_at = post.told + 1, now
    weigh(post, in_force())
    post.save(
        update_fields=[
            "words", "contact", "contact_key", "price", "told", "last_told_at", "points", "matches", "rules",
        ]
    )  # fmt: skip


def reporter_key(contact: str) -> bytes | None:
    """The keyed hash by which whoever left a contact finds their notices; None of nothing, or of no contact."""
    if not contact.strip():
        return None
    try:
        plain = canonical_email(contact) if "@" in contact else canonical_phone(contact)
    except ValidationError:
        return None
    return keyed_hash("advert reporter", plain)


def notices_of(user: User) -> Q:
    """Which notices carry a contact of this account."""
    keys = [key for contact in (user.email, user.phone) if contact and (key := reporter_key(contact))]
    return Q(reporter_key__in=keys)
