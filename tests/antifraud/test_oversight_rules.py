"""Rule sets: immutable, rehearsed, agreed to by two; and a past score computed again bit for bit."""

import copy
import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, transaction

from antifraud.events import parse_event
from antifraud.models import CaseAssessment, Rehearsal, RehearsalState, RuleSetRecord, RuleSetState
from antifraud.oversight import rules
from antifraud.oversight.comparing import compare
from antifraud.oversight.errors import NotRehearsed, NotYourDraft, RehearsesAlready, SamePerson
from antifraud.oversight.recomputing import as_kept, is_same
from antifraud.oversight.rehearsing import run_waiting
from antifraud.oversight.soundness import changes, check, digest_of
from antifraud.replay import replay
from antifraud.rulesets import UnknownRuleSet, UnsoundRuleSet, from_data, in_force, newest, ruleset
from antifraud.services.cases import Found
from tests.antifraud.test_honest import mother
from tests.antifraud.test_replay import concierge_and_family, in_order
from tests.factories.accounts import UserFactory
from tests.factories.appointments import NOW
from tests.factories.cases import suspected

LATER = NOW + timedelta(minutes=5)


def of_the_code():
    return json.loads(Path("antifraud/data/ruleset-1.json").read_text())


def first():
    return copy.deepcopy(rules.standing(now=NOW).data)


def harder():
    """The first rule set with another threshold."""
    return first() | {"threshold": 40}


def events():
    return [parse_event(raw) for raw in in_order(concierge_and_family())]


def rehearsed(number, by, history=()):
    rules.ask_rehearsal(number=number, by=by, now=NOW)
    run_waiting(now=NOW, clock=lambda: LATER, history=lambda since: history)


@pytest.fixture
def author():
    return UserFactory(staff=True)


@pytest.fixture
def colleague():
    return UserFactory(staff=True)


@pytest.fixture
def drafted(author):
    return rules.draft(data=harder(), note="Menos casos.", by=author, now=NOW)


@pytest.mark.django_db
def test_first_rule_set_is_that_of_the_code_and_in_force():
    assert rules.standing(now=NOW).digest == digest_of(of_the_code())
    assert in_force(NOW) == ruleset(1)


@pytest.mark.django_db
def test_published_after_a_rehearsal_and_a_second_person_and_in_force_from_its_moment(drafted, author, colleague):
    rehearsed(drafted.number, author, events())
    tomorrow = NOW + timedelta(days=1)
    rules.publish(number=drafted.number, by=colleague, now=LATER, in_force_from=tomorrow)

    assert [in_force(at).threshold for at in (LATER, tomorrow)] == [8, 40]
    assert ruleset(drafted.number).threshold == 40


@pytest.mark.django_db
def test_newest_set_of_the_code_is_drafted_under_a_number_that_no_file_has(author, colleague):
    call_command("antifraud_draft", author.email)
    drafted = RuleSetRecord.objects.get(state=RuleSetState.DRAFT)
    of_code = json.loads(Path(f"antifraud/data/ruleset-{newest()}.json").read_text())

    assert (drafted.number, drafted.data) == (newest() + 1, of_code | {"number": newest() + 1})
    assert in_force(NOW).number == 1
    with pytest.raises(CommandError):
        call_command("antifraud_draft", "nobody@example.org")


@pytest.mark.django_db
def test_draft_is_no_rule_set_yet(drafted):
    with pytest.raises(UnknownRuleSet):
        ruleset(drafted.number)


@pytest.mark.django_db
def test_author_does_not_agree_to_their_own_rules(drafted, author):
    rehearsed(drafted.number, author)
    with pytest.raises(SamePerson):
        rules.publish(number=drafted.number, by=author, now=LATER)
    with pytest.raises(IntegrityError, match="ruleset_by_two_different_people"), transaction.atomic():
        _publish_by_hand(drafted, author)


def _publish_by_hand(drafted, approver):
    RuleSetRecord.objects.filter(pk=drafted.pk).update(
        state=RuleSetState.PUBLISHED, approver=approver, rehearsal=drafted.rehearsals.first(), published_at=LATER,
        in_force_from=LATER,
    )  # fmt: skip


@pytest.mark.django_db
def test_what_was_rehearsed_is_exactly_what_is_published(drafted, author, colleague):
    rehearsed(drafted.number, author)
    rules.edit(number=drafted.number, data=harder() | {"threshold": 41}, note="Otra.", by=author, now=NOW)

    with pytest.raises(NotRehearsed):
        rules.publish(number=drafted.number, by=colleague, now=LATER)
    with pytest.raises(IntegrityError, match="not rehearsed"), transaction.atomic():
        _publish_by_hand(drafted, colleague)

    rules.edit(number=drafted.number, data=harder(), note="Como antes.", by=author, now=NOW)
    _publish_by_hand(drafted, colleague)  # the control: the same statement, on what was rehearsed


@pytest.mark.django_db
def test_edited_while_it_is_rehearsed_counts_for_nothing(drafted, author):
    rules.ask_rehearsal(number=drafted.number, by=author, now=NOW)
    rules.edit(number=drafted.number, data=harder() | {"threshold": 41}, note="Otra.", by=author, now=NOW)
    run_waiting(now=NOW, clock=lambda: LATER, history=lambda since: [])

    assert Rehearsal.objects.get().state == RehearsalState.FAILED


@pytest.mark.django_db
def test_published_rules_never_change(drafted, author, colleague):
    own = RuleSetRecord.objects.filter(pk=drafted.pk)
    own.update(note="Un borrador sí cambia.")  # the control
    rehearsed(drafted.number, author)
    rules.publish(number=drafted.number, by=colleague, now=LATER)

    for change in ({"data": first()}, {"note": "-"}, {"in_force_from": LATER + timedelta(days=1)}, {"state": "draft"}):
        with pytest.raises(IntegrityError, match="stands as it was published"), transaction.atomic():
            own.update(**change)
    for column in ("number", "author"):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            own.update(**{column: 7 if column == "number" else colleague})
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        own._raw_delete("default")


@pytest.mark.django_db
def test_draft_is_its_authors_and_rehearsed_once_at_a_time(drafted, author, colleague):
    with pytest.raises(NotYourDraft):
        rules.edit(number=drafted.number, data=harder(), note="-", by=colleague, now=NOW)
    rules.ask_rehearsal(number=drafted.number, by=author, now=NOW)
    with pytest.raises(RehearsesAlready):
        rules.ask_rehearsal(number=drafted.number, by=author, now=NOW)


@pytest.mark.django_db
def test_history_that_cannot_be_read_ends_the_rehearsal(drafted, author, colleague):
    def broken(since):
        raise OSError

    rules.ask_rehearsal(number=drafted.number, by=author, now=NOW)
    run_waiting(now=NOW, clock=lambda: LATER, history=broken)

    assert Rehearsal.objects.get().state == RehearsalState.FAILED
    with pytest.raises(NotRehearsed):
        rules.publish(number=drafted.number, by=colleague, now=LATER)


def test_rehearsal_counts_whom_the_new_rules_would_no_longer_hit():
    data = of_the_code()
    none = compare(events(), ruleset(1), from_data(data | {"threshold": 40}))
    back = compare(events(), from_data(data | {"threshold": 40}), ruleset(1))

    hit = none.numbers["no_longer"]
    assert (hit["appointments"], hit["accounts"], hit["with_minors"]) == (14, 14, 0)
    assert none.numbers["newly"]["appointments"] == 0
    assert back.numbers["newly"] == hit
    assert {row["way"] for row in back.rows} == {"newly"}
    assert sum(row["appointments"] for row in back.rows) == 14
    assert hit["reasons"]


def test_family_that_would_be_hit_is_counted_with_its_minors():
    data = of_the_code()
    wild = copy.deepcopy(data) | {"threshold": 0.125}
    wild["signals"]["D4"] = {"limit": 2, "bits": 6, "each": 1, "cap": 8}
    wild["signals"]["C1"] |= {"seconds": 500}
    for code in ("X1", "X2", "X3", "X4", "X5", "X6"):
        wild["signals"][code]["bits"] = 0
    hit = compare(events(), ruleset(1), from_data(wild)).numbers["newly"]

    assert hit["with_minors"] == 1


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("caps", "pace"), 1.3),
        (("signals", "C1", "usual"), 0),
        (("signals", "C1", "suspect"), 1.5),
        (("signals", "X1", "bits"), 2),
        (("signals", "A1", "each"), -1),
        (("signals", "F4", "half_life"), 0),
        (("links", "email"), -2),
        (("threshold",), 0),
        (("signals", "A1", "each"), float("nan")),
        (("windows", "facts"), "90"),
    ],
)
def test_unsound_rules_are_refused(path, value):
    data = of_the_code()
    check(data)  # the control
    place = data
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value

    with pytest.raises(UnsoundRuleSet):
        check(data)


def test_rules_without_a_number_that_evidence_reads_are_refused():
    data = of_the_code()
    del data["signals"]["A2"]["each"]
    with pytest.raises(UnsoundRuleSet, match=r"no puede puntuar|cannot score"):
        check(data)


def test_digest_follows_the_numbers_and_not_how_they_are_written():
    data = of_the_code()
    other = dict(reversed(data.items())) | {"threshold": 8.0}
    assert digest_of(other) == digest_of(data)
    assert digest_of(data | {"threshold": 9}) != digest_of(data)
    assert [change.path for change in changes(data, data | {"threshold": 9})] == [("threshold",)]


@pytest.mark.django_db
def test_any_past_score_is_computed_again_bit_for_bit(capsys):
    store = replay(events(), ruleset(1))
    flag = next(one.flag for one in store.bookings.values() if one.flag)
    score, reasons = as_kept(flag.assessment)
    case = suspected(now=NOW, found=Found(1, score, reasons, flag.assessment.facts.as_data()))
    kept = CaseAssessment.objects.get(case=case)

    assert is_same(kept)
    kept.facts = {**kept.facts, "phone_strangers": 0, "aliases": 0, "families": 1}
    assert not is_same(kept)  # the control
    call_command("antifraud_recompute", days=10_000)
    assert capsys.readouterr().out == "1 assessments, 0 differ\n"


@pytest.mark.django_db
def test_command_names_a_score_that_does_not_come_out():
    suspected(now=NOW, found=Found(1, 99.0, [], {"accounts": 3, "booked": 3}))
    with pytest.raises(CommandError, match="different"):
        call_command("antifraud_recompute", days=10_000)


def test_command_rehearses_a_given_history(tmp_path, capsys):
    history = concierge_and_family()
    mother(history, 3)
    lines = tmp_path / "events.jsonl"
    lines.write_text("".join(f"{json.dumps(one)}\n" for one in in_order(history)))
    new = tmp_path / "new.json"
    new.write_text(json.dumps(of_the_code() | {"threshold": 40}))

    call_command("antifraud_rehearse", str(lines), str(new))

    assert json.loads(capsys.readouterr().out)["no_longer"]["appointments"] == 14
