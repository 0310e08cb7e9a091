"""Requests for an urgent appointment, their proof, grants outside the public pool, and the monthly sample."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import appointments.models.emergency
import mexitel.utils.crypto

# A line of a grant is never changed and never taken back: the serving role may add lines only.
APPEND_ONLY = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'mexitel_app') THEN
        REVOKE UPDATE, DELETE, TRUNCATE ON appointments_grant FROM mexitel_app;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("appointments", "0006_callers"),
        ("consulates", "0003_staff_roles"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="EmergencyRequest",
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
                            ("bereavement", "Death of a relative"),
                            ("medical", "Serious illness or an operation"),
                            ("detention", "Somebody is detained"),
                            ("minor_alone", "A minor who travels alone"),
                            ("repatriation", "Return to Mexico that cannot wait"),
                            ("violence", "Violence or danger at home"),
                            ("stolen_papers", "Stolen or lost papers and a journey that cannot move"),
                            ("other", "Another emergency"),
                        ],
                        max_length=20,
                    ),
                ),
                ("words", mexitel.utils.crypto.EncryptedTextField(blank=True)),
                ("needed_by", models.DateField()),
                ("people", mexitel.utils.crypto.EncryptedTextField(blank=True)),
                ("seats", models.SmallIntegerField(default=0)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "not sent yet"),
                            ("open", "an officer will read it"),
                            ("to_sign", "waits for a second signature"),
                            ("granted", "granted"),
                            ("refused", "not granted"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("place", models.SmallIntegerField(null=True)),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("web", "web"),
                            ("api", "partner or app"),
                            ("phone", "telephone"),
                            ("counter", "window"),
                        ],
                        max_length=10,
                    ),
                ),
                ("agent_id", models.BigIntegerField(null=True)),
                ("call_reference", models.CharField(blank=True, max_length=40)),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                ("asked_at", models.DateTimeField(null=True)),
                ("answer_by", models.DateTimeField(null=True)),
                ("taken_until", models.DateTimeField(null=True)),
                ("proposal", models.JSONField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("decided_on", models.DateField(null=True)),
                (
                    "why",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("not_urgent", "The date allows an ordinary appointment"),
                            ("proof_missing", "The proof is missing or cannot be read"),
                            ("wrong_office", "Another office or authority does this"),
                            ("other_help", "Something else than an appointment is needed"),
                            ("no_seat", "There is no seat soon enough"),
                            ("booked_already", "The person has an appointment in time already"),
                        ],
                        max_length=20,
                    ),
                ),
                ("answer", mexitel.utils.crypto.EncryptedTextField(blank=True)),
                ("party_id", models.UUIDField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="emergencies",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "consulate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="consulates.consulate"
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
                    "procedure",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="consulates.procedure",
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
            name="EmergencyProof",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=models.Func(function="uuidv7", output_field=models.UUIDField()),
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("place", models.SmallIntegerField()),
                ("name", mexitel.utils.crypto.EncryptedTextField()),
                (
                    "media",
                    models.CharField(
                        choices=[("image/jpeg", "Jpeg"), ("image/png", "Png"), ("application/pdf", "Pdf")],
                        max_length=20,
                    ),
                ),
                ("size", models.IntegerField()),
                ("content", appointments.models.emergency.SealedFile()),
                ("created_at", models.DateTimeField()),
                (
                    "request",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="proofs",
                        to="appointments.emergencyrequest",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Grant",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=models.Func(function="uuidv7", output_field=models.UUIDField()),
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("hold_id", models.UUIDField(unique=True)),
                ("pool", models.CharField(choices=[("staff", "Staff"), ("emergency", "Emergency")], max_length=10)),
                ("seats", models.SmallIntegerField()),
                ("day", models.DateField()),
                ("last_number", models.SmallIntegerField()),
                ("allowed", models.SmallIntegerField()),
                ("reason", models.TextField()),
                ("created_at", models.DateTimeField()),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "consulate",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="consulates.consulate",
                    ),
                ),
                (
                    "countersigned_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "request",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grant",
                        to="appointments.emergencyrequest",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="GrantRule",
            fields=[
                (
                    "consulate",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="grant_rule",
                        serialize=False,
                        to="consulates.consulate",
                    ),
                ),
                ("daily_grants", models.SmallIntegerField(db_default=5, default=5)),
                ("target_hours", models.SmallIntegerField(db_default=4, default=4)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("daily_grants__range", (0, 200))), name="grant_rule_number_in_range"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("target_hours__range", (1, 40))), name="grant_rule_hours_in_range"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SampleDraw",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField()),
                ("seed", models.CharField(max_length=64)),
                ("population", models.IntegerField()),
                ("drawn_at", models.DateTimeField()),
                (
                    "consulate",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="consulates.consulate",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SampledRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "finding",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("sound", "Well founded"),
                            ("doubtful", "Doubtful: I would ask the officer"),
                            ("wrong", "Wrong: it goes to the office's manager"),
                        ],
                        max_length=10,
                    ),
                ),
                ("note", models.TextField(blank=True)),
                ("reviewed_at", models.DateTimeField(null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "draw",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="chosen", to="appointments.sampledraw"
                    ),
                ),
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sampled",
                        to="appointments.emergencyrequest",
                    ),
                ),
                (
                    "reviewed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="emergencyrequest",
            index=models.Index(
                condition=models.Q(("status__in", ("open", "to_sign"))),
                fields=["consulate", "answer_by"],
                name="emergency_queue",
            ),
        ),
        migrations.AddIndex(
            model_name="emergencyrequest",
            index=models.Index(fields=["consulate", "decided_on"], name="emergency_decided"),
        ),
        migrations.AddConstraint(
            model_name="emergencyrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["draft", "open", "to_sign", "granted", "refused", "withdrawn"])),
                name="emergency_status_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="emergencyrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "bereavement",
                            "medical",
                            "detention",
                            "minor_alone",
                            "repatriation",
                            "violence",
                            "stolen_papers",
                            "other",
                        ],
                    )
                ),
                name="emergency_kind_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="emergencyrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("seats__range", (0, 5))), name="emergency_up_to_five_people"
            ),
        ),
        migrations.AddConstraint(
            model_name="emergencyrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("answer_by__isnull", False),
                        ("place__range", (1, 2)),
                        ("seats__gte", 1),
                        ("status__in", ("open", "to_sign")),
                    ),
                    models.Q(models.Q(("status__in", ("open", "to_sign")), _negated=True), ("place__isnull", True)),
                    _connector="OR",
                ),
                name="emergency_waits_with_a_clock",
            ),
        ),
        migrations.AddConstraint(
            model_name="emergencyrequest",
            constraint=models.UniqueConstraint(fields=("account", "place"), name="emergency_two_open_in_an_account"),
        ),
        migrations.AddConstraint(
            model_name="emergencyrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "draft")), fields=("account",), name="emergency_one_draft_in_an_account"
            ),
        ),
        migrations.AddConstraint(
            model_name="emergencyrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("asked_at__isnull", True), ("status", "draft")),
                    models.Q(models.Q(("status", "draft"), _negated=True), ("asked_at__isnull", False)),
                    _connector="OR",
                ),
                name="emergency_asked_once_sent",
            ),
        ),
        migrations.AddConstraint(
            model_name="emergencyrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("taken_by__isnull", True), ("taken_until__isnull", True)),
                    models.Q(("taken_by__isnull", False), ("taken_until__isnull", False)),
                    _connector="OR",
                ),
                name="emergency_taken_until_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="emergencyrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "to_sign"), _negated=True),
                    models.Q(("proposal__isnull", False), ("proposed_by__isnull", False)),
                    _connector="OR",
                ),
                name="emergency_to_sign_is_proposed",
            ),
        ),
        migrations.AddConstraint(
            model_name="emergencyrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at__isnull", False), ("status__in", ("granted", "refused", "withdrawn"))),
                    models.Q(
                        models.Q(("status__in", ("granted", "refused", "withdrawn")), _negated=True),
                        ("closed_at__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="emergency_closed_at_its_end",
            ),
        ),
        migrations.AddConstraint(
            model_name="emergencyrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("decided_by__isnull", False),
                        ("decided_on__isnull", False),
                        ("status__in", ("granted", "refused")),
                    ),
                    models.Q(
                        models.Q(("status__in", ("granted", "refused")), _negated=True),
                        ("decided_by__isnull", True),
                        ("decided_on__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="emergency_decided_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="emergencyrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("status", "refused"),
                        (
                            "why__in",
                            ["not_urgent", "proof_missing", "wrong_office", "other_help", "no_seat", "booked_already"],
                        ),
                    ),
                    models.Q(models.Q(("status", "refused"), _negated=True), ("why", "")),
                    _connector="OR",
                ),
                name="emergency_refused_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="emergencyrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("party_id__isnull", False), ("status", "granted")),
                    models.Q(models.Q(("status", "granted"), _negated=True), ("party_id__isnull", True)),
                    _connector="OR",
                ),
                name="emergency_granted_has_an_appointment",
            ),
        ),
        migrations.AddConstraint(
            model_name="emergencyproof",
            constraint=models.UniqueConstraint(fields=("request", "place"), name="emergency_proof_place_once"),
        ),
        migrations.AddConstraint(
            model_name="emergencyproof",
            constraint=models.CheckConstraint(
                condition=models.Q(("place__range", (1, 3))), name="emergency_three_proofs"
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.UniqueConstraint(
                fields=("consulate", "day", "last_number"), name="grant_number_once_a_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(("pool__in", ["staff", "emergency"])), name="grant_outside_the_public_pool"
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(("last_number__gte", models.F("seats")), ("seats__gte", 1)),
                name="grant_counts_its_seats",
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(condition=models.Q(("reason", ""), _negated=True), name="grant_says_why"),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("last_number__lte", models.F("allowed")), ("countersigned_by__isnull", False), _connector="OR"
                ),
                name="grant_above_the_number_has_two_signatures",
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("countersigned_by__isnull", True),
                    models.Q(("countersigned_by", models.F("author")), _negated=True),
                    _connector="OR",
                ),
                name="grant_signed_by_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="sampledraw",
            constraint=models.UniqueConstraint(fields=("consulate", "month"), name="emergency_sample_once_a_month"),
        ),
        migrations.AddConstraint(
            model_name="sampledrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("finding", ""), ("reviewed_at__isnull", True), ("reviewed_by__isnull", True)),
                    models.Q(
                        models.Q(("finding", ""), _negated=True),
                        ("reviewed_at__isnull", False),
                        ("reviewed_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="emergency_finding_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="sampledrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("reviewed_by__isnull", True),
                    models.Q(("reviewed_by", models.F("decided_by")), _negated=True),
                    _connector="OR",
                ),
                name="emergency_finding_by_another_person",
            ),
        ),
        migrations.RunSQL(APPEND_ONLY, migrations.RunSQL.noop),
    ]
