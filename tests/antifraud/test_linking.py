from itertools import pairwise

from antifraud.events import DAY
from antifraud.linking import Linker
from antifraud.records import Account
from antifraud.rulesets import ruleset
from antifraud.store import MemoryStore

RULES = ruleset(1)


def accounts(store: MemoryStore, count: int) -> list[Account]:
    made = [Account(f"a{number}", 0) for number in range(count)]
    for account in made:
        store.save_account(account)
    return made


def linker() -> tuple[Linker, MemoryStore]:
    store = MemoryStore()
    return Linker(store, RULES), store


def test_one_weak_kind_links_nobody_and_two_kinds_do():
    link, store = linker()
    a, b = accounts(store, 2)

    link.link(a, b, "transfer", 4, t=0)
    assert a.group is None
    link.link(a, b, "template", 1, t=0)
    assert a.group is b.group is not None


def test_oldest_group_keeps_its_name_and_the_merge_is_logged():
    link, store = linker()
    a, b, c, d = accounts(store, 4)
    link.link(a, b, "phone", 8, t=1)
    link.link(c, d, "phone", 8, t=2)

    link.link(d, a, "email", 10, t=3)

    assert {account.group.id for account in (a, b, c, d)} == {"g1"}
    assert [(entry.act, entry.kept, entry.other, entry.reason) for entry in store.logs] == [
        ("merged", "g1", "g2", "email")
    ]


def test_edge_ends_when_nobody_sees_it_and_the_split_is_logged():
    link, store = linker()
    a, b, c = accounts(store, 3)
    link.link(a, b, "phone", 8, t=0)
    link.link(b, c, "phone", 8, t=0)
    link.link(b, c, "phone", 8, t=100 * DAY)

    link.expire(181 * DAY)

    assert a.group.id == "g1"
    assert list(a.group.members) == ["a0"]
    assert b.group is c.group
    assert b.group.id == "g2"
    assert [entry.act for entry in store.logs] == ["split"]
    link.expire(281 * DAY)
    assert b.group is not c.group


def test_reviewers_unlink_survives_every_later_link():
    link, store = linker()
    a, b = accounts(store, 2)
    link.link(a, b, "phone", 8, t=0)

    link.unlink(a, b, t=1)
    link.link(a, b, "phone", 8, t=2)
    link.link(a, b, "review", 12, t=3)

    assert a.group is not b.group


def test_group_never_passes_its_largest_size():
    link, store = linker()
    everybody = accounts(store, 210)
    for one, other in pairwise(everybody):
        link.link(one, other, "phone", 8, t=0)

    assert max(len(account.group.members) for account in everybody if account.group) == 200
    assert "too_large" in {entry.act for entry in store.logs}


def test_kind_that_turned_out_to_be_everybodys_links_nobody():
    link, store = linker()
    a, b, c = accounts(store, 3)
    link.link(a, b, "device", 5, t=0)
    link.link(b, c, "phone", 8, t=0)

    link.drop_kind([a, b, c], "device", t=1, reason="public device")

    assert a.group is not b.group
    assert b.group is c.group


def crowd(link: Linker, store: MemoryStore, prefix: str) -> list[Account]:
    made = [Account(f"{prefix}{number}", 0) for number in range(8)]
    for account in made:
        store.save_account(account)
    for a, b in pairwise(made):
        link.link(a, b, "phone", 8, t=0)
    return made


def test_soft_tie_joins_one_account_to_a_crowd_but_never_two_crowds():
    link, store = linker()
    one, other = crowd(link, store, "x"), crowd(link, store, "y")
    [single] = accounts(store, 1)

    link.link(single, one[0], "pursued", 5, t=1)
    link.link(one[0], other[0], "pursued", 5, t=1)

    assert single.group is one[0].group
    assert one[0].group is not other[0].group


def test_hard_tie_joins_two_crowds():
    link, store = linker()
    one, other = crowd(link, store, "x"), crowd(link, store, "y")

    link.link(one[0], other[0], "email", 10, t=1)

    assert one[0].group is other[0].group


def test_core_leaves_out_whom_soft_ties_alone_hold():
    link, store = linker()
    a, b, c = accounts(store, 3)
    link.link(a, b, "phone", 8, t=0)
    link.link(b, c, "pursued", 5, t=0)

    assert [account.id for account in link.core(a)] == ["a0", "a1"]
    assert [account.id for account in link.core(c)] == ["a2"]
