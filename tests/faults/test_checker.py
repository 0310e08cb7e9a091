"""The checker says what is wrong, in histories and tables made by hand: for each rule, one that breaks it alone."""

import pytest

from tests.faults.checker import check
from tests.faults.history import Call

NOW, LATER = 1000.0, 2000.0


def call(verb, key, start, end, *, account=1, outcome="ok", asked=None, **answer):
    return Call(f"c.{start}", verb, account, key, asked or {}, start, end, outcome, answer)


def holds(key, start, *, slots=(1,), replaces=(), account=1, hold="h1"):
    asked = {"slots": list(slots), "replaces": list(replaces)}
    return call("hold", key, start, start + 1, account=account, asked=asked, hold=hold)


def confirms(key, start, *, hold="h1", account=1, ids=("a1",)):
    return call("confirm", key, start, start + 1, account=account, asked={"hold": hold}, appointments=list(ids))


def seat(number, slot=1, holder=None, until=None):
    return {"id": number, "slot": slot, "holder": holder, "until": until}


def appointment(name="a1", *, seat_id=1, status="booked", account=1, applicant=7, party="p1", moves=0):
    return {
        "id": name,
        "reference": f"R{name}",
        "account": account,
        "party": party,
        "applicant": applicant,
        "group": "passport",
        "slot": 1,
        "seat": seat_id,
        "scopes": [5],
        "status": status,
        "moves": moves,
        "until": LATER,
        "created": 10.0,
    }


def a_booking():
    """One that is as it must be: a hold, its confirmation, and two seats of which one is taken."""
    calls = [holds("k1", 1), confirms("k2", 3)]
    tables = {
        "now": NOW,
        "planned": {"1": 2},
        "mailboxes": {"1": "mailbox 0", "2": "mailbox 0"},
        "seats": [seat(1, holder="a1", until=LATER), seat(2)],
        "holds": [
            {"id": "h1", "account": 1, "seats": [1], "scopes": [5], "replaces": [], "closed": 4.0, "expires": 601}
        ],
        "appointments": [appointment()],
        "permits": [{"scope": 5, "holder": "a1", "until": LATER}],
        "events": [{"id": 1, "kind": "held", "subject": "h1"}, {"id": 2, "kind": "booked", "subject": "a1"}],
        "outbox": [{"kind": "appointment.booked", "party": "p1", "done": True}],
        "mails": {"Ra1": {"<1>": [4.5]}},
    }
    return calls, tables


def test_what_is_right_is_left_alone():
    assert check(*a_booking()) == []


def second_appointment(calls, tables, **changes):
    tables["appointments"].append(appointment("a2", party="p2", **changes))
    tables["events"].append({"id": 3, "kind": "booked", "subject": "a2"})
    tables["outbox"].append({"kind": "appointment.booked", "party": "p2", "done": True})
    tables["mails"]["Ra2"] = {"<2>": [5.0]}
    tables["permits"].append({"scope": 5, "holder": "a2", "until": LATER})
    calls.append(confirms("k3", 6, hold="h2", ids=["a2"]))


def seat_given_twice(calls, tables):
    second_appointment(calls, tables, applicant=8)


def seat_of_nobody(calls, tables):
    tables["seats"][1] |= {"holder": "somebody", "until": LATER}


def seat_row_of_another(calls, tables):
    tables["seats"][0]["holder"] = "somebody"


def seat_lost(calls, tables):
    tables["seats"].pop()


def permit_missing(calls, tables):
    tables["permits"].clear()


def permit_of_nobody(calls, tables):
    tables["permits"].append({"scope": 5, "holder": "gone", "until": LATER})


def person_twice(calls, tables):
    second_appointment(calls, tables, seat_id=2)
    tables["seats"][1] |= {"holder": "a2", "until": LATER}


def two_answers(calls, tables):
    calls.append(call("hold", "k1", 8, 9, outcome="refused", asked=calls[0].asked, code="full"))


def never_settled(calls, tables):
    calls.append(call("cancel", "k9", 8, 9, outcome="unknown", asked={"appointments": ["a1"]}))


def acknowledged_and_gone(calls, tables):
    calls.append(holds("k4", 8, hold="h9"))


def told_to_nobody(calls, tables):
    calls.pop()


def cancelled_and_stands(calls, tables):
    calls.append(call("cancel", "k5", 8, 9, asked={"appointments": ["a1"]}))


def slot_given_too_often(calls, tables):
    for n in range(2):
        calls.append(holds(f"m{n}", 10, hold=f"x{n}", account=1 + n))


def six_of_one_mailbox(calls, tables):
    for n in range(5):
        calls.append(holds(f"m{n}", 10, hold=f"x{n}", slots=[100 + n], account=1 + n % 2))
        tables["planned"][str(100 + n)] = 1


def booked_without_a_word(calls, tables):
    tables["events"].pop()


def moved_without_a_word(calls, tables):
    tables["appointments"][0]["moves"] = 1


def booked_after_the_end(calls, tables):
    tables["events"] += [{"id": n, "kind": kind, "subject": "a1"} for n, kind in ((3, "cancelled"), (4, "moved"))]


def announced_twice(calls, tables):
    tables["outbox"] *= 2


def message_left_behind(calls, tables):
    tables["outbox"][0]["done"] = False


def never_confirmed(calls, tables):
    tables["mails"].clear()


def two_mails(calls, tables):
    tables["mails"]["Ra1"]["<2>"] = [4.6]


def mail_for_nothing(calls, tables):
    tables["mails"]["ROLLEDBACK"] = {"<3>": [4.7]}


@pytest.mark.parametrize(
    ("breaks", "sentence"),
    [
        (seat_given_twice, "seat 1 is booked 2 times"),
        (seat_of_nobody, "seat 2 is taken by nobody"),
        (seat_row_of_another, "seat 1 is of a1, and its row says otherwise"),
        (seat_lost, "slot 1 has 1 seats and was planned with 2"),
        (permit_missing, "scope 5 has 0 permits of a1 instead of 1"),
        (permit_of_nobody, "scope 5 has 1 permits of gone instead of 0"),
        (person_twice, "person 7 has 2 appointments of passport"),
        (two_answers, "hold k1 was answered in 2 ways"),
        (never_settled, "cancel k9 was never settled"),
        (acknowledged_and_gone, "hold h9 was acknowledged and is gone"),
        (told_to_nobody, "appointment a1 is there and nobody was told"),
        (cancelled_and_stands, "cancellation a1 was acknowledged and is gone"),
        (slot_given_too_often, "slot 1 was given to 3 at once and has 2 seats"),
        (six_of_one_mailbox, "mailbox 0 had 6 places at once"),
        (booked_without_a_word, "appointment a1 went through []"),
        (moved_without_a_word, "appointment a1 is booked, moved 1 times"),
        (booked_after_the_end, "appointment a1 went through ['booked', 'cancelled', 'moved']"),
        (announced_twice, "party p1 was announced 2 times"),
        (message_left_behind, "a message of appointment.booked was never done"),
        (never_confirmed, "appointment a1 was never confirmed by mail"),
        (two_mails, "Ra1 was confirmed by 2 messages"),
        (mail_for_nothing, "a mail confirmed ROLLEDBACK, which is no appointment"),
    ],
)
def test_each_rule_is_noticed(breaks, sentence):
    calls, tables = a_booking()
    breaks(calls, tables)
    assert any(found.startswith(sentence) for found in check(calls, tables)), check(calls, tables)


def test_an_unknown_call_proves_nothing():
    calls, tables = a_booking()
    calls.insert(0, call("hold", "k1", 0.5, float("inf"), outcome="unknown", asked=calls[0].asked))
    assert check(calls, tables) == []


def test_a_place_that_was_left_is_given_again():
    """Cancelled from the moment that it is asked: who comes then may have it."""
    calls, tables = a_booking()
    tables["planned"]["1"] = 1
    tables["seats"].pop()
    calls += [
        call("cancel", "k3", 5, 8, asked={"appointments": ["a1"]}, appointments=["a1"]),
        holds("k4", 6, hold="h2", account=2),
    ]
    assert not any("given to" in sentence for sentence in check(calls, tables))
