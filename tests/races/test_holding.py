"""Two open parties for one booker however many tabs and accounts ask at once; and what happens without each rule."""

from datetime import timedelta

from appointments.services.links import link_accounts
from tests.appointments.test_holding import freed, later, leave, of_one_mailbox, release, times
from tests.factories import appointments as make
from tests.factories.appointments import NOW
from tests.races import guards
from tests.races.together import codes, together


def race_of_tabs():
    tabs = [*of_one_mailbox()] * 4
    jobs = [lambda who=who, at=at: make.hold(who, at) for who, at in zip(tabs, times(8), strict=True)]
    return codes(together(jobs))


def test_eight_tabs_of_one_mailbox_hold_two_parties(live_db):
    assert race_of_tabs() == ["ok"] * 2 + ["too_many_holds"] * 6


def test_control_without_the_scopes_locks_they_hold_more(live_db, owner_connection):
    with owner_connection.cursor() as cursor:
        guards.take_away(cursor, "scope_locks")
        insert = "INSERT INTO appointments_hold ("
        guards.rewrite(cursor, "claim_hold", insert, f"PERFORM pg_sleep(0.3);\n    {insert}")
    assert race_of_tabs().count("too_many_holds") < 6


def test_controls_without_each_rule_a_booker_goes_on(live_db, owner_connection):
    def rewrite(function, old, new):
        with owner_connection.cursor() as cursor:
            guards.rewrite(cursor, function, old, new)

    booker, at = make.account(), times(3)
    rewrite("hold_limits", "open >= 2", "open >= 200")
    assert [make.hold(booker, one).code for one in at] == ["ok"] * 3

    booker, at = make.account(), times(6)
    rewrite("cool_down", "1 minute", "0 minutes")
    assert make.hold(booker, at[5], now=leave(booker, 4, at=at)).ok

    booker, at = make.account(), make.slot()
    rewrite("hold_limits", "30 minutes", "0 minutes")
    release(booker, make.hold(booker, at))
    assert make.hold(booker, at, now=later(20)).ok

    one, other, at = make.account(), make.account(), make.slot()
    rewrite("adopt_freed_seats", "mine.until > p_now", "false")
    now = freed(one, at)
    link_accounts(accounts=[one, other], cap=5, now=NOW)
    assert make.hold(other, at, now=now + timedelta(minutes=1)).ok
