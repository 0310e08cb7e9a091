"""One small broker of each kind of the fairness guide: a case in time, for the right reasons."""

from typing import Any

from antifraud.events import HOUR
from antifraud.rulesets import ruleset
from tests.antifraud.history import History, codes, flagged, run, who
from tests.antifraud.test_honest import SURNAMES


def stranger(number: int, **more) -> dict:
    born = f"19{60 + number % 40}-0{number % 9 + 1}-1{number % 8}"
    return who("Compra", SURNAMES[number % 40], SURNAMES[(number * 7 + 11) % 40], born, **more)


def assert_case(history: History, of: list[str], *, early: int, wanted: set[str]) -> None:
    """All of ``of`` flagged; all but the first ``early`` within the hour; and ``wanted`` among the reasons."""
    store = run(history)
    assert flagged(store) >= set(of)
    late = [a for a in of if store.bookings[a].flag.at - store.bookings[a].booked_at > HOUR]
    assert set(late) <= set(of[:early])
    assert wanted <= codes(store, of[-1])
    assert len({store.bookings[a].flag.case for a in of}) == 1


def test_b1_alias_hoarder():
    history, made = History(), []
    for number in range(8):
        history.sign_up(
            f"alias{number}", email=f"ci.tas+{number}@gmail.com", phone="+13125550101", device=f"d{number % 2}"
        )
        history.wait(minutes=30)
        made += [history.book(f"alias{number}", stranger(number * 2 + extra), lag=2, fill=8) for extra in range(2)]

    assert_case(history, made, early=8, wanted={"A1", "E1"})


def test_b2_account_farm():
    history, made = History(), []
    for number in range(12):
        account = f"farm{number}"
        history.sign_up(
            account, email=f"mx{number:04d}@mailinator.com", phone=f"+131255501{number % 3:02d}", device="bot"
        )
        history.wait(minutes=2)
        made += [history.book(account, stranger(number * 2 + extra), lag=2, fill=6) for extra in range(2)]

    assert_case(history, made, early=8, wanted={"A2", "C1", "E1"})


def test_b3_stealth_farm_trades_its_seats():
    history, made, seats = History(), [], []
    for number in range(6):
        history.sign_up(f"quiet{number}", phone=f"+131255501{number // 2:02d}", device=f"fresh{number}")
        made.append(history.book(f"quiet{number}", stranger(number), seat=f"s{number}", lag=2, fill=9))
        history.wait(hours=5)
    for number in range(6):
        seats.append(history.sell(made[number], f"s{number}", f"quiet{(number + 1) % 6}", stranger(20 + number)))
        history.wait(hours=2)

    assert_case(history, seats, early=4, wanted={"C1", "D3"})


def test_b4_hold_spinner():
    history = History()
    for number in range(4):
        history.sign_up(f"spin{number}", phone=f"+131255501{number:02d}")
    for turn in range(12):
        hold = history.hold(f"spin{turn % 4}", stranger(turn), seat="s1", lag=4, fill=7)
        history.lapse(hold)
        history.wait(minutes=3)
    sold = history.book("spin1", stranger(30), seat="s1", lag=5, fill=8)

    assert_case(history, [sold], early=0, wanted={"D1", "D2"})


def test_b5_concierge():
    history, made = History(), []
    for number in range(14):
        history.sign_up(f"client{number}", phone=f"+131255501{number % 2:02d}", device="office")
        history.wait(minutes=20)
        made.append(history.book(f"client{number}", stranger(number), device="office", office=f"city{number % 4}"))

    assert_case(history, made, early=10, wanted={"A2", "E1"})


def test_b6_insider_books_for_nobody_who_called():
    history, made = History(), []
    for number in range(6):
        keys = {"channel": "phone", "agent": "agent-7"}
        history.write("register", account=f"friend{number}", phone="+13125550101", **keys)
        history.wait(minutes=10)
        made.append(history.book(f"friend{number}", stranger(number), fill=None, lag=6, **keys))
        history.wait(hours=20)

    assert_case(history, made, early=5, wanted={"G1", "G2", "E1"})


def test_b7_slow_drip_over_many_offices():
    history, made = History(), []
    for number in range(20):
        history.sign_up(
            f"drip{number // 2}", phone=f"+131255501{number // 2 % 3:02d}", device="shop"
        ) if number % 2 == 0 else None
        history.wait(days=1)
        made.append(history.book(f"drip{number // 2}", stranger(number), device="shop", office=f"city{number % 7}"))

    assert_case(history, made, early=14, wanted={"A2", "E1", "D5"})


def hurried(history: History, *, curp: str | None = None, phone: str = "+13125550150", **keys: Any) -> str:
    """One seat, taken in two seconds with a form of nine."""
    history.sign_up("lone", phone=phone, **keys)
    history.wait(minutes=3)
    person = who("Lidia", "Cabrales", "Fonseca", "1971-04-05", curp=curp)
    return history.book("lone", person, lag=2, fill=9, **keys)


def test_b3_lone_account_with_an_impossible_curp_at_a_machines_pace():
    history = History()
    made = hurried(history, curp="PERJ800101HDFRRN09")

    assert set(flagged(run(history))) == {made}


def test_hurry_alone_is_no_case():
    history = History()
    hurried(history)

    assert not flagged(run(history))


def callers(history: History, agents: int, each: int) -> None:
    """Ordinary calls, each with the caller's own number, for seats that had been there for hours."""
    for number in range(agents * each):
        keys = {"channel": "phone", "agent": f"agent-{number % agents}"}
        history.sign_up(f"caller{number}", phone=f"+1312555{number + 1000:04d}", **keys)
        history.wait(minutes=3)
        history.book(f"caller{number}", stranger(number), fill=None, lag=9000, **keys)


def test_b6_seats_at_once_for_callers_count_when_the_agent_stands_out():
    history, made = History(), []
    callers(history, agents=3, each=35)
    for number in range(9):
        keys = {"channel": "phone", "agent": "agent-0"}
        if number % 3:
            history.write("register", account=f"friend{number}", phone="+13125550101", **keys)
        else:
            history.sign_up(f"friend{number}", phone=f"+1312555{number:04d}", **keys)
        history.wait(minutes=10)
        made.append(history.book(f"friend{number}", stranger(number + 20), fill=None, lag=6, **keys))
        history.wait(hours=20)

    assert set(flagged(run(history))) >= {made[1], made[2], *made[4:]}
    assert not {a for a in flagged(run(history))} - set(made)


def sold_at_the_end(*, to: tuple[dict, ...], closely_watched: bool = False) -> tuple[History, list[str]]:
    """A calm (or hurried) crowd, a concierge with a case, and a seat of hers that a new account takes at once."""
    history, made = History(), []
    for number in range(400):
        history.wait(minutes=1)
        seat = history.book(f"crowd{number}", stranger(number), seat=f"c{number}")
        if number % 8 == 0 if closely_watched else number == 0:
            history.sell(seat, f"c{number}", f"lucky{number}", stranger(number + 13), lag=70, fill=80)
    for number in range(14):
        history.sign_up(f"client{number}", phone=f"+131255501{number % 2:02d}", device="office")
        history.wait(minutes=20)
        made.append(history.book(f"client{number}", stranger(number), seat=f"s{number}", office=f"city{number % 4}"))
    history.sign_up("buyer", phone="+13125550999", device="own")
    taken = [history.sell(made[-1], "s13", "buyer", to[0], lag=70, fill=80)]
    taken += [history.book("buyer", person, seat=f"more{place}") for place, person in enumerate(to[1:])]
    return history, taken


def test_b5_who_comes_for_a_seat_just_let_go_is_its_buyer():
    history, [taken] = sold_at_the_end(to=(stranger(90),))
    store = run(history)

    assert store.bookings[taken].flag.at == store.bookings[taken].booked_at
    assert taken not in flagged(run(history, ruleset(1)))


def test_stranger_is_no_buyer_where_people_watch_closely_and_a_family_never():
    hurried, [taken] = sold_at_the_end(to=(stranger(90),), closely_watched=True)
    children = [who(name, "Zurita", "Quiroga", f"2016-03-0{place + 1}") for place, name in enumerate(("Ana", "Luz"))]
    calm, theirs = sold_at_the_end(to=(who("Rosa", "Quiroga", "Nava"), *children))

    assert taken not in flagged(run(hurried))
    assert not flagged(run(calm)) & set(theirs[1:])


def test_open_case_is_weighed_again_when_anything_new_is_learned():
    history, made = History(), []
    for number in range(14):
        history.sign_up(f"client{number}", phone=f"+131255501{number % 2:02d}", device="office")
        made.append(history.book(f"client{number}", stranger(number), office=f"city{number % 4}"))
    before = best_of(run(history), made[0])
    for appointment in made[:3]:
        history.wait(days=20)
        history.write("other_person", appointment=appointment, channel="counter")
    after = best_of(run(history), made[0])

    assert {reason.code for reason in after.reasons} - {reason.code for reason in before.reasons} == {"F2"}
    assert after.score > before.score


def best_of(store, appointment: str):
    return store.bookings[appointment].account.group.best
