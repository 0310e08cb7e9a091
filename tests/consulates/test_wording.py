from datetime import UTC, datetime

import pytest
from django.utils import translation

from consulates import wording
from consulates.reference import rows_of

AT = datetime(2026, 12, 2, 16, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("es", "miércoles 2 de diciembre, 10:30 a.m. (hora central)"),
        ("en", "Wednesday, December 2, 10:30 AM (Central Time)"),
    ],
)
def test_a_moment_names_weekday_date_clock_and_hour(language, expected):
    with translation.override(language):
        assert wording.moment(AT, "America/Chicago").replace("\xa0", " ").replace("\u202f", " ") == expected


def test_the_day_is_the_day_of_the_place():
    late = datetime(2026, 12, 2, 4, 0, tzinfo=UTC)
    assert wording.local_day(late, "America/Los_Angeles").day == 1


@pytest.mark.parametrize("zone", sorted({row["time_zone"] for row in rows_of("offices.csv")}))
def test_every_zone_of_the_network_has_a_plain_name(zone):
    for language in ("es", "en"):
        with translation.override(language):
            label = wording.zone_label(zone)
        assert "(" not in label
        assert "/" not in label
