"""Measures the parts of a run against tests/budget.toml, and keeps ``long`` tests for ``--long``."""

import os
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

BUDGET = Path(__file__).parent.parent / "budget.toml"
PARTS = ("browser", "races", "faults", "model", "contract")
seconds: dict[str, float] = defaultdict(float)
counts: dict[str, int] = defaultdict(int)


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true", help="run the tests marked long as well")


def pytest_collection_modifyitems(config, items):
    if config.getoption("--long"):
        return
    long = [item for item in items if item.get_closest_marker("long")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if not item.get_closest_marker("long")]


def part_of(report) -> str:
    return next((part for part in PARTS if part in report.keywords), "unit")


def pytest_runtest_logreport(report):
    seconds[part_of(report)] += report.duration
    counts[part_of(report)] += report.when == "call"


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter, config):
    """Seconds of work, divided by the number of processes that shared it."""
    budget = tomllib.loads(BUDGET.read_text())["seconds"]
    processes = getattr(config.option, "numprocesses", None) or 1
    measured = {"setup": float(os.environ.get("MEXITEL_SETUP_SECONDS", 0))}
    measured.update({part: seconds[part] / processes for part in ("unit", *PARTS)})
    terminalreporter.section("time by part", sep="-")
    for part, limit in budget.items():
        spent, over = measured.get(part, 0), " OVER BUDGET" if measured.get(part, 0) > limit else ""
        number = f"{counts[part]:5} tests" if part != "setup" else " " * 11
        terminalreporter.line(f"{part:9} {number} {spent:7.1f} s of {limit:4} s{over}")
    total = sum(measured.values())
    terminalreporter.line(f"{'all':9} {sum(counts.values()):5} tests {total:7.1f} s of {sum(budget.values()):4} s")
