from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from mexitel.accounts import limits
from mexitel.accounts.limits import Origin, take
from mexitel.accounts.models import LimitHit
from mexitel.utils import retention

NOBODY = Origin("", "", counted=False)


@pytest.mark.django_db
def test_take_stops_at_the_limit_and_opens_again_when_the_window_slides(now):
    tries = [take("second factor", {"account": "1"}, NOBODY, now + timedelta(seconds=n)) for n in range(7)]
    assert tries == [True] * 6 + [False]
    assert take("second factor", {"account": "2"}, NOBODY, now)
    later = now + timedelta(minutes=15)
    assert take("second factor", {"account": "1"}, NOBODY, later)
    assert not take("second factor", {"account": "1"}, NOBODY, later)  # only the first had slid out


@pytest.mark.django_db
def test_what_is_refused_is_not_counted(now):
    for n in range(30):
        take("second factor", {"account": "1"}, NOBODY, now + timedelta(seconds=n))
    assert LimitHit.objects.count() == 6


@pytest.mark.django_db
def test_give_back_forgets_a_rightful_deed(now):
    for _ in range(20):
        assert take("second factor", {"account": "1"}, NOBODY, now)
        limits.give_back("second factor", {"account": "1"}, NOBODY, now)


@pytest.mark.django_db
def test_client_and_network_are_counted_apart(now, settings):
    settings.ACCOUNT_LIMITS = {"sign up": {"client": [(2, limits.HOUR)], "network": [(3, limits.HOUR)]}}
    one, other, far = Origin.at("198.51.100.1"), Origin.at("198.51.100.2"), Origin.at("198.51.101.1")
    assert [take("sign up", {}, one, now) for _ in range(3)] == [True, True, False]
    assert [take("sign up", {}, other, now) for _ in range(2)] == [True, False]
    assert take("sign up", {}, far, now)


def test_origin_groups_addresses_as_networks_hand_them_out():
    assert Origin.at("2001:db8:1:2:3::4").client == Origin.at("2001:db8:1:2:ffff::1").client
    assert Origin.at("2001:db8:1:3::4").client != Origin.at("2001:db8:1:2::4").client
    assert Origin.at("::ffff:198.51.100.1") == Origin.at("198.51.100.1")
    assert Origin.at("no address") == Origin("unknown", "unknown")


def rush(times, now):
    def one(_n):
        try:
            return take("second factor", {"account": "1"}, NOBODY, now)
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        return sum(pool.map(one, range(times)))


@pytest.mark.races
def test_parallel_deeds_never_pass_the_limit(live_db, now):
    assert rush(48, now) == 6


@pytest.mark.races
def test_control_without_the_lock_parallel_deeds_pass_the_limit(live_db, now, monkeypatch):
    monkeypatch.setattr(limits, "_lock", lambda marks: None)
    assert max(rush(48, now + timedelta(hours=n)) for n in range(5)) > 6


@pytest.mark.django_db
def test_counts_are_dropped_after_two_days(now):
    take("second factor", {"account": "1"}, NOBODY, now)
    retention.apply(now=now + timedelta(days=1))
    assert LimitHit.objects.count() == 1
    retention.apply(now=now + timedelta(days=2, minutes=1))
    assert LimitHit.objects.count() == 0
