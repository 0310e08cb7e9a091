"""Rule sets with their rehearsals, reports of charges, and the monthly random look."""

from decimal import Decimal

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import mexitel.utils.crypto

# What is published stands for ever; a draft is published on a finished rehearsal of exactly its digest. Only number 1, which
# comes with the code, is inserted as published.
STANDS = """
CREATE FUNCTION antifraud_ruleset_stands() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state = 'draft' OR NEW.number = 1 THEN RETURN NEW; END IF;
    ELSIF TG_OP = 'DELETE' THEN
        IF OLD.state <> 'published' THEN RETURN OLD; END IF;
        NEW := OLD;
    ELSIF OLD.state = 'draft' AND (NEW.number, NEW.author_id, NEW.created_at) = (OLD.number, OLD.author_id, OLD.created_at) THEN
        IF NEW.state <> 'published' THEN RETURN NEW; END IF;
        IF (NEW.data, NEW.digest) = (OLD.data, OLD.digest) AND EXISTS (
            SELECT FROM antifraud_rehearsal r
            WHERE r.id = NEW.rehearsal_id AND r.ruleset_id = NEW.id AND r.digest = NEW.digest AND r.state = 'done')
        THEN RETURN NEW; END IF;
        RAISE EXCEPTION 'rule set % was not rehearsed as it is', NEW.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ruleset_rehearsed_as_it_is';
    END IF;
    RAISE EXCEPTION 'rule set % stands as it was published', NEW.number
        USING ERRCODE = 'check_violation', CONSTRAINT = 'ruleset_stands';
END
$$;
CREATE TRIGGER ruleset_stands BEFORE INSERT OR UPDATE OR DELETE ON antifraud_rulesetrecord
FOR EACH ROW EXECUTE FUNCTION antifraud_ruleset_stands();

-- What a rehearsal found is not rewritten; its rows may be forgotten.
CREATE FUNCTION antifraud_rehearsal_stands() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state NOT IN ('done', 'failed') OR (
        NEW.ruleset_id, NEW.digest, NEW.against, NEW.days, NEW.state, NEW.numbers, NEW.ended_at
    ) = (OLD.ruleset_id, OLD.digest, OLD.against, OLD.days, OLD.state, OLD.numbers, OLD.ended_at)
    THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'rehearsal % stands as it ended', NEW.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'rehearsal_stands';
END
$$;
CREATE TRIGGER rehearsal_stands BEFORE UPDATE ON antifraud_rehearsal
FOR EACH ROW EXECUTE FUNCTION antifraud_rehearsal_stands();

DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'mexitel_app') THEN
        REVOKE UPDATE, DELETE ON antifraud_rulesetrecord FROM mexitel_app;
        GRANT UPDATE (data, digest, note, state, rehearsal_id, approver_id, published_at, in_force_from)
            ON antifraud_rulesetrecord TO mexitel_app;
        REVOKE UPDATE ON antifraud_rehearsal FROM mexitel_app;
        GRANT UPDATE (state, numbers, rows, started_at, ended_at) ON antifraud_rehearsal TO mexitel_app;
        REVOKE UPDATE, DELETE ON antifraud_auditdraw FROM mexitel_app;
        GRANT UPDATE (case_ids, population) ON antifraud_auditdraw TO mexitel_app;
    END IF;
END $$;
"""
FORGET = """
DROP TRIGGER ruleset_stands ON antifraud_rulesetrecord; DROP FUNCTION antifraud_ruleset_stands();
DROP TRIGGER rehearsal_stands ON antifraud_rehearsal; DROP FUNCTION antifraud_rehearsal_stands();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("antifraud", "0008_lanes"),
        ("consulates", "0014_planning"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditDraw",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField(unique=True)),
                ("seed", models.BigIntegerField()),
                ("population", models.IntegerField()),
                (
                    "case_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("drawn_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("month__day", 1)), name="audit_draw_of_a_whole_month")
                ],
            },
        ),
        migrations.CreateModel(
            name="Rehearsal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64)),
                ("against", models.IntegerField()),
                ("days", models.IntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waits for its turn"),
                            ("running", "is running"),
                            ("done", "has ended"),
                            ("failed", "could not be done"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("numbers", models.JSONField(default=dict)),
                ("rows", models.JSONField(default=list)),
                ("asked_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RuleSetRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.IntegerField(unique=True)),
                ("data", models.JSONField()),
                ("digest", models.CharField(max_length=64)),
                ("note", models.TextField()),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "draft"), ("published", "published"), ("withdrawn", "withdrawn")],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("published_at", models.DateTimeField(null=True)),
                ("in_force_from", models.DateTimeField(null=True)),
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
                    "rehearsal",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="published",
                        to="antifraud.rehearsal",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="rehearsal",
            name="ruleset",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="rehearsals", to="antifraud.rulesetrecord"
            ),
        ),
        migrations.CreateModel(
            name="ChargeReport",
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
                    "source",
                    models.CharField(
                        choices=[("page", "public page"), ("validation", "answer to our question")], max_length=10
                    ),
                ),
                (
                    "how",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("facebook", "Facebook"),
                            ("whatsapp", "WhatsApp or text message"),
                            ("page", "A web page"),
                            ("street", "On the street or in a shop"),
                            ("office", "At the door of an office, or inside"),
                            ("other", "Another way"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "dollars",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=7,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal("0")),
                            django.core.validators.MaxValueValidator(Decimal("20000")),
                        ],
                    ),
                ),
                ("contact", mexitel.utils.crypto.EncryptedTextField(blank=True)),
                ("contact_key", models.BinaryField(max_length=32, null=True)),
                ("words", mexitel.utils.crypto.EncryptedTextField(blank=True)),
                ("appointment_id", models.UUIDField(null=True)),
                ("filed_at", models.DateTimeField(db_index=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("new", "new"), ("linked", "belongs to a case"), ("nothing", "nothing to follow")],
                        default="new",
                        max_length=10,
                    ),
                ),
                ("grade", models.SmallIntegerField(null=True)),
                ("note", models.TextField(blank=True)),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reports",
                        to="antifraud.case",
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
                    "consulate",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="consulates.consulate",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["state", "filed_at"], name="report_work_list"),
                    models.Index(
                        condition=models.Q(("contact_key__isnull", False)),
                        fields=["contact_key"],
                        name="report_by_contact",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("source__in", ["page", "validation"])), name="report_source_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("how__in", ["", "facebook", "whatsapp", "page", "street", "office", "other"])
                        ),
                        name="report_advert_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["new", "linked", "nothing"])), name="report_state_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("case__isnull", False), ("grade__isnull", False), ("state", "linked")),
                            models.Q(
                                models.Q(("state", "linked"), _negated=True),
                                ("case__isnull", True),
                                ("grade__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="report_linked_to_a_case_with_a_grade",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("grade__isnull", True), ("grade__range", (3, 6)), _connector="OR"),
                        name="report_grade_in_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("closed_at__isnull", True), ("closed_by__isnull", True), ("note", ""), ("state", "new")
                            ),
                            models.Q(
                                models.Q(("state", "new"), _negated=True),
                                ("closed_at__isnull", False),
                                ("closed_by__isnull", False),
                                models.Q(("note", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="report_closed_by_somebody_who_says_why",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="rulesetrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["draft", "published", "withdrawn"])), name="ruleset_state_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="rulesetrecord",
            constraint=models.CheckConstraint(condition=models.Q(("note", ""), _negated=True), name="ruleset_says_why"),
        ),
        migrations.AddConstraint(
            model_name="rulesetrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(("number", 1), ("author__isnull", False), _connector="OR"),
                name="ruleset_has_an_author",
            ),
        ),
        migrations.AddConstraint(
            model_name="rulesetrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("in_force_from__gte", models.F("published_at")),
                        ("published_at__isnull", False),
                        ("state", "published"),
                    ),
                    models.Q(
                        models.Q(("state", "published"), _negated=True),
                        ("in_force_from__isnull", True),
                        ("published_at__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="ruleset_published_from_a_moment_on",
            ),
        ),
        migrations.AddConstraint(
            model_name="rulesetrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "published"), _negated=True),
                    ("number", 1),
                    models.Q(("approver__isnull", False), ("rehearsal__isnull", False)),
                    _connector="OR",
                ),
                name="ruleset_published_after_a_rehearsal_by_two",
            ),
        ),
        migrations.AddConstraint(
            model_name="rulesetrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("approver__isnull", True),
                    models.Q(("approver", models.F("author")), _negated=True),
                    _connector="OR",
                ),
                name="ruleset_by_two_different_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="rehearsal",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["waiting", "running", "done", "failed"])),
                name="rehearsal_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="rehearsal",
            constraint=models.CheckConstraint(condition=models.Q(("days__gte", 14)), name="rehearsal_of_two_weeks"),
        ),
        migrations.AddConstraint(
            model_name="rehearsal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", False), ("state__in", ["done", "failed"])),
                    models.Q(("ended_at__isnull", True), ("state__in", ["waiting", "running"])),
                    _connector="OR",
                ),
                name="rehearsal_ends_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="rehearsal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["waiting", "running"])),
                fields=("ruleset",),
                name="rehearsal_one_at_a_time",
            ),
        ),
        migrations.RunSQL(STANDS, FORGET),
    ]
