import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antifraud.evidence import GROUPS, sentences
from antifraud.facts import Facts
from antifraud.rulesets import EIGHTH, FOLDER, UnknownRuleSet, UnsoundRuleSet, from_data, newest, ruleset
from antifraud.scoring import assess

RULES = ruleset(newest())
BROKER = Facts(
    accounts=9, booked=18, applicants=18, families=17, strangers=15, active=18, offices=4, aliases=6, alias_strangers=6,
    phoned=9, phones=3, phone_strangers=6, typed=9, fast=8, lags=18, snipes=12, sprints=10, holds=40, expired=22,
    spins=5, transfers=4, contradictions=5, curps=10, device_circles=3, device_families=17,
)  # fmt: skip


def counts() -> st.SearchStrategy[Facts]:
    numbers = {
        name: st.integers(0, 40)
        for name, kind in Facts.__annotations__.items()
        if kind == "int" and name != "confirmed_days"
    }
    return st.builds(Facts, vouched=st.booleans(), confirmed_days=st.integers(-1, 400), **numbers)


@given(counts())
def test_shown_points_sum_to_the_score_exactly(facts):
    found = assess(facts, RULES)

    assert found.score == sum(reason.points for reason in found.reasons)
    assert all(reason.points % EIGHTH == 0 for reason in found.reasons)


@given(counts())
def test_taking_a_reason_away_lowers_the_score_by_its_points(facts):
    found = assess(facts, RULES)

    for reason in found.reasons:
        assert found.without(reason.code).score == found.score - reason.points


@given(counts())
def test_no_group_passes_its_cap(facts):
    for group, cap in RULES.caps.items():
        assert sum(reason.points for reason in assess(facts, RULES).reasons if reason.group == group) <= cap


@given(counts())
def test_past_score_is_computed_again_from_its_kept_facts(facts):
    kept = json.loads(json.dumps(facts.as_data()))

    assert assess(Facts(**kept), RULES) == assess(facts, RULES)


@given(counts())
def test_every_reason_has_both_sentences(facts):
    for reason in assess(facts, RULES).reasons:
        assert reason.sentence("es") != reason.sentence("en")
        assert "{" not in reason.sentence("es") + reason.sentence("en")


def test_device_and_network_never_open_a_case_with_a_crowd():
    crowd = Facts(accounts=40, applicants=60, families=55, strangers=50, active=60, booked=60, device_circles=30,
                  device_families=50, prefix_burst=30, hosting=40)  # fmt: skip

    assert assess(crowd, RULES).score >= RULES.threshold
    assert not assess(crowd, RULES).opens_case(RULES)


def test_one_group_alone_never_opens_a_case():
    spinner = Facts(accounts=3, applicants=3, families=3, spins=20, holds=60, expired=58, booked=2)

    assert assess(spinner, RULES).score >= RULES.threshold
    assert not assess(spinner, RULES).opens_case(RULES)
    assert assess(replace(spinner, contradictions=3, curps=3), RULES).opens_case(RULES)


def test_one_family_stands_below_the_same_numbers_of_strangers():
    family = replace(BROKER, families=1, strangers=0)

    assert assess(family, RULES).score < assess(BROKER, RULES).score - 3


def test_explanation_in_both_languages():
    found = assess(Facts(accounts=1, applicants=6, families=6, strangers=4, booked=6, active=6, typed=1, lags=2), RULES)

    assert [(reason.code, reason.points, reason.sentence("es"), reason.sentence("en")) for reason in found.reasons] == [
        ("D4", 1.5, "Las cuentas ligadas tienen a la vez 6 citas vigentes; el límite es 5.",
         "The linked accounts hold 6 active appointments at once; the limit is 5."),
        ("E1", 4.0, "6 personas con cita forman 6 familias sin apellidos en común.",
         "6 people with appointments are 6 families without a surname in common."),
        ("X3", -1.5, "A favor: el ritmo es de personas, no de máquinas.",
         "For them: the pace is that of people, not of machines."),
    ]  # fmt: skip


def test_every_signal_of_the_rule_set_has_its_sentences():
    for code in RULES.signals:
        assert {language.removesuffix("_1") for language in sentences(code)} == {"es", "en"}
    assert set(RULES.caps) == set(GROUPS) - {"person"}


def test_rule_set_cannot_be_changed():
    with pytest.raises(TypeError):
        RULES.signals["X1"]["bits"] = 0  # type: ignore[index]
    with pytest.raises(AttributeError):
        RULES.threshold = 1  # type: ignore[misc]


@pytest.mark.django_db  # a number that no file has is looked for in the portal's table
def test_unknown_and_unsound_rule_sets_are_told():
    with pytest.raises(UnknownRuleSet):
        ruleset(999)
    data = json.loads((FOLDER / "ruleset-1.json").read_text())
    with pytest.raises(UnsoundRuleSet):
        from_data({**data, "threshold": 8.1})
    with pytest.raises(UnsoundRuleSet):
        from_data({key: value for key, value in data.items() if key != "caps"})


def test_what_everybody_does_weighs_less_and_what_nobody_does_weighs_more():
    guess, busy, calm = (
        assess(Facts(accounts=2, typed=1, fast=1, usual_fast=usual), RULES).score for usual in (0.0, 0.25, 1 / 32)
    )

    assert busy < guess < calm


def test_trades_that_make_the_group_do_not_prove_it():
    trades = Facts(accounts=6, booked=6, applicants=6, families=6, transfers=5)
    chain = replace(trades, chained=4)

    assert assess(chain, RULES).score < assess(trades, RULES).score
