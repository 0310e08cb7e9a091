"""The bars of identity matching that hold on public and invented records within seconds; figures: docs/adr/0015."""

import pytest

from antifraud.matching.linkage import match_records
from antifraud.matching.records import prepare
from antifraud.matching.verdict import judge
from bench.matching import febrl, fit, report

BARS = [(2, 0.9975), (3, 0.998), (4, 0.999)]


@pytest.mark.parametrize(("number", "least"), BARS)
def test_febrl_pairs_are_found(number, least):
    records = febrl.read(number)
    truth = febrl.truth(records)
    matches = match_records(records)
    found = {frozenset(match[:2]) for match in matches}
    same = {frozenset(match[:2]) for match in matches if match.kind == "same"}

    assert 2 * len(found & truth) / (len(found) + len(truth)) >= least
    assert len(same & truth) / len(same) >= 0.999
    assert len(same & truth) / len(truth) >= 0.988


@pytest.mark.parametrize(("pairs", "most"), [(report.twins, 0.01), (report.siblings, 0.003)], ids=["twins", "siblings"])
def test_families_are_not_merged(monkeypatch, pairs, most):
    monkeypatch.setattr(report, "FAMILIES", 600)
    kinds = [judge(prepare(a), prepare(b)).kind for a, b in pairs()]

    assert len(kinds) > 500
    assert kinds.count("same") / len(kinds) <= most


def test_the_weights_are_those_that_set_1_and_the_families_teach():
    """Half a minute less than the whole fit: the shares of one person, on set 1."""
    records = febrl.read(1)
    people = {record.record_id: prepare(record) for record in records}
    pairs = [judge(*(people[one] for one in pair)).levels for pair in febrl.truth(records)]
    shares = fit.shares(pairs, "birth_date", fit.FROM_FEBRL["birth_date"])

    assert len(pairs) == 500
    assert f"same = [{shares['same']:.2g}," in (report.ROOT / "antifraud/matching/weights.toml").read_text()
