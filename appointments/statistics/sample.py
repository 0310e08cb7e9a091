"""An invented past for the embedded run, so that its pages of figures have something to show: facts, marked as sample.

Thirteen whole months before the first start, frozen like any others. Sizes come from the sample sessions of the office,
the rest from a hash of office, day and name: the same on every machine. No appointment and no person stands behind it.
"""

from datetime import date, datetime, timedelta

from django.db import connection, transaction

from appointments.models import SupplyFact
from appointments.statistics import freezing
from mexitel.accounts.models import User

DAYS = """
CREATE TEMPORARY TABLE sample_day ON COMMIT DROP AS
WITH office AS (
    SELECT office.id, office.code, max(session.windows) FILTER (WHERE session.kind = 'weekday') AS windows,
           bool_or(session.kind = 'sunday') AS has_sundays, bool_or(session.kind = 'mobile') AS has_mobile,
           bool_or(session.kind = 'on_wheels') AS has_wheels
    FROM consulates_consulate office JOIN consulates_session session ON session.consulate_id = office.id
    WHERE session.is_sample AND NOT office.is_practice GROUP BY office.id
), day AS (
    SELECT day::date, extract(isodow FROM day)::int AS weekday, extract(week FROM day)::int AS week
    FROM generate_series(%(first)s::date, %(last)s::date, interval '1 day') AS day
), held AS (
    SELECT office.*, day.day, kind, CASE kind WHEN 'weekday' THEN 15 WHEN 'on_wheels' THEN 12 ELSE 10 END AS times
    FROM office CROSS JOIN day CROSS JOIN LATERAL (VALUES
        ('weekday', weekday <= 5), ('saturday', weekday = 6), ('sunday', has_sundays AND weekday = 7),
        ('mobile', has_mobile AND weekday >= 6 AND (week + office.id) %% 3 = 0),
        ('on_wheels', has_wheels AND weekday BETWEEN 2 AND 5 AND (week + office.id) %% 2 = 0)) AS of_day (kind, is_held)
    WHERE is_held
)
SELECT id AS consulate_id, code, day, kind, nominal, round(nominal * factor)::int AS offered,
       CASE kind WHEN 'weekday' THEN greatest(1, nominal / 70) ELSE 0 END AS reserved,
       0.82 + 0.16 * abs(hashtext(code || day || kind || 'booked') %% 1000) / 1000.0 AS booked_share,
       abs(hashtext(code || day || 'no show') %% 1000) / 1000.0 * 0.10 + 0.07 AS missed_share
FROM held CROSS JOIN LATERAL (
    SELECT CASE kind WHEN 'weekday' THEN coalesce(windows, 3) ELSE greatest(windows * 3 / 5, 2) END * times AS nominal,
           0.80 + 0.12 * (day - %(first)s::date) / 400.0
               + 0.05 * abs(hashtext(code || day) %% 1000) / 1000.0 AS factor) AS size
"""
SUPPLY = """
INSERT INTO appointments_supplyfact
    (consulate_id, day, kind, sessions, sessions_held, nominal, offered, reserved, is_sample)
SELECT consulate_id, day, kind, 1, 1, nominal, offered, reserved, true FROM sample_day
"""
# Documents everywhere; civil registry on weekdays at the office.
USE = """
WITH part (code, share, travels) AS (VALUES
    ('passport-adult-renewal', 0.46, true), ('consular-id-adult', 0.28, true), ('passport-minor-renewal', 0.16, true),
    ('birth-registration', 0.10, false)
), way (channel, share) AS (VALUES ('web', 0.7), ('phone', 0.3)),
known AS (
    SELECT procedure.id, part.code, travels,
           part.share / sum(part.share) OVER () AS share FROM part JOIN consulates_procedure procedure USING (code)
), number AS (
    SELECT day.*, known.id AS procedure_id, way.channel,
           round((offered + reserved) * booked_share * known.share * way.share)::int AS booked,
           abs(hashtext(day.code || day || known.code || channel) %% 1000) / 1000.0 AS luck
    FROM sample_day day CROSS JOIN known CROSS JOIN way WHERE travels OR kind = 'weekday'
)
INSERT INTO appointments_usefact (consulate_id, day, kind, procedure_id, channel, booked, kept, no_show, cancelled,
                                  moved_away, displaced, freed, reused, lead_days)
SELECT consulate_id, day, kind, procedure_id, channel, booked, booked - missed, missed, gone, moved, 0, gone + moved,
       least(gone + moved, round((gone + moved) * (0.6 + 0.35 * luck))::int), booked * (6 + round(luck * 12)::int)
FROM number CROSS JOIN LATERAL (SELECT
    least(booked, round(booked * (missed_share + 0.05 * (luck - 0.5)))::int) AS missed,
    round(booked * (0.06 + 0.06 * luck))::int AS gone, round(booked * (0.02 + 0.03 * luck))::int AS moved) AS became
WHERE booked > 0
"""
OFFER = """
INSERT INTO appointments_offerfact (consulate_id, day, kind, procedure_id, offered)
SELECT DISTINCT fact.consulate_id, fact.day, fact.kind, fact.procedure_id, day.offered
FROM appointments_usefact fact JOIN sample_day day USING (consulate_id, day, kind)
"""
WAITS = """
INSERT INTO appointments_waitfact (consulate_id, day, procedure_id, days)
SELECT DISTINCT ON (fact.consulate_id, fact.day, fact.procedure_id) fact.consulate_id, fact.day, fact.procedure_id,
       CASE WHEN luck > 0.06 THEN greatest(1, 4 + 18 * luck - (fact.day - %(first)s::date) / 90.0)::int END
FROM appointments_usefact fact JOIN sample_day day USING (consulate_id, day, kind)
CROSS JOIN LATERAL (SELECT abs(hashtext(day.code || day || procedure_id) %% 1000) / 1000.0 AS luck) AS of_day
WHERE fact.kind = 'weekday'
"""


def make(users: dict[str, User], now: datetime) -> None:
    """Once, where offices have sample sessions and no facts; a hook of the demonstration (mexitel/accounts/demo.py)."""
    if SupplyFact.objects.exists():
        return
    last = now.date().replace(day=1) - timedelta(days=1)
    first = date(last.year - 1, last.month, 1)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '2min'")
        for statement in (DAYS, SUPPLY, USE, OFFER, WAITS, "DROP TABLE sample_day"):
            cursor.execute(statement, {"first": first, "last": last})
    for month in SupplyFact.objects.dates("day", "month"):
        freezing.freeze(month, now=now, from_ledger=False)
