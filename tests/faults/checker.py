"""Reads a history and the tables that were left, and says in sentences what may not be. It runs nothing else.

Of a call whose outcome is unknown nothing is concluded; who *certainly* had a place between two moments is what answers
that were read say. ``tables`` is what ``tests.faults.tables`` writes; "live" is what counts at ``tables["now"]``.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tests.faults.history import Call

CAP = 5  # DESIGN 4.2
HOLD_SECONDS = 600
NOT_STORED = {"busy", "too_many_requests"}  # an answer that the same key may outlive
ARROWS = re.compile(r"(booked )(moved )*(cancelled )?$")


class Span(NamedTuple):
    """Somebody certainly had a place of ``slot`` all the time between two moments."""

    slot: int
    account: int
    start: float
    end: float
    pays: bool  # in permits; a hold that moves does not


def check(calls: list[Call], tables: dict) -> list[str]:
    """Every violation; empty is right."""
    spans = list(certain(calls))
    rules = [
        seats_once(tables),
        seats_in_one_state(tables),
        permits_are_paid(tables),
        people_once(tables),
        same_key_same_answer(calls),
        answers_are_kept(calls, tables),
        places_never_overlap(spans, tables),
        never_more_than_five(spans, tables),
        events_follow_the_arrows(tables),
        one_message_each(tables),
    ]
    return [sentence for rule in rules for sentence in rule]


# -- the tables alone --------------------------------------------------------------------------


def live(tables: dict) -> list[dict]:
    return [a for a in tables["appointments"] if a["status"] != "cancelled" and a["until"] > tables["now"]]


def open_holds(tables: dict) -> list[dict]:
    return [h for h in tables["holds"] if h["closed"] is None and h["expires"] > tables["now"]]


def seats_once(tables: dict) -> Iterator[str]:
    for seat, n in Counter(a["seat"] for a in live(tables)).items():
        if n > 1:
            yield f"seat {seat} is booked {n} times"


def seats_in_one_state(tables: dict) -> Iterator[str]:
    """free + held + booked + resting + withdrawn = all, each in one, and as many as there were."""
    now, claimed = tables["now"], defaultdict(list)
    for a in live(tables):
        claimed[a["seat"]].append(a["id"])
    for h in open_holds(tables):
        for seat in h["seats"]:
            claimed[seat].append(h["id"])
    ended = {h["id"] for h in tables["holds"]} - {h["id"] for h in open_holds(tables)}
    for seat in tables["seats"]:
        taken = seat["until"] is not None and seat["until"] > now
        owners = claimed[seat["id"]]
        if len(owners) > 1:
            yield f"seat {seat['id']} belongs to {len(owners)} at once"
        elif owners and (seat["holder"] != owners[0] or not taken):
            yield f"seat {seat['id']} is of {owners[0]}, and its row says otherwise"
        elif not owners and taken and seat["holder"] not in ended:
            yield f"seat {seat['id']} is taken by nobody"
    there = Counter(str(seat["slot"]) for seat in tables["seats"])
    for slot in there.keys() | tables["planned"].keys():
        if there[slot] != tables["planned"].get(slot, 0):
            yield f"slot {slot} has {there[slot]} seats and was planned with {tables['planned'].get(slot, 0)}"


def permits_are_paid(tables: dict) -> Iterator[str]:
    now, there = tables["now"], Counter[tuple[int, str]]()
    for permit in tables["permits"]:
        if permit["until"] > now:
            there[permit["scope"], permit["holder"]] += 1
    due = Counter({(scope, a["id"]): 1 for a in live(tables) for scope in a["scopes"]})
    due += Counter({(scope, h["id"]): len(h["seats"]) for h in open_holds(tables) for scope in h["scopes"]})
    for pair in there.keys() | due.keys():
        if there[pair] != due[pair]:
            yield f"scope {pair[0]} has {there[pair]} permits of {pair[1]} instead of {due[pair]}"
    for scope, n in Counter({scope: 0 for scope, _holder in there}).items():
        n = sum(number for (other, _holder), number in there.items() if other == scope)
        if n > CAP:
            yield f"scope {scope} has {n} permits"


def people_once(tables: dict) -> Iterator[str]:
    for (person, group), n in Counter((a["applicant"], a["group"]) for a in live(tables)).items():
        if n > 1:
            yield f"person {person} has {n} appointments of {group}"


def events_follow_the_arrows(tables: dict) -> Iterator[str]:
    kinds = defaultdict(list)
    for event in sorted(tables["events"], key=lambda event: event["id"]):
        kinds[event["subject"]].append(event["kind"])
    for a in tables["appointments"]:
        seen = kinds[a["id"]]
        if not ARROWS.match("".join(f"{kind} " for kind in seen)):
            yield f"appointment {a['id']} went through {seen}"
        elif seen.count("moved") != a["moves"] or ("cancelled" in seen) != (a["status"] == "cancelled"):
            yield f"appointment {a['id']} is {a['status']}, moved {a['moves']} times, and its events are {seen}"
    for h in tables["holds"]:
        if kinds[h["id"]].count("held") != 1 or kinds[h["id"]].count("released") > 1:
            yield f"hold {h['id']} has the events {kinds[h['id']]}"


def one_message_each(tables: dict) -> Iterator[str]:
    """One event in the outbox for each booking, and one mail for each appointment that still stands."""
    told = Counter(m["party"] for m in tables["outbox"] if m["kind"] == "appointment.booked")
    parties = {a["party"] for a in tables["appointments"]}
    for party in told.keys() | parties:
        if told[party] != (party in parties):
            yield f"party {party} was announced {told[party]} times"
    for message in tables["outbox"]:
        if not message["done"]:
            yield f"a message of {message['kind']} was never done"
    for a in tables["appointments"]:
        if a["status"] == "booked" and a["reference"] not in tables["mails"]:
            yield f"appointment {a['id']} was never confirmed by mail"
    for reference in tables["mails"].keys() - {a["reference"] for a in tables["appointments"]}:
        yield f"a mail confirmed {reference}, which is no appointment"
    for reference, arrived in tables["mails"].items():
        if len(arrived) > 1:
            yield f"{reference} was confirmed by {len(arrived)} messages"


# -- the history -------------------------------------------------------------------------------


def is_final(call: Call) -> bool:
    return call.outcome == "ok" or (call.outcome == "refused" and call.answer["code"] not in NOT_STORED)


def by_key(calls: Iterable[Call]) -> dict[tuple[str, str], list[Call]]:
    found = defaultdict(list)
    for call in calls:
        found[call.verb, call.key].append(call)
    return found


def same_key_same_answer(calls: list[Call]) -> Iterator[str]:
    for (verb, key), tries in by_key(calls).items():
        answers = {(call.outcome, str(sorted(call.answer.items()))) for call in tries if is_final(call)}
        if len(answers) > 1 and verb != "release":
            yield f"{verb} {key} was answered in {len(answers)} ways: {sorted(answers)}"
        if not answers:
            yield f"{verb} {key} was never settled"


def answers_are_kept(calls: list[Call], tables: dict) -> Iterator[str]:
    """Every acknowledged effect is there, and nothing that nobody was told of."""
    held, booked, cancelled = set(), set(), set()
    moves = {h["id"] for h in tables["holds"] if h["replaces"]}
    for call in calls:
        if call.outcome != "ok":
            continue
        if call.verb == "hold":
            held.add(call.answer["hold"])
        elif call.verb == "confirm" and call.asked["hold"] not in moves:
            booked.update(call.answer["appointments"])
        elif call.verb == "cancel":
            cancelled.update(call.asked["appointments"])
    there = {
        "hold": {h["id"] for h in tables["holds"]},
        "appointment": {a["id"] for a in tables["appointments"]},
        "cancellation": {a["id"] for a in tables["appointments"] if a["status"] == "cancelled"},
    }
    for name, told in (("hold", held), ("appointment", booked), ("cancellation", cancelled)):
        yield from (f"{name} {one} was acknowledged and is gone" for one in sorted(told - there[name]))
        yield from (f"{name} {one} is there and nobody was told" for one in sorted(there[name] - told))


def certain(calls: list[Call]) -> Iterator[Span]:
    """From the end of the first answer that gave a place to the start of the first call that might have ended it."""
    held = {call.answer["hold"]: call for call in first_answers(calls, "hold")}
    booked = {call.asked["hold"]: call for call in first_answers(calls, "confirm") if call.asked["hold"] in held}
    closings = defaultdict(list)  # by hold
    leavings = defaultdict(list)  # by appointment: what may take it away from where it is, and the hold that it is of
    for call in calls:
        if call.verb in ("confirm", "release"):
            closings[call.asked["hold"]].append(call.start)
        if call.verb == "confirm" and (hold := held.get(call.asked["hold"])):
            for one in hold.asked["replaces"]:
                leavings[one].append((call.start, call.asked["hold"]))
        if call.verb == "cancel":
            for one in call.asked["appointments"]:
                leavings[one].append((call.start, ""))
    tries = by_key(calls)
    for name, call in held.items():
        over = min([tries["hold", call.key][0].start + HOLD_SECONDS, *closings[name]])
        for slot in call.asked["slots"]:
            yield Span(slot, call.account, call.end, over, pays=not call.asked["replaces"])
    for name, call in booked.items():
        asked = held[name].asked
        for one, slot in zip(call.answer["appointments"] or asked["replaces"], asked["slots"], strict=False):
            later = [start for start, other in leavings[one] if other != name and start > call.start]
            yield Span(slot, call.account, call.end, min(later, default=math.inf), pays=True)


def first_answers(calls: list[Call], verb: str) -> Iterator[Call]:
    """Of each hold, the call of ``verb`` that was first answered with yes."""
    seen = set()
    for call in sorted(calls, key=lambda call: call.end):
        if call.verb == verb and call.outcome == "ok":
            hold = call.answer["hold"] if verb == "hold" else call.asked["hold"]
            if hold not in seen:
                seen.add(hold)
                yield call


def most_at_once(spans: Iterable[Span]) -> int:
    edges = sorted([(s.start, 1) for s in spans if s.start < s.end] + [(s.end, -1) for s in spans if s.start < s.end])
    most = now = 0
    for _moment, step in edges:
        now += step
        most = max(most, now)
    return most


def places_never_overlap(spans: list[Span], tables: dict) -> Iterator[str]:
    of_slot = defaultdict(list)
    for span in spans:
        of_slot[span.slot].append(span)
    for slot, found in of_slot.items():
        if (most := most_at_once(found)) > tables["planned"][str(slot)]:
            yield f"slot {slot} was given to {most} at once and has {tables['planned'][str(slot)]} seats"


def never_more_than_five(spans: list[Span], tables: dict) -> Iterator[str]:
    of_booker = defaultdict(list)
    for span in spans:
        if span.pays:
            of_booker[f"account {span.account}"].append(span)
            of_booker[tables["mailboxes"][str(span.account)]].append(span)
    for booker, found in of_booker.items():
        if (most := most_at_once(found)) > CAP:
            yield f"{booker} had {most} places at once"
