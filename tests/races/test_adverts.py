"""Adverts that two people touch at once, each with its control: what would happen without the guard.

One is in the middle of a transaction while the other asks, so nothing depends on who is faster.
"""

import pytest
from django.db import transaction

from antifraud.adverts import exporting, triage
from antifraud.adverts.errors import MovedOn, NoTarget, NothingToReport
from antifraud.adverts.telling import Told, tell
from antifraud.models import NoticeSource, Platform, Post, PostEvent, PostExport, PostState
from antifraud.models.adverts import PostQuerySet
from mexitel.utils.time import now as clock
from tests.factories.accounts import UserFactory
from tests.races.together import Aside

pytestmark = pytest.mark.usefixtures("live_db")


def told(number):
    return tell(told=Told(where=f"https://x.com/a/status/{number}"), source=NoticeSource.PAGE, now=clock())[1].post


def at_once(first, second):
    """What ``first`` returned, what ``second`` did that came before its commit, and whether it had to wait."""
    with transaction.atomic():
        result = first()
        other = Aside(second)
        has_waited = other.waits_for_a_lock()
    return result, other.end(), has_waited


def without_locks(monkeypatch):
    monkeypatch.setattr(PostQuerySet, "select_for_update", lambda self, **options: self)


def reviewers(number):
    return [UserFactory(staff=True, second_factor=False) for _ in range(number)]


def test_two_who_tell_of_a_new_address_meet_in_one_post(owner_connection):
    first, second, has_waited = at_once(lambda: told(1), lambda: told(1))
    assert (has_waited, first.pk == second.pk, Post.objects.get().told) == (True, True, 2)

    owner_connection.cursor().execute("ALTER TABLE antifraud_post DROP CONSTRAINT post_one_of_an_address")
    first, second, has_waited = at_once(lambda: told(2), lambda: told(2))
    assert (has_waited, first.pk == second.pk) == (False, False)


def test_two_who_tell_of_a_known_address_are_both_counted(monkeypatch):
    post = told(1)
    at_once(lambda: told(1), lambda: told(1))
    assert Post.objects.get().told == 3

    without_locks(monkeypatch)
    at_once(lambda: told(1), lambda: told(1))
    assert (post.notices.count(), Post.objects.get().told) == (5, 4)


def test_two_who_take_the_next_get_two(monkeypatch):
    told(1), told(2)
    one, other, third, fourth = reviewers(4)
    first, second, has_waited = at_once(
        lambda: triage.take_next(by=one, now=clock()), lambda: triage.take_next(by=other, now=clock())
    )
    assert (has_waited, {first.pk, second.pk}) == (False, set(Post.objects.values_list("pk", flat=True)))

    Post.objects.update(taken_by=None, taken_until=None)
    without_locks(monkeypatch)
    first, second, has_waited = at_once(
        lambda: triage.take_next(by=third, now=clock()), lambda: triage.take_next(by=fourth, now=clock())
    )
    assert first.pk == second.pk


def decided(post, became, by, **more):
    was = PostState(Post.objects.get(pk=post.pk).state)
    triage.decide(post_id=post.pk, was=was, became=became, reason="-", by=by, now=clock(), **more)


def test_two_files_report_nothing_twice(monkeypatch, owner_connection):
    [by] = reviewers(1)

    def two_files():
        make = lambda: exporting.make(platform=Platform.TWITTER, by=by, now=clock())  # noqa: E731
        return [type(one) for one in at_once(make, make)[:2]]

    for number in range(2):
        decided(told(number), PostState.CONFIRMED, by, ground="sells")
    assert two_files() == [PostExport, NothingToReport]

    without_locks(monkeypatch)
    for number in (2, 3):
        decided(told(number), PostState.CONFIRMED, by, ground="sells")
    assert two_files() == [PostExport, MovedOn]  # the event that moves it is the second guard

    decided(told(4), PostState.CONFIRMED, by, ground="sells")
    owner_connection.cursor().execute("ALTER TABLE antifraud_postevent DISABLE TRIGGER post_moves")
    assert two_files() == [PostExport, PostExport]
    assert PostEvent.objects.filter(became=PostState.REPORTED).count() == 4 + 2


def test_two_posts_are_not_joined_to_each_other(monkeypatch, owner_connection):
    [by] = reviewers(1)

    def both_ways(number):
        one, other = told(number), told(number + 1)
        result = at_once(
            lambda: decided(one, PostState.JOINED, by, joined_to=other.pk),
            lambda: decided(other, PostState.JOINED, by, joined_to=one.pk),
        )[1]
        joined = Post.objects.filter(pk__in=[one.pk, other.pk], state=PostState.JOINED).count()
        return type(result), joined

    assert both_ways(1) == (NoTarget, 1)
    without_locks(monkeypatch)
    assert both_ways(3) == (NoTarget, 1)  # the trigger waits too
    owner_connection.cursor().execute("ALTER TABLE antifraud_postevent DISABLE TRIGGER post_joins")
    assert both_ways(5) == (type(None), 2)
