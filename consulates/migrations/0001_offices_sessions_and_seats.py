import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models

import consulates.models.consulate
import consulates.models.session


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        BtreeGistExtension(),
        migrations.CreateModel(
            name="Consulate",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("code", models.SlugField(max_length=40, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("consulate", "Consulate"),
                            ("consulate_general", "Consulate general"),
                            ("consular_section", "Consular section of the embassy"),
                        ],
                        max_length=20,
                    ),
                ),
                ("name_es", models.CharField(max_length=120)),
                ("name_en", models.CharField(max_length=120)),
                ("city", models.CharField(max_length=80)),
                ("state", models.CharField(max_length=2)),
                ("street_address", models.CharField(blank=True, max_length=160)),
                ("postal_code", models.CharField(blank=True, max_length=10)),
                ("latitude", models.DecimalField(decimal_places=5, max_digits=8)),
                ("longitude", models.DecimalField(decimal_places=5, max_digits=8)),
                (
                    "time_zone",
                    models.CharField(max_length=40, validators=[consulates.models.consulate.validate_time_zone]),
                ),
                ("phone", models.CharField(blank=True, max_length=20)),
                ("email", models.EmailField(blank=True, max_length=254)),
                (
                    "address_basis",
                    models.CharField(
                        choices=[
                            ("verified", "Read on a page of its own"),
                            ("partial", "Read in part"),
                            ("unverified", "Not verified"),
                        ],
                        default="unverified",
                        max_length=12,
                    ),
                ),
                ("source", models.TextField(blank=True)),
                ("opened_on", models.DateField(blank=True, null=True)),
                ("closed_on", models.DateField(blank=True, null=True)),
                ("is_sample", models.BooleanField(default=False)),
                ("reference", models.JSONField(blank=True, default=dict, editable=False)),
            ],
            options={
                "ordering": ["state", "city"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["consulate", "consulate_general", "consular_section"])),
                        name="consulates_consulate_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("address_basis__in", ["verified", "partial", "unverified"])),
                        name="consulates_consulate_basis_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("closed_on", None),
                            ("opened_on", None),
                            ("closed_on__gt", models.F("opened_on")),
                            _connector="OR",
                        ),
                        name="consulates_consulate_closes_after_opening",
                        violation_error_message="The office closes after it opened.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("latitude__range", (-90, 90)), ("longitude__range", (-180, 180))),
                        name="consulates_consulate_is_on_earth",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Procedure",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("code", models.SlugField(max_length=40, unique=True)),
                ("name_es", models.CharField(max_length=120)),
                ("name_en", models.CharField(max_length=120)),
                (
                    "category",
                    models.CharField(
                        choices=[
                            ("documentation", "Passports and identity"),
                            ("civil_registry", "Civil registry"),
                            ("notarial", "Notarial acts"),
                            ("certificates", "Certificates"),
                            ("visas", "Visas"),
                            ("emergency", "Emergencies"),
                            ("protection", "Protection"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "booking",
                    models.CharField(
                        choices=[
                            ("central", "With an appointment made here"),
                            ("office", "Ask your consulate"),
                            ("walk_in", "Without an appointment"),
                            ("varies", "Depends on the consulate"),
                        ],
                        max_length=10,
                    ),
                ),
                ("duration_minutes", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("min_applicants", models.PositiveSmallIntegerField(default=1)),
                ("max_applicants", models.PositiveSmallIntegerField(default=1)),
                (
                    "companions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), blank=True, default=list, size=None
                    ),
                ),
                ("min_age", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("max_age", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("group", models.SlugField(db_index=False, max_length=40)),
                (
                    "requires",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), blank=True, default=list, size=None
                    ),
                ),
                ("fee_usd", models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True)),
                ("fee_year", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("fee_source", models.URLField(blank=True, max_length=300)),
                ("fee_note", models.TextField(blank=True)),
                ("how_to", models.CharField(blank=True, max_length=40)),
                ("source", models.TextField(blank=True)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("reference", models.JSONField(blank=True, default=dict, editable=False)),
            ],
            options={
                "ordering": ["position", "code"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("booking__in", ["central", "office", "walk_in", "varies"])),
                        name="consulates_procedure_booking_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "category__in",
                                [
                                    "documentation",
                                    "civil_registry",
                                    "notarial",
                                    "certificates",
                                    "visas",
                                    "emergency",
                                    "protection",
                                ],
                            )
                        ),
                        name="consulates_procedure_category_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("min_applicants__gte", 1),
                            ("max_applicants__gte", models.F("min_applicants")),
                            ("max_applicants__lte", 4),
                        ),
                        name="consulates_procedure_one_to_four_applicants",
                        violation_error_message="One to four people attend one appointment.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("min_age", None),
                            ("max_age", None),
                            ("max_age__gte", models.F("min_age")),
                            _connector="OR",
                        ),
                        name="consulates_procedure_ages_in_order",
                        violation_error_message="The highest age is not below the lowest.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("fee_usd", None),
                            models.Q(("fee_usd__gte", 0), ("fee_year__isnull", False)),
                            _connector="OR",
                        ),
                        name="consulates_procedure_fee_has_its_year",
                        violation_error_message="A fee is stored with its year.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("weekday", "Weekdays at the office"),
                            ("saturday", "Saturday session"),
                            ("sunday", "Sunday session"),
                            ("mobile", "Mobile consulate"),
                            ("on_wheels", "Consulate on wheels"),
                        ],
                        max_length=10,
                    ),
                ),
                ("date", models.DateField()),
                ("opens_local", models.TimeField()),
                ("closes_local", models.TimeField()),
                (
                    "time_zone",
                    models.CharField(max_length=40, validators=[consulates.models.consulate.validate_time_zone]),
                ),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("place_name", models.CharField(blank=True, max_length=120)),
                ("street_address", models.CharField(blank=True, max_length=160)),
                ("city", models.CharField(max_length=80)),
                ("state", models.CharField(max_length=2)),
                ("postal_code", models.CharField(blank=True, max_length=10)),
                ("latitude", models.DecimalField(decimal_places=5, max_digits=8)),
                ("longitude", models.DecimalField(decimal_places=5, max_digits=8)),
                ("windows", models.PositiveSmallIntegerField()),
                ("slot_minutes", models.PositiveSmallIntegerField()),
                ("capacity_factor", models.DecimalField(decimal_places=2, default=1, max_digits=3)),
                (
                    "status",
                    models.CharField(
                        choices=[("draft", "Draft"), ("published", "Published"), ("held", "Held")],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("published_at", models.DateTimeField(blank=True, null=True)),
                ("is_sample", models.BooleanField(default=False)),
                (
                    "consulate",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sessions",
                        to="consulates.consulate",
                    ),
                ),
                ("procedures", models.ManyToManyField(related_name="sessions", to="consulates.procedure")),
                (
                    "published_by",
                    models.ForeignKey(
                        db_index=False,
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["starts_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Slot",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("opens_at", models.DateTimeField()),
                (
                    "gate",
                    models.TextField(
                        choices=[
                            ("open", "First come, first served"),
                            ("queue", "Through the queue"),
                            ("draw", "By draw"),
                        ],
                        db_default="open",
                        default="open",
                    ),
                ),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "consulate",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="slots",
                        to="consulates.consulate",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="slots",
                        to="consulates.session",
                    ),
                ),
            ],
            options={
                "ordering": ["starts_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Seat",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("unit", models.SmallIntegerField()),
                (
                    "pool",
                    models.TextField(
                        choices=[
                            ("public", "Public (web and telephone)"),
                            ("phone", "Telephone"),
                            ("staff", "Staff"),
                            ("emergency", "Emergency"),
                        ],
                        db_default="public",
                        default="public",
                    ),
                ),
                ("visible_at", models.DateTimeField()),
                ("holder", models.UUIDField(blank=True, null=True)),
                ("until", models.DateTimeField(blank=True, null=True)),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                (
                    "slot",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seats",
                        to="consulates.slot",
                    ),
                ),
            ],
            options={
                "ordering": ["slot_id", "unit"],
            },
        ),
        migrations.AddIndex(
            model_name="session",
            index=models.Index(fields=["consulate", "date"], name="consulates_session_office_day"),
        ),
        migrations.AddIndex(
            model_name="session",
            index=models.Index(fields=["ends_at"], name="consulates_session_ends"),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["draft", "published", "held"])),
                name="consulates_session_status_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["mobile", "on_wheels"]),
                    models.Q(("date__iso_week_day__lte", 5), ("kind", "weekday")),
                    models.Q(("date__iso_week_day", 6), ("kind", "saturday")),
                    models.Q(("date__iso_week_day", 7), ("kind", "sunday")),
                    _connector="OR",
                ),
                name="consulates_session_kind_fits_the_day",
                violation_error_message="The kind of session does not fit the day of the week.",
            ),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("closes_local__gt", models.F("opens_local")), ("ends_at__gt", models.F("starts_at"))
                ),
                name="consulates_session_closes_after_opening",
                violation_error_message="The session closes after it opens, on the same day.",
            ),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.CheckConstraint(
                condition=models.Q(("windows__range", (1, 200)), ("slot_minutes__range", (5, 240))),
                name="consulates_session_windows_and_minutes_make_sense",
                violation_error_message="1 to 200 windows, and slots of 5 to 240 minutes.",
            ),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.CheckConstraint(
                condition=models.Q(("capacity_factor__range", (0, 1))),
                name="consulates_session_capacity_factor_is_a_share",
                violation_error_message="The capacity factor lies between 0 and 1.",
            ),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("published_at", None), ("status", "draft")),
                    models.Q(models.Q(("status", "draft"), _negated=True), ("published_at__isnull", False)),
                    _connector="OR",
                ),
                name="consulates_session_published_has_its_moment",
            ),
        ),
        migrations.AddConstraint(
            model_name="session",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    ("consulate", "="),
                    ("city", "="),
                    ("place_name", "="),
                    (
                        consulates.models.session.TsTzRange(
                            "starts_at", "ends_at", django.contrib.postgres.fields.ranges.RangeBoundary()
                        ),
                        "&&",
                    ),
                ],
                name="consulates_session_one_at_a_time_in_a_place",
                violation_error_message="This consulate already has a session there at that time.",
            ),
        ),
        migrations.AddIndex(
            model_name="slot",
            index=models.Index(fields=["consulate", "starts_at"], name="consulates_slot_office_start"),
        ),
        migrations.AddIndex(
            model_name="slot",
            index=models.Index(fields=["consulate", "opens_at"], name="consulates_slot_office_opening"),
        ),
        migrations.AddConstraint(
            model_name="slot",
            constraint=models.UniqueConstraint(
                fields=("session", "starts_at"), name="consulates_slot_once_in_a_session"
            ),
        ),
        migrations.AddConstraint(
            model_name="slot",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                name="consulates_slot_ends_after_it_starts",
            ),
        ),
        migrations.AddConstraint(
            model_name="slot",
            constraint=models.CheckConstraint(
                condition=models.Q(("gate__in", ["open", "queue", "draw"])),
                name="consulates_slot_gate_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=models.UniqueConstraint(fields=("slot", "unit"), name="consulates_seat_once_in_a_slot"),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=models.CheckConstraint(
                condition=models.Q(("pool__in", ["public", "phone", "staff", "emergency"])),
                name="consulates_seat_pool_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=models.CheckConstraint(
                condition=models.Q(("unit__gte", 1)), name="consulates_seat_unit_counts_from_one"
            ),
        ),
        # A claim rewrites its seat in place; room in each page, and no index on what changes, keep that HOT.
        migrations.RunSQL(
            "ALTER TABLE consulates_seat SET (fillfactor = 70)",
            "ALTER TABLE consulates_seat RESET (fillfactor)",
        ),
    ]
