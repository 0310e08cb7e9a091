"""People who look like a broker from afar and are none: never a case."""

import pytest

from tests.antifraud.history import History, child, flagged, run, who

SURNAMES = [
    "Alcocer",
    "Batres",
    "Cabrales",
    "Dorantes",
    "Elizondo",
    "Fonseca",
    "Garrido",
    "Huidobro",
    "Iturbide",
    "Juncal",
    "Krauze",
    "Lozoya",
    "Madrazo",
    "Nájera",
    "Oropeza",
    "Palomares",
    "Quirarte",
    "Robledo",
    "Sepúlveda",
    "Tiscareño",
    "Urrutia",
    "Villalpando",
    "Xoconostle",
    "Yarza",
    "Zermeño",
    "Abascal",
    "Barajas",
    "Covarrubias",
    "Dueñas",
    "Echeverría",
    "Figueroa",
    "Gallegos",
    "Hinojosa",
    "Izaguirre",
    "Jaramillo",
    "Lazcano",
    "Monreal",
    "Negrete",
    "Olvera",
    "Pedraza",
]


def mother(history: History, children: int, *, fill: float = 60, common: bool = False) -> None:
    father, own = ("Hernández", "García") if common else ("Tiscareño", "Villalpando")
    history.sign_up("mother", phone="+13125550199", device="tablet", prefix="198.51.100.0/24")
    history.wait(minutes=4)
    history.book("mother", who("Rosa", own, "Hernández" if common else "Nájera"), device="tablet", fill=fill, lag=4)
    for number in range(children):
        one = child(f"Niño{number}", father, own, f"201{number}-0{number + 1}-11")
        history.book("mother", one, device="tablet", fill=fill, lag=4)


@pytest.mark.parametrize("children", [4, 6])
@pytest.mark.parametrize("common", [False, True])
def test_mother_with_children_is_no_case(children, common):
    history = History()
    mother(history, children, common=common)

    assert flagged(run(history)) == set()


def test_mother_whose_browser_fills_in_at_a_release_is_no_case():
    history = History()
    mother(history, 4, fill=9)

    assert flagged(run(history)) == set()


def test_two_parents_on_one_tablet_are_no_case():
    history = History()
    for account, given, first in (("mother", "Rosa", "Nájera"), ("father", "Julio", "Tiscareño")):
        history.sign_up(account, phone=f"+1312555{len(account):04d}", device="tablet")
        history.book(account, who(given, first, "Robledo"), device="tablet")
        for number in range(3):
            history.book(
                account, child(f"{given}{number}", "Tiscareño", "Nájera", f"201{number}-04-02"), device="tablet"
            )

    assert flagged(run(history)) == set()


def test_twins_are_no_case():
    history = History()
    history.sign_up("mother", phone="+13125550101")
    for given in ("Ana", "Eva"):
        history.book("mother", child(given, "Tiscareño", "Nájera", "2018-03-03"), fill=15, lag=5)

    assert flagged(run(history)) == set()


def test_grandmother_with_grandchildren_of_two_daughters_is_no_case():
    history = History()
    history.sign_up("grandmother", phone="+13125550101")
    history.book("grandmother", who("Elena", "Robledo", "Nájera", "1950-01-01"))
    for number, father in enumerate(("Alcocer", "Alcocer", "Batres", "Batres", "Batres")):
        history.book("grandmother", child(f"Niño{number}", father, "Robledo", f"201{number}-09-09"))

    assert flagged(run(history)) == set()


def test_family_with_a_mailbox_tag_for_each_child_is_no_case():
    history = History()
    for number in range(6):
        account = f"family{number}"
        history.sign_up(account, email=f"rosa.robledo+{number}@gmail.com", phone="+13125550101", device="tablet")
        history.wait(minutes=3)
        history.book(account, child(f"Niño{number}", "Tiscareño", "Robledo", f"201{number}-05-05"), device="tablet")

    assert flagged(run(history)) == set()


def test_helper_of_four_unrelated_people_is_no_case():
    history = History()
    history.sign_up("helper", phone="+13125550101", device="laptop")
    for number in range(4):
        history.book("helper", who("Gente", SURNAMES[2 * number], SURNAMES[2 * number + 1]), device="laptop", fill=12)
        history.wait(hours=3)

    assert flagged(run(history)) == set()


@pytest.mark.parametrize("marked", [True, False])
def test_library_terminal_with_forty_people_is_no_case(marked):
    history = History()
    if marked:
        history.write("public_device", device="library")
    for number in range(40):
        account = f"reader{number}"
        history.sign_up(account, phone=f"+1312555{number:04d}", device="library", prefix="192.0.2.0/24")
        history.wait(minutes=9)
        person = who("Lectora", SURNAMES[number], SURNAMES[(number * 7 + 3) % 40], f"19{50 + number}-03-14")
        history.book(account, person, device="library", fill=14 if number % 8 == 0 else 90, prefix="192.0.2.0/24")
        history.wait(minutes=11)

    assert flagged(run(history)) == set()


def test_help_drive_is_no_case():
    history = History()
    until = history.now.replace(hour=23).isoformat()
    history.write("drive", office="dallas", devices=["d1", "d2", "d3"], until=until)
    for number in range(30):
        account, device = f"guest{number}", f"d{number % 3 + 1}"
        history.sign_up(account, phone=f"+1312555{number:04d}", device=device)
        history.wait(minutes=2)
        person = who("Vecina", SURNAMES[number], SURNAMES[(number * 3 + 5) % 40], f"19{50 + number}-06-07")
        history.book(account, person, device=device, fill=45, office="dallas")

    assert flagged(run(history)) == set()


def test_phone_agents_with_many_callers_are_no_case():
    history = History()
    for number in range(40):
        account = f"caller{number}"
        keys = {"channel": "phone", "agent": f"agent-{number % 2}"}
        history.sign_up(account, phone=f"+1312555{number:04d}", **keys)
        history.wait(minutes=3)
        person = who("Llama", SURNAMES[number], SURNAMES[(number * 3 + 5) % 40], f"19{50 + number}-06-07")
        history.book(account, person, fill=None, lag=9000, **keys)

    assert flagged(run(history)) == set()


def test_couple_that_takes_a_seat_a_broker_gave_back_is_no_case():
    history = History()
    history.sign_up("someone", phone="+13125550111")
    given_up = history.book("someone", who("Luis", "Alcocer", "Batres"), seat="s1", fill=12, lag=2)
    history.write("cancel", appointment=given_up, by="booker")
    history.wait(minutes=30)
    history.sign_up("wife", phone="+13125550112")
    history.book("wife", who("Eva", "Krauze", "Yarza"), seat="s1", lag=25)

    assert flagged(run(history)) == set()


def broker_who_trades(history: History) -> None:
    """Six accounts on two telephones; the last gives back a seat and nobody of theirs takes it."""
    for number in range(6):
        history.sign_up(f"broker{number}", phone=f"+131255501{number // 3:02d}", device=f"d{number}")
        person = who("Compra", SURNAMES[number * 2], SURNAMES[number * 2 + 1], f"19{60 + number}-01-01")
        last = history.book(f"broker{number}", person, seat=f"s{number}", office=f"city{number}", lag=2, fill=9)
        history.wait(hours=2)
    history.write("cancel", appointment=last, by="booker")
    history.wait(minutes=20)


def test_stranger_who_takes_a_brokers_seat_within_seconds_is_not_in_the_case():
    history = History()
    broker_who_trades(history)
    history.sign_up("stranger", phone="+13125550199")
    taken = history.book("stranger", who("Eva", "Krauze", "Yarza"), seat="s5", office="city5", lag=12)

    found = flagged(run(history))
    assert len(found) == 6
    assert taken not in found


def test_family_that_takes_a_brokers_seat_with_a_quick_form_is_not_in_the_case():
    history = History()
    broker_who_trades(history)
    history.sign_up("mother", phone="+13125550199")
    seats = [history.book("mother", who("Eva", "Krauze", "Yarza"), seat="s5", office="city5", lag=12, fill=14)]
    seats += [history.book("mother", child(f"Niño{n}", "Krauze", "Yarza", f"201{n}-02-03"), fill=14) for n in range(3)]

    assert not flagged(run(history)) & set(seats)


def test_couple_with_two_surnames_on_one_telephone_is_no_case():
    history = History()
    for account, surname in (("wife", "Nájera"), ("husband", "Tiscareño")):
        history.sign_up(account, phone="+13125550101", device="tablet")
        history.book(account, who(account.title(), surname, "Robledo" if surname < "P" else "Lozoya"), fill=14, lag=4)
        history.wait(minutes=5)

    assert flagged(run(history)) == set()
