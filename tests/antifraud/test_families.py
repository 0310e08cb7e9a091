from antifraud.events import Applicant
from antifraud.families import Member, families
from antifraud.identities import person_of

T = 1_772_000_000_000


def member(first: str, second: str = "", account: str = "a", circle: int = 0, born: str = "1980-01-01") -> Member:
    said = Applicant(first[:3] + second[:2], first, second, born, "X", "", False, False)
    return Member(person_of(said, T), account, circle)


def count(*members: Member) -> int:
    common = {surname for one in members for surname in one.person.common}
    return len(set(families(members, common.__contains__)))


def test_shared_rare_surname_is_one_family():
    assert count(member("Tiscareño", "Nájera"), member("Alcocer", "Nájera", "b"), member("Yarza")) == 2


def test_nobody_hides_behind_the_commonest_surname():
    assert count(member("Hernández", "Alcocer"), member("Hernández", "Batres", "b")) == 2


def test_two_common_surnames_together_are_one_family():
    assert count(member("Hernández", "García"), member("Hernández", "García", "b")) == 1


def test_child_joins_parents_of_one_circle_by_a_common_surname():
    child = member("Hernández", "García", "c", born="2018-01-01")

    assert count(member("Hernández", "Alcocer", "a"), member("García", "Batres", "b"), child) == 1
    elsewhere = child._replace(circle=9)
    assert count(member("Hernández", "Alcocer", "a"), member("García", "Batres", "b"), elsewhere) == 3
