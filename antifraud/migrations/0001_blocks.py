"""Blocks of contacts and accounts, and the appeals against them."""

import datetime

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

import mexitel.utils.crypto

# Each step leads where STEPS (models/block.py) says; nobody is blocked but by a proposal; what is decided stays as it was
# told. The name that is blocked never changes.
FOLLOWS = """
CREATE FUNCTION antifraud_block_follows() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state = 'proposed' THEN RETURN NEW; END IF;
    ELSIF NEW.kind = OLD.kind AND NEW.key = OLD.key AND NEW.proposed_at = OLD.proposed_at AND (OLD.state, NEW.state) IN (
        ('proposed', 'confirmed'), ('proposed', 'rejected'), ('confirmed', 'lifted'), ('confirmed', 'overturned'),
        ('confirmed', 'ended'))
    THEN RETURN NEW;
    END IF;
    RAISE EXCEPTION 'block % cannot go to %', NEW.id, NEW.state
        USING ERRCODE = 'check_violation', CONSTRAINT = 'block_follows';
END
$$;
CREATE TRIGGER block_follows BEFORE INSERT OR UPDATE ON antifraud_block
FOR EACH ROW EXECUTE FUNCTION antifraud_block_follows();
"""
FORGET = "DROP TRIGGER block_follows ON antifraud_block; DROP FUNCTION antifraud_block_follows();"


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Block",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=models.Func(function="uuidv7", output_field=models.UUIDField()),
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("address", "this spelling of an e-mail alone"),
                            ("mailbox", "a mailbox, however it is spelled"),
                            ("domain", "a whole domain"),
                            ("phone", "a phone"),
                            ("account", "an account"),
                        ],
                        max_length=10,
                    ),
                ),
                ("key", models.BinaryField(max_length=32)),
                ("mask", models.CharField(max_length=254)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("hoarded", "More places were held with these contacts than one person may hold."),
                            ("traded", "Places were given up and taken again at once for other people."),
                            ("spun", "Places were held again and again and never booked."),
                            ("invented", "Places were taken with data of people who do not exist."),
                            (
                                "charged",
                                "People told us that they were charged for an appointment, which is always free.",
                            ),
                        ],
                        max_length=10,
                    ),
                ),
                ("note", models.TextField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "waits for a decision"),
                            ("confirmed", "in force"),
                            ("rejected", "not blocked"),
                            ("lifted", "lifted"),
                            ("overturned", "overturned on appeal"),
                            ("ended", "over"),
                        ],
                        default="proposed",
                        max_length=10,
                    ),
                ),
                (
                    "account_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("proposed_at", models.DateTimeField()),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("closed_why", models.TextField(blank=True)),
                (
                    "approver",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "closed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Appeal",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=models.Func(function="uuidv7", output_field=models.UUIDField()),
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("person", models.BinaryField(max_length=32)),
                ("words", mexitel.utils.crypto.EncryptedTextField()),
                ("asked_at", models.DateTimeField()),
                ("answer_by", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "waits for an answer"),
                            ("upheld", "the block stays"),
                            ("overturned", "the block is lifted"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True)),
                ("answer", mexitel.utils.crypto.EncryptedTextField(blank=True)),
                (
                    "against_approver",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "against_author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "block",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="appeals",
                        to="antifraud.block",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="block",
            index=models.Index(fields=["state", "proposed_at"], name="block_work_list"),
        ),
        migrations.AddIndex(
            model_name="block",
            index=models.Index(fields=["kind", "key"], name="block_by_name"),
        ),
        migrations.AddConstraint(
            model_name="block",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["address", "mailbox", "domain", "phone", "account"])),
                name="block_kind_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="block",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason__in", ["hoarded", "traded", "spun", "invented", "charged"])),
                name="block_reason_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="block",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["proposed", "confirmed", "rejected", "lifted", "overturned", "ended"])
                ),
                name="block_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="block",
            constraint=models.CheckConstraint(
                condition=models.Q(("note", ""), _negated=True), name="block_says_why_to_colleagues"
            ),
        ),
        migrations.AddConstraint(
            model_name="block",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_at__gt", models.F("starts_at")),
                    (
                        "ends_at__lte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("starts_at"), "+", models.Value(datetime.timedelta(days=365))
                        ),
                    ),
                ),
                name="block_ends_within_a_year",
            ),
        ),
        migrations.AddConstraint(
            model_name="block",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("proposed", "confirmed"))),
                fields=("kind", "key"),
                name="block_one_standing_for_a_name",
            ),
        ),
        migrations.AddConstraint(
            model_name="block",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ("confirmed", "lifted", "overturned", "ended")), _negated=True),
                    ("author__isnull", False),
                    _connector="OR",
                ),
                name="block_decided_by_a_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="block",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("kind", "domain"), ("state__in", ("confirmed", "lifted", "overturned", "ended")), _negated=True
                    ),
                    ("approver__isnull", False),
                    _connector="OR",
                ),
                name="block_of_a_domain_has_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="block",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("approver__isnull", True),
                    models.Q(("author__isnull", False), models.Q(("approver", models.F("author")), _negated=True)),
                    _connector="OR",
                ),
                name="block_by_two_different_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="block",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "domain"), _negated=True), ("proposed_by__isnull", False), _connector="OR"
                ),
                name="block_of_a_domain_proposed_by_a_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="block",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("closed_at__isnull", True),
                        ("closed_by__isnull", True),
                        ("closed_why", ""),
                        ("state__in", ("proposed", "confirmed")),
                    ),
                    models.Q(
                        ("closed_at__isnull", False),
                        ("closed_by__isnull", True),
                        ("closed_why", ""),
                        ("state", "ended"),
                    ),
                    models.Q(
                        ("closed_at__isnull", False),
                        ("closed_by__isnull", False),
                        ("state__in", ("rejected", "lifted", "overturned")),
                        models.Q(("closed_why", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="block_closed_by_somebody_who_says_why",
            ),
        ),
        migrations.AddIndex(
            model_name="appeal",
            index=models.Index(fields=["block", "person"], name="appeal_by_block"),
        ),
        migrations.AddIndex(
            model_name="appeal",
            index=models.Index(condition=models.Q(("state", "open")), fields=["answer_by"], name="appeal_queue"),
        ),
        migrations.AddConstraint(
            model_name="appeal",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "upheld", "overturned"])), name="appeal_state_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="appeal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")), fields=("block", "person"), name="appeal_one_open_for_a_person"
            ),
        ),
        migrations.AddConstraint(
            model_name="appeal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at__isnull", True), ("decided_by__isnull", True), ("state", "open")),
                    models.Q(
                        models.Q(("state", "open"), _negated=True),
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="appeal_decided_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="appeal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decided_by__isnull", True),
                    models.Q(
                        models.Q(("decided_by", models.F("against_author")), _negated=True),
                        models.Q(
                            ("against_approver__isnull", True),
                            models.Q(("decided_by", models.F("against_approver")), _negated=True),
                            _connector="OR",
                        ),
                    ),
                    _connector="OR",
                ),
                name="appeal_decided_by_another_person",
            ),
        ),
        migrations.RunSQL(FOLLOWS, FORGET),
    ]
