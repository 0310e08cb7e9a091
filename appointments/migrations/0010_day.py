"""The door: attendance with its steps, the end of a day, and the mark of those who are called first."""

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

# Each step begins where the last one ended and leads where STEPS (models/attendance.py) says; or it takes back the last
# one, once. A row begins as expected.
FOLLOWS = """
CREATE FUNCTION attendance_follows() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state = 'expected' AND NEW.before = '' THEN RETURN NEW; END IF;
    ELSIF NEW.state = OLD.state THEN
        IF NEW.before = OLD.before THEN RETURN NEW; END IF;
    ELSIF NEW.before = '' AND NEW.state = OLD.before THEN
        RETURN NEW;
    ELSIF NEW.before = OLD.state AND (OLD.state, NEW.state) IN (
        ('expected', 'arrived'), ('expected', 'serving'), ('expected', 'attended'), ('expected', 'no_show'),
        ('expected', 'other'), ('arrived', 'serving'), ('arrived', 'attended'), ('arrived', 'no_show'),
        ('arrived', 'other'), ('serving', 'arrived'), ('serving', 'attended'), ('serving', 'no_show'),
        ('serving', 'other'), ('no_show', 'arrived'))
    THEN RETURN NEW;
    END IF;
    RAISE EXCEPTION 'attendance % cannot go to %', NEW.id, NEW.state
        USING ERRCODE = 'check_violation', CONSTRAINT = 'attendance_follows';
END
$$;
CREATE TRIGGER attendance_follows BEFORE INSERT OR UPDATE ON appointments_attendance
FOR EACH ROW EXECUTE FUNCTION attendance_follows();
CREATE FUNCTION attendance_step_stands() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a step is written once' USING ERRCODE = 'check_violation', CONSTRAINT = 'attendance_step_stands';
END
$$;
CREATE TRIGGER attendance_step_stands BEFORE UPDATE ON appointments_attendancestep
FOR EACH ROW EXECUTE FUNCTION attendance_step_stands();
"""
FORGET = """
DROP TRIGGER attendance_follows ON appointments_attendance;
DROP FUNCTION attendance_follows();
DROP TRIGGER attendance_step_stands ON appointments_attendancestep;
DROP FUNCTION attendance_step_stands();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("appointments", "0008_emergencies"),
        ("consulates", "0003_staff_roles"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="applicant",
            name="priority",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="attendee",
            name="priority",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.CreateModel(
            name="Attendance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("expected", "expected"),
                            ("arrived", "waiting"),
                            ("serving", "being served"),
                            ("attended", "attended"),
                            ("no_show", "did not come"),
                            ("other", "another person came"),
                        ],
                        default="expected",
                        max_length=10,
                    ),
                ),
                ("before", models.CharField(blank=True, max_length=10)),
                ("turn", models.CharField(blank=True, max_length=9)),
                ("walk_in", models.BooleanField(default=False)),
                ("arrived_at", models.DateTimeField(null=True)),
                ("window", models.CharField(blank=True, max_length=20)),
                ("called_at", models.DateTimeField(null=True)),
                ("calls", models.PositiveSmallIntegerField(default=0)),
                ("unanswered", models.PositiveSmallIntegerField(default=0)),
                ("changed_at", models.DateTimeField()),
                (
                    "appointment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attendances",
                        to="appointments.appointment",
                    ),
                ),
                (
                    "called_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "changed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="consulates.session",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AttendanceStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "before",
                    models.CharField(
                        choices=[
                            ("expected", "expected"),
                            ("arrived", "waiting"),
                            ("serving", "being served"),
                            ("attended", "attended"),
                            ("no_show", "did not come"),
                            ("other", "another person came"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "after",
                    models.CharField(
                        choices=[
                            ("expected", "expected"),
                            ("arrived", "waiting"),
                            ("serving", "being served"),
                            ("attended", "attended"),
                            ("no_show", "did not come"),
                            ("other", "another person came"),
                        ],
                        max_length=10,
                    ),
                ),
                ("undo", models.BooleanField(default=False)),
                ("window", models.CharField(blank=True, max_length=20)),
                ("at", models.DateTimeField()),
                (
                    "attendance",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="steps", to="appointments.attendance"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="DayClosed",
            fields=[
                (
                    "session",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="day_closed",
                        serialize=False,
                        to="consulates.session",
                    ),
                ),
                ("session_ends_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField()),
                ("expected", models.PositiveIntegerField()),
                ("arrived", models.PositiveIntegerField()),
                ("attended", models.PositiveIntegerField()),
                ("no_show", models.PositiveIntegerField()),
                ("other", models.PositiveIntegerField()),
                ("walk_ins", models.PositiveIntegerField()),
                ("mean_wait_seconds", models.PositiveIntegerField(null=True)),
                (
                    "closed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="attendance",
            index=models.Index(fields=["session", "state"], name="attendance_session_state"),
        ),
        migrations.AddConstraint(
            model_name="attendance",
            constraint=models.UniqueConstraint(fields=("appointment", "session"), name="attendance_once_in_a_session"),
        ),
        migrations.AddConstraint(
            model_name="attendance",
            constraint=models.UniqueConstraint(
                condition=models.Q(("turn", ""), _negated=True), fields=("session", "turn"), name="attendance_turn_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="attendance",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["expected", "arrived", "serving", "attended", "no_show", "other"])),
                name="attendance_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="attendance",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("before__in", ["", "expected", "arrived", "serving", "attended", "no_show", "other"]),
                    models.Q(("before", models.F("state")), _negated=True),
                ),
                name="attendance_before_is_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="attendance",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "arrived"), _negated=True),
                    models.Q(("arrived_at__isnull", False), models.Q(("turn", ""), _negated=True)),
                    _connector="OR",
                ),
                name="attendance_waits_since_a_moment",
            ),
        ),
        migrations.AddConstraint(
            model_name="attendance",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "serving"), _negated=True),
                    models.Q(
                        ("called_at__isnull", False),
                        ("called_by__isnull", False),
                        models.Q(("window", ""), _negated=True),
                        models.Q(("turn", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="attendance_is_served_at_a_window",
            ),
        ),
        migrations.AddConstraint(
            model_name="attendancestep",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("undo", False),
                        models.Q(
                            models.Q(
                                ("after__in", ["arrived", "serving", "attended", "no_show", "other"]),
                                ("before", "expected"),
                            ),
                            models.Q(("after__in", ["serving", "attended", "no_show", "other"]), ("before", "arrived")),
                            models.Q(("after__in", ["arrived", "attended", "no_show", "other"]), ("before", "serving")),
                            models.Q(("after__in", ["arrived"]), ("before", "no_show")),
                            _connector="OR",
                        ),
                    ),
                    models.Q(
                        ("undo", True),
                        models.Q(
                            models.Q(
                                ("after", "expected"),
                                ("before__in", ["arrived", "serving", "attended", "no_show", "other"]),
                            ),
                            models.Q(("after", "arrived"), ("before__in", ["serving", "attended", "no_show", "other"])),
                            models.Q(("after", "serving"), ("before__in", ["arrived", "attended", "no_show", "other"])),
                            models.Q(("after", "no_show"), ("before__in", ["arrived"])),
                            _connector="OR",
                        ),
                    ),
                    _connector="OR",
                ),
                name="attendance_step_is_allowed",
            ),
        ),
        migrations.AddConstraint(
            model_name="dayclosed",
            constraint=models.CheckConstraint(
                condition=models.Q(("closed_at__gte", models.F("session_ends_at"))), name="day_closed_after_the_session"
            ),
        ),
        migrations.AddConstraint(
            model_name="dayclosed",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "expected",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                models.F("attended"), "+", models.F("no_show")
                            ),
                            "+",
                            models.F("other"),
                        ),
                    )
                ),
                name="day_closed_with_nobody_open",
            ),
        ),
        migrations.RunSQL(FOLLOWS, FORGET),
    ]
