"""A case explains itself: the points sum to the score, each can be taken away, and a sentence says what happened."""

import itertools
from types import SimpleNamespace

import pytest
from django.utils import translation

from antifraud.desk import picture
from antifraud.desk.explaining import LEADS, assessment_of, evidence_codes, explain, headline
from antifraud.facts import Facts
from antifraud.rulesets import ruleset
from antifraud.scoring import assess
from tests.factories.appointments import NOW
from tests.factories.cases import REASONS


def kept(found):
    """As a case keeps it: through JSON."""
    return [one._asdict() | {"evidence": dict(one.evidence)} for one in found.reasons]


BROKER = Facts(
    accounts=7, booked=12, applicants=12, families=9, strangers=7, active=9, aliases=6, alias_strangers=5, typed=7,
    fast=6, lags=7, snipes=3, transfers=2, offices=3, own_phones=7, holds=20, expired=8,
)  # fmt: skip


def test_points_shown_sum_to_the_score_and_each_reason_takes_exactly_its_points_away():
    found = assess(BROKER, ruleset(1))
    shown = explain(1, kept(found))

    assert len(shown.bars) > 3
    assert sum(bar.points for bar in shown.bars) == shown.score == shown.full == found.score
    for bar in shown.bars:
        without = explain(1, kept(found), without=[bar.code])
        assert without.score == found.score - bar.points
        assert without.full == found.score
        assert without.opens == found.without(bar.code).opens_case(ruleset(1))
        assert without.removed == [bar.code]


def test_one_of_a_thing_is_said_in_the_singular():
    one = {"code": "D3", "group": "inventory", "points": 4.0, "evidence": {"count": 1}}
    with translation.override("es"):
        assert explain(1, [one]).bars[0].sentence.startswith("Un lugar pasó")
        assert headline([one], {"booked": 2}).startswith("Un lugar pasó")
        assert explain(1, [{**one, "evidence": {"count": 2}}]).bars[0].sentence.startswith("2 lugares pasaron")


def test_bars_are_a_waterfall_that_ends_at_the_score():
    shown = explain(1, REASONS)
    against = [bar for bar in shown.bars if not bar.speaks_for]

    assert [bar.points for bar in shown.bars] == [4.5, 4.0, 4.0, -2.0]
    assert all(a.start + a.width == pytest.approx(b.start, abs=0.02) for a, b in itertools.pairwise(against))
    assert shown.bars[-1].start / shown.threshold == pytest.approx(shown.score / shown.needed, abs=0.01)


def test_case_says_whether_it_would_still_open():
    assert explain(1, REASONS).opens
    assert not explain(1, REASONS, without=["A1"]).opens


def test_rule_set_that_is_gone_leaves_the_points():
    shown = explain(999, REASONS)

    assert (shown.score, shown.opens) == (10.5, None)


def test_headline_says_who_did_what_and_for_whom():
    facts = {"booked": 12, "families": 9}
    reasons = [{"code": "A1", "group": "contact", "points": 4.5, "evidence": {"count": 6}}]

    with translation.override("es"):
        assert (
            headline(reasons, facts)
            == "Siete cuentas usan variantes de un mismo buzón y sacaron 12 citas para 9 familias."
        )
    with translation.override("en"):
        assert headline(reasons, facts) == (
            "Seven accounts use spellings of one mailbox and got 12 appointments for 9 families."
        )


def test_headline_of_any_reason_is_a_sentence():
    for code in LEADS:
        assert evidence_codes()[code]
    unknown = [{"code": "Z9", "group": "contact", "points": 4.5, "evidence": {}}]
    assert headline(unknown, {}) == "Z9."
    assert headline([], {}, kind="audit") != headline([], {})


def test_sentences_are_in_the_readers_language():
    with translation.override("es"):
        spanish = [bar.sentence for bar in explain(1, REASONS).bars]
    with translation.override("en"):
        english = [bar.sentence for bar in explain(1, REASONS).bars]

    assert "A favor: 3 de 3 cuentas tienen su propio teléfono comprobado." in spanish
    assert "For them: 3 of 3 accounts have a proven phone of their own." in english


def link(a, b, kind="device", weight=5.0):
    return SimpleNamespace(a=str(a), b=str(b), kind=kind, weight=weight, first_seen=NOW, expires_at=NOW)


def labels(count):
    return {str(n): f"#{n}" for n in range(count)}


def test_accounts_on_one_mailbox_hang_on_one_point_and_the_table_says_every_link():
    clique = [link(a, b, "email", 10.0) for a, b in itertools.combinations(range(6), 2)]
    drawn = picture.draw([*clique, link(0, 6)], labels(7))

    assert [node.label for node in drawn.nodes if node.hub] == [picture.why("email")]
    assert len(drawn.lines) == 6 + 1
    assert len(drawn.rows) == 15 + 1
    assert all(line.title for line in drawn.lines)


def test_two_points_never_cover_each_other():
    both = [link(a, b, kind) for kind in ("email", "phone") for a, b in itertools.combinations(range(4), 2)]
    hubs = [(node.x, node.y) for node in picture.draw(both, labels(4)).nodes if node.hub]

    assert len(set(hubs)) == 2


def test_picture_has_fifty_nodes_at_most_and_says_what_it_leaves_out():
    chain = [link(n, n + 1, "transfer") for n in range(79)]
    drawn = picture.draw(chain, labels(80))

    assert len(drawn.nodes) == picture.MOST_NODES
    assert drawn.left_out == 30
    assert len(drawn.rows) == 79


def test_assessment_kept_is_the_engines_own():
    found = assess(BROKER, ruleset(1))

    assert assessment_of(1, kept(found))._replace(facts=found.facts) == found
