"""Cases, decisions, what happened in them; links between bookers, and sightings for the engine."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# What happened is added to and never rewritten; the retention table may still delete it whole.
APPEND_ONLY = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'mexitel_app') THEN
        REVOKE UPDATE ON antifraud_caseevent, antifraud_caseassessment, antifraud_sighting FROM mexitel_app;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("antifraud", "0001_blocks"),
        ("appointments", "0011_blocked_marks"),
        ("consulates", "0014_planning"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Case",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("broker", "suspected broker"),
                            ("staff", "pattern of an agent or clerk"),
                            ("audit", "random sample"),
                        ],
                        default="broker",
                        max_length=10,
                    ),
                ),
                ("group_number", models.BigIntegerField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "waits for a decision"),
                            ("asked", "waits for people to confirm"),
                            ("closed", "decided"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                (
                    "verdict",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("legitimate", "nothing wrong"),
                            ("validated", "people confirmed their appointments"),
                            ("broker", "a broker"),
                            ("undecided", "cannot be told"),
                        ],
                        max_length=10,
                    ),
                ),
                ("ruleset", models.IntegerField()),
                ("score", models.FloatField()),
                ("reasons", models.JSONField(default=list)),
                ("facts", models.JSONField(default=dict)),
                ("seats", models.IntegerField(default=0)),
                ("agent_id", models.BigIntegerField(null=True)),
                ("opened_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("act_by", models.DateTimeField()),
                ("taken_until", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
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
                (
                    "taken_by",
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
            name="CaseAccount",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "case", "account", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("added_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="accounts",
                        to="antifraud.case",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CaseAppointment",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "case", "appointment", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("flagged_at", models.DateTimeField()),
                (
                    "standing",
                    models.CharField(
                        choices=[
                            ("flagged", "suspected"),
                            ("asked", "asked to confirm"),
                            ("validated", "confirmed"),
                            ("window", "shows ID at the window"),
                            ("kept", "kept"),
                            ("cancelled", "cancelled"),
                            ("restored", "given back after an appeal"),
                        ],
                        default="flagged",
                        max_length=10,
                    ),
                ),
                (
                    "appointment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="appointments.appointment"
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="appointments",
                        to="antifraud.case",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CaseAssessment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("ruleset", models.IntegerField()),
                ("score", models.FloatField()),
                ("reasons", models.JSONField()),
                ("facts", models.JSONField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="assessments", to="antifraud.case"
                    ),
                ),
            ],
            options={
                "ordering": ["at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="CaseEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("kind", models.CharField(max_length=20)),
                ("detail", models.JSONField(default=dict)),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="events", to="antifraud.case"
                    ),
                ),
            ],
            options={
                "ordering": ["at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("dismiss", "Nothing wrong: close the case"),
                            ("ask", "Ask the people to confirm"),
                            ("validate", "Mark as confirmed"),
                            ("cancel", "Cancel appointments"),
                            ("block", "Propose to block its contacts"),
                            ("cap", "Count its accounts together (five in all)"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("hoarded", "more places held than one person may hold"),
                            ("traded", "places given up and taken again for other people"),
                            ("spun", "places held again and again"),
                            ("invented", "data of people who do not exist"),
                            ("charged", "people were charged"),
                            ("not_asked", "the person did not ask for it"),
                            ("family", "one family"),
                            ("helper", "somebody who helps without charging"),
                            ("coincidence", "a coincidence"),
                            ("unclear", "it cannot be told"),
                        ],
                        max_length=12,
                    ),
                ),
                ("note", models.TextField()),
                (
                    "appointment_ids",
                    django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None),
                ),
                ("decided_at", models.DateTimeField()),
                ("effective_at", models.DateTimeField()),
                ("needs_second", models.BooleanField(default=False)),
                ("approved_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("done_at", models.DateTimeField(null=True)),
                ("overturned_at", models.DateTimeField(null=True)),
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="decisions", to="antifraud.case"
                    ),
                ),
                (
                    "withdrawn_by",
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
            name="Link",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "a", "b", "kind", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("a", models.CharField(max_length=100)),
                ("b", models.CharField(db_index=True, max_length=100)),
                ("kind", models.CharField(max_length=20)),
                ("weight", models.FloatField()),
                ("evidence", models.BigIntegerField(default=1)),
                ("first_seen", models.DateTimeField()),
                ("last_seen", models.DateTimeField()),
                ("expires_at", models.DateTimeField(db_index=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("a__lt", models.F("b"))), name="link_ends_in_order")
                ],
            },
        ),
        migrations.CreateModel(
            name="Sighting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("kind", models.CharField(max_length=20)),
                ("account_id", models.BigIntegerField(null=True)),
                ("appointment_id", models.UUIDField(null=True)),
                ("detail", models.JSONField(default=dict)),
            ],
            options={
                "indexes": [models.Index(fields=["account_id", "at"], name="sighting_by_account")],
            },
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(condition=models.Q(("state", "open")), fields=["act_by", "-seats"], name="case_queue"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["closed_at"], name="case_by_end"),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["broker", "staff", "audit"])), name="case_kind_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "asked", "closed"])), name="case_state_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(("verdict__in", ["", "legitimate", "validated", "broker", "undecided"])),
                name="case_verdict_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "closed"), _negated=True),
                fields=("group_number",),
                name="case_one_standing_for_a_group",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("taken_by__isnull", True), ("taken_until__isnull", True)),
                    models.Q(("taken_by__isnull", False), ("taken_until__isnull", False)),
                    _connector="OR",
                ),
                name="case_taken_by_somebody_until",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("closed_at__isnull", False),
                        ("closed_by__isnull", False),
                        ("state", "closed"),
                        models.Q(("verdict", ""), _negated=True),
                    ),
                    models.Q(
                        models.Q(("state", "closed"), _negated=True),
                        ("closed_at__isnull", True),
                        ("closed_by__isnull", True),
                        ("verdict", ""),
                    ),
                    _connector="OR",
                ),
                name="case_closed_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("agent_id__isnull", False), ("kind", "staff")),
                    models.Q(models.Q(("kind", "staff"), _negated=True), ("agent_id__isnull", True)),
                    _connector="OR",
                ),
                name="case_of_staff_names_the_agent",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("agent_id__isnull", True),
                    ("closed_by__isnull", True),
                    models.Q(("closed_by", models.F("agent_id")), _negated=True),
                    _connector="OR",
                ),
                name="case_of_staff_closed_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="caseappointment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("standing__in", ["flagged", "asked", "validated", "window", "kept", "cancelled", "restored"])
                ),
                name="case_appointment_standing_is_known",
            ),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(
                condition=models.Q(("done_at__isnull", True), ("withdrawn_at__isnull", True)),
                fields=["effective_at"],
                name="decision_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(("act__in", ["dismiss", "ask", "validate", "cancel", "block", "cap"])),
                name="decision_act_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "reason__in",
                        [
                            "hoarded",
                            "traded",
                            "spun",
                            "invented",
                            "charged",
                            "not_asked",
                            "family",
                            "helper",
                            "coincidence",
                            "unclear",
                        ],
                    )
                ),
                name="decision_reason_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(("note", ""), _negated=True), name="decision_says_why"
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(("effective_at__gte", models.F("decided_at"))), name="decision_looks_ahead"
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("approved_at__isnull", True), ("approver__isnull", True)),
                    models.Q(
                        ("approved_at__isnull", False),
                        ("approver__isnull", False),
                        models.Q(("approver", models.F("author")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="decision_approved_by_another_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("withdrawn_at__isnull", True), ("withdrawn_by__isnull", True)),
                    models.Q(
                        ("done_at__isnull", True), ("withdrawn_at__isnull", False), ("withdrawn_by__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="decision_withdrawn_before_it_was_done",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("done_at__isnull", True),
                    models.Q(
                        ("done_at__gte", models.F("effective_at")),
                        models.Q(("needs_second", False), ("approved_at__isnull", False), _connector="OR"),
                    ),
                    _connector="OR",
                ),
                name="decision_done_once_agreed",
            ),
        ),
        migrations.RunSQL(APPEND_ONLY, migrations.RunSQL.noop),
    ]
