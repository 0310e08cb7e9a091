"""A small ``manage.py faults``; the whole of it is run by hand, and by ``--long`` with each guard taken away."""

import pytest

from tests.faults.campaign import CONTROLS, Campaign, judge, main, options, running

pytestmark = pytest.mark.faults


def test_nothing_is_given_twice_and_nothing_is_lost(tmp_path):
    """And in the same portal, when PostgreSQL no longer waits for its disk, the same check finds what was lost."""
    sound = options(["--seed", "3", "--faults", "8", "--attempts", "1500", "--spell", "1"])
    lossy = options(["--seed", "4", "--faults", "1", "--attempts", "250", "--without", "durability"])
    with running(tmp_path, sound) as portal:
        Campaign(portal, tmp_path / "sound", sound).run()
        assert judge(tmp_path / "sound", None) == 0
        Campaign(portal, tmp_path / "lossy", lossy).run()
        assert judge(tmp_path / "lossy", "durability") == 0


@pytest.mark.long
@pytest.mark.parametrize("guard", CONTROLS)
def test_a_guard_that_is_gone_is_noticed(tmp_path, guard):
    assert main(["--faults", "3", "--attempts", "2500", "--without", guard, "--keep", str(tmp_path / "run")]) == 0
