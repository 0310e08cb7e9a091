import uuid

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import consulates.models.consulate
import consulates.models.session

# A stop's office and team are its tour's: both columns together point at the tour and follow it when its team changes.
STOP_REPEATS_ITS_TOUR = """
ALTER TABLE consulates_stop ADD CONSTRAINT consulates_stop_repeats_its_tour
    FOREIGN KEY (tour_id, consulate_id, team) REFERENCES consulates_tour (id, consulate_id, team) ON UPDATE CASCADE
"""


class Migration(migrations.Migration):
    dependencies = [
        ("consulates", "0003_staff_roles"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Campaign",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(max_length=60, unique=True)),
                ("name", models.CharField(max_length=80)),
                ("saturday", models.DateField()),
                ("on_saturday", models.BooleanField(default=True)),
                ("on_sunday", models.BooleanField(default=False)),
                ("opens_local", models.TimeField()),
                ("closes_local", models.TimeField()),
                ("slot_minutes", models.PositiveSmallIntegerField()),
                ("created_at", models.DateTimeField()),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("procedures", models.ManyToManyField(related_name="+", to="consulates.procedure")),
            ],
            options={
                "ordering": ["-saturday", "-id"],
            },
        ),
        migrations.CreateModel(
            name="CampaignOffice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "answer",
                    models.CharField(
                        choices=[
                            ("proposed", "Waiting for the office"),
                            ("confirmed", "Confirmed"),
                            ("declined", "Declined"),
                            ("published", "Published"),
                        ],
                        default="proposed",
                        max_length=10,
                    ),
                ),
                ("version", models.PositiveIntegerField(default=0)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("published_at", models.DateTimeField(blank=True, null=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="offices",
                        to="consulates.campaign",
                    ),
                ),
                (
                    "consulate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="campaigns", to="consulates.consulate"
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["consulate__state", "consulate__city"],
            },
        ),
        migrations.CreateModel(
            name="CampaignSession",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("own", models.BooleanField(default=True)),
                (
                    "office",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="days", to="consulates.campaignoffice"
                    ),
                ),
                (
                    "session",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="campaign_session",
                        to="consulates.session",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="campaignoffice",
            name="sessions",
            field=models.ManyToManyField(
                related_name="campaign_offices", through="consulates.CampaignSession", to="consulates.session"
            ),
        ),
        migrations.CreateModel(
            name="Stop",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("team", models.CharField(max_length=60)),
                ("first_day", models.DateField()),
                ("last_day", models.DateField()),
                ("opens_local", models.TimeField()),
                ("closes_local", models.TimeField()),
                (
                    "time_zone",
                    models.CharField(max_length=40, validators=[consulates.models.consulate.validate_time_zone]),
                ),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("place_name", models.CharField(max_length=120)),
                ("street_address", models.CharField(blank=True, max_length=160)),
                ("postal_code", models.CharField(blank=True, max_length=10)),
                ("city", models.CharField(max_length=80)),
                ("state", models.CharField(max_length=2)),
                ("latitude", models.DecimalField(decimal_places=5, max_digits=8)),
                ("longitude", models.DecimalField(decimal_places=5, max_digits=8)),
                ("windows", models.PositiveSmallIntegerField()),
                ("slot_minutes", models.PositiveSmallIntegerField()),
                (
                    "consulate",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="consulates.consulate",
                    ),
                ),
                ("procedures", models.ManyToManyField(related_name="+", to="consulates.procedure")),
            ],
            options={
                "ordering": ["starts_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="StopSession",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "session",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="stop_session",
                        to="consulates.session",
                    ),
                ),
                (
                    "stop",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="stop_sessions", to="consulates.stop"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="stop",
            name="sessions",
            field=models.ManyToManyField(
                related_name="stops", through="consulates.StopSession", to="consulates.session"
            ),
        ),
        migrations.CreateModel(
            name="Tour",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("mobile", "Mobile consulate"), ("on_wheels", "Consulate on wheels")], max_length=10
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("team", models.CharField(max_length=60)),
                ("vehicle", models.CharField(blank=True, max_length=60)),
                ("kit", models.CharField(blank=True, max_length=200)),
                ("created_at", models.DateTimeField()),
                (
                    "consulate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="tours", to="consulates.consulate"
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at", "-id"],
            },
        ),
        migrations.AddField(
            model_name="stop",
            name="tour",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="stops", to="consulates.tour"
            ),
        ),
        migrations.CreateModel(
            name="Upload",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("subject", models.CharField(max_length=10)),
                ("name", models.CharField(max_length=120)),
                ("content", models.BinaryField(null=True)),
                ("created_at", models.DateTimeField()),
                ("saved_at", models.DateTimeField(blank=True, null=True)),
                ("made", models.PositiveIntegerField(default=0)),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "consulate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="consulates.consulate"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.UniqueConstraint(
                fields=("saturday",),
                name="consulates_campaign_once_a_weekend",
                violation_error_message="That weekend already has a campaign.",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(("saturday__iso_week_day", 6)),
                name="consulates_campaign_saturday_is_one",
                violation_error_message="That day is not a Saturday.",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(("on_saturday", True), ("on_sunday", True), _connector="OR"),
                name="consulates_campaign_has_a_day",
                violation_error_message="Choose Saturday, Sunday or both.",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(("closes_local__gt", models.F("opens_local"))),
                name="consulates_campaign_closes_after_opening",
                violation_error_message="The offices close after they open.",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaignoffice",
            constraint=models.UniqueConstraint(
                fields=("campaign", "consulate"), name="consulates_campaign_office_asked_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="campaignoffice",
            constraint=models.CheckConstraint(
                condition=models.Q(("answer__in", ["proposed", "confirmed", "declined", "published"])),
                name="consulates_campaign_office_answer_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaignoffice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answer", "proposed"), ("answered_at", None)),
                    models.Q(models.Q(("answer", "proposed"), _negated=True), ("answered_at__isnull", False)),
                    _connector="OR",
                ),
                name="consulates_campaign_office_answer_has_its_moment",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaignoffice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answer", "declined"), models.Q(("reason", ""), _negated=True)),
                    models.Q(models.Q(("answer", "declined"), _negated=True), ("reason", "")),
                    _connector="OR",
                ),
                name="consulates_campaign_office_declines_with_a_reason",
                violation_error_message="Say why the office cannot take part.",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaignoffice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answer", "published"), ("published_at__isnull", False)),
                    models.Q(models.Q(("answer", "published"), _negated=True), ("published_at", None)),
                    _connector="OR",
                ),
                name="consulates_campaign_office_published_has_its_moment",
            ),
        ),
        migrations.AddConstraint(
            model_name="tour",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["mobile", "on_wheels"])), name="consulates_tour_kind_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="tour",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("team", ""), _negated=True), models.Q(("name", ""), _negated=True)),
                name="consulates_tour_has_a_name_and_a_team",
                violation_error_message="A tour has a name and a team.",
            ),
        ),
        migrations.AddConstraint(
            model_name="tour",
            constraint=models.UniqueConstraint(
                fields=("consulate", "name"),
                name="consulates_tour_name_once_in_an_office",
                violation_error_message="This office already has a tour of that name.",
            ),
        ),
        migrations.AddConstraint(
            model_name="tour",
            constraint=models.UniqueConstraint(
                fields=("id", "consulate", "team"), name="consulates_tour_what_stops_repeat"
            ),
        ),
        migrations.AddConstraint(
            model_name="stop",
            constraint=models.CheckConstraint(
                condition=models.Q(("last_day__gte", models.F("first_day"))),
                name="consulates_stop_ends_after_it_starts",
                violation_error_message="The last day is not before the first.",
            ),
        ),
        migrations.AddConstraint(
            model_name="stop",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("closes_local__gt", models.F("opens_local")), ("ends_at__gt", models.F("starts_at"))
                ),
                name="consulates_stop_closes_after_opening",
                violation_error_message="The stop closes after it opens, on the same day.",
            ),
        ),
        migrations.AddConstraint(
            model_name="stop",
            constraint=models.CheckConstraint(
                condition=models.Q(("place_name", ""), _negated=True),
                name="consulates_stop_has_a_venue",
                violation_error_message="A stop has a venue.",
            ),
        ),
        migrations.AddConstraint(
            model_name="stop",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    ("consulate", "="),
                    ("team", "="),
                    (
                        consulates.models.session.TsTzRange(
                            "starts_at", "ends_at", django.contrib.postgres.fields.ranges.RangeBoundary()
                        ),
                        "&&",
                    ),
                ],
                name="consulates_stop_team_in_one_place",
                violation_error_message="The team is at another stop then.",
            ),
        ),
        migrations.AddConstraint(
            model_name="upload",
            constraint=models.CheckConstraint(
                condition=models.Q(("subject__in", ["sessions", "offices"])), name="consulates_upload_subject_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="upload",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("content__isnull", False), ("saved_at", None)),
                    models.Q(("content", None), ("saved_at__isnull", False)),
                    _connector="OR",
                ),
                name="consulates_upload_goes_when_it_was_saved",
            ),
        ),
        migrations.RunSQL(
            STOP_REPEATS_ITS_TOUR,
            reverse_sql="ALTER TABLE consulates_stop DROP CONSTRAINT consulates_stop_repeats_its_tour",
        ),
    ]
