from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection

from mexitel.outbox import services
from mexitel.outbox.models import OutgoingMessage
from mexitel.utils import retention

NOW = datetime(2026, 11, 23, 18, tzinfo=UTC)
PAGE = Path(__file__).parent.parent.parent / "docs" / "retention.md"


def mail(**changes):
    words = {"to": "a@correo.example", "subject": "s", "text": "t", "language": "es", "now": NOW, "kind": "x"}
    return services.send_mail(**{**words, **changes})


def words_of(key):
    message = OutgoingMessage.objects.get(pk=key)
    return bool(message.body), bool(message.recipient)


def test_the_page_shows_the_rules_that_run():
    assert PAGE.read_text().endswith(retention.as_table(retention.RULES)), (
        "write docs/retention.md again: its table is retention.as_table(RULES)"
    )


@pytest.mark.parametrize("rule", retention.RULES, ids=lambda rule: f"{rule.table}-{rule.action}-{rule.column}")
def test_every_rule_names_columns_that_exist(db, rule):
    parent, link = rule.parent or (rule.table, rule.column)

    assert {link, *rule.values} - columns_of(rule.table) == set()
    assert rule.column in columns_of(parent)


def columns_of(table: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table])
        return {name for (name,) in cursor.fetchall()}


def test_a_sent_mail_loses_its_words_and_its_address_after_thirty_days(db):
    key = mail()
    OutgoingMessage.objects.update(sent_at=NOW)

    retention.apply(now=NOW + timedelta(days=30))
    assert words_of(key) == (True, True)
    retention.apply(now=NOW + timedelta(days=30, seconds=1))

    assert words_of(key) == (False, False)
    assert OutgoingMessage.objects.get(pk=key).sent_at == NOW


def test_a_mail_that_still_waits_keeps_its_words(db):
    key = mail()

    retention.apply(now=NOW + timedelta(days=40))

    assert words_of(key) == (True, True)


def test_a_code_is_blanked_a_day_after_it_ended_sent_or_not(db):
    key = mail(expires_at=NOW + timedelta(minutes=10))

    retention.apply(now=NOW + timedelta(days=1, minutes=10, seconds=1))

    assert words_of(key) == (False, True)


def test_an_offer_of_two_days_keeps_its_words_until_then(db):
    key = mail(expires_at=NOW + timedelta(hours=48))

    retention.apply(now=NOW + timedelta(hours=47))

    assert words_of(key) == (True, True)


def test_a_message_goes_after_a_year(db):
    mail()

    retention.apply(now=NOW + timedelta(days=366))

    assert OutgoingMessage.objects.count() == 0


def test_more_than_a_batch_goes_in_one_run_and_a_second_run_touches_nothing(db, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    for _ in range(5):
        mail()
    OutgoingMessage.objects.update(sent_at=NOW)
    later = NOW + timedelta(days=31)

    assert retention.apply(now=later)["outbox_outgoing_message blank sent_at"] == 5
    assert retention.apply(now=later)["outbox_outgoing_message blank sent_at"] == 0
