"""Invented demand for the demonstration, marked as sample: thirteen weeks that are over, the same on every machine.

Towns with many Mexican families and a long way to an office, and some where the office is full. No person stands behind
a number.
"""

from datetime import datetime, timedelta

from django.db import connection

from appointments.demand.counting import monday_of
from appointments.models import DemandCell
from mexitel.accounts.models import User

WEEKS = 13
# ZIP3, people without a place in a week, and how far those travel who get one (miles).
AREAS = [
    ("731", 46, 200), ("741", 31, 250), ("282", 29, 160), ("372", 27, 240), ("089", 26, 35), ("296", 15, 140),
    ("379", 12, 200), ("352", 17, 150), ("672", 16, 190), ("678", 14, 320), ("727", 18, 190), ("791", 11, 260),
    ("794", 9, 140), ("797", 12, 120), ("767", 10, 95), ("933", 24, 110), ("953", 15, 80), ("939", 17, 60),
    ("495", 16, 150), ("461", 9, 15), ("503", 8, 130), ("432", 13, 210), ("452", 12, 110), ("381", 14, 135),
    ("336", 10, 85), ("339", 13, 145), ("875", 6, 60), ("989", 13, 140), ("993", 12, 210), ("833", 8, 215),
    ("898", 5, 230), ("895", 11, 130), ("810", 6, 110), ("816", 7, 170), ("900", 38, 12), ("770", 22, 15),
    ("752", 24, 14), ("606", 21, 12), ("303", 19, 16), ("850", 16, 13), ("597", 2, 420), ("582", 1, 300),
]  # fmt: skip
FILL = """
WITH area (zip3, people, miles) AS (
    SELECT * FROM unnest(%(zips)s::text[], %(people)s::int[], %(miles)s::int[])
), part (code, share) AS (VALUES
    ('passport-adult-renewal', 0.5), ('consular-id-adult', 0.32), ('passport-minor-renewal', 0.18)
), way (ended, share) AS (VALUES ('far', 0.55), ('none', 0.25), ('waited', 0.2)),
unmet AS (
    SELECT zip3, week, part.code, ended, area.people * part.share * way.share
           * (0.7 + 0.6 * abs(hashtext(zip3 || week || part.code || ended) %% 1000) / 1000.0) AS people
    FROM area CROSS JOIN part CROSS JOIN way CROSS JOIN unnest(%(weeks)s::date[]) AS week
), seated AS (
    SELECT zip3, week, part.code,
           CASE WHEN area.miles <= 25 THEN 'to25' WHEN area.miles <= 50 THEN 'to50' WHEN area.miles <= 100 THEN 'to100'
                WHEN area.miles <= 200 THEN 'to200' ELSE 'beyond' END AS ended,
           part.share * (CASE WHEN area.miles <= 25 THEN 60 ELSE 12 END)
           * (0.7 + 0.6 * abs(hashtext(zip3 || week || part.code) %% 1000) / 1000.0) AS people
    FROM area CROSS JOIN part CROSS JOIN unnest(%(weeks)s::date[]) AS week
)
INSERT INTO appointments_demandcell (week, zip3, procedure_id, ended, looks, people, is_sample)
SELECT week, zip3, procedure.id, ended, greatest(1, round(people / 1.6)), greatest(1, round(people)), true
FROM (SELECT * FROM unmet UNION ALL SELECT * FROM seated) told
JOIN consulates_procedure procedure USING (code) WHERE people >= 0.5
"""


def make(users: dict[str, User], now: datetime) -> None:
    """Once, where nothing is counted yet; a hook of the demonstration (mexitel/accounts/demo.py)."""
    if DemandCell.objects.exists():
        return
    this_week = monday_of(now.date())
    zips, people, miles = (list(column) for column in zip(*AREAS, strict=True))
    weeks = [this_week - timedelta(weeks=number) for number in range(1, WEEKS + 1)]
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"zips": zips, "people": people, "miles": miles, "weeks": weeks})
