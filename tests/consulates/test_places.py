import pytest

from consulates.places import PlaceUnknown, find_place, fold
from tests.factories.consulates import PlaceFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def places():
    PlaceFactory()
    PlaceFactory(kind="town", key="kansas city", name="Kansas City", state="MO", weight=70)
    PlaceFactory(kind="town", key="kansas city", name="Kansas City", state="KS", weight=20)
    PlaceFactory(kind="town", key="washington", name="Washington", state="PA", weight=1)
    PlaceFactory(kind="state", key="washington", name="Washington", state="WA", weight=500)
    PlaceFactory(kind="town", key="saint paul", name="Saint Paul", state="MN")


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("77002", "77002 (Houston, TX)"),
        (" 77002-1234 ", "77002 (Houston, TX)"),
        ("Kansas City", "Kansas City, MO"),
        ("kansas city, KS", "Kansas City, KS"),
        ("Kansas City Kansas", "Kansas City, KS"),
        ("KÁNSAS  CITY.", "Kansas City, MO"),
        ("St. Paul", "Saint Paul, MN"),
        ("washington", "Washington, PA"),
    ],
)
def test_a_place_is_understood_as_people_type_it(typed, name):
    assert find_place(typed).name == name


def test_places_of_the_same_name_are_offered():
    assert find_place("kansas city").others == ("Kansas City, KS",)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "empty"),
        (" \x00 ", "empty"),
        ("!!!", "empty"),
        ("7700", "zip_shape"),
        ("770021", "zip_shape"),
        ("9" * 400, "zip_shape"),
        ("00000", "zip_unknown"),
        ("Ciudad Gótica", "town_unknown"),
        ("' OR 1=1 --", "town_unknown"),
        ("東京", "empty"),
    ],
)
def test_what_is_not_a_place_gets_a_sentence(typed, code):
    with pytest.raises(PlaceUnknown) as refusal:
        find_place(typed)
    assert refusal.value.code == code
    assert str(refusal.value.sentence)


def test_finding_a_place_takes_one_query(django_assert_num_queries):
    for typed in ("77002", "kansas city, ks"):
        with django_assert_num_queries(1):
            find_place(typed)


def test_folding_keeps_letters_only():
    assert fold("  Peñón  Ñandú, S.A. ") == "penon nandu s a"
