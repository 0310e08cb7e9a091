"""The register of adverts."""

from decimal import Decimal

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import mexitel.utils.crypto

# An event is written once, and inserting it is the only thing that moves a post: from the state in which it stands.
STANDS = """
CREATE FUNCTION antifraud_post_moves() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE antifraud_post
    SET state = NEW.became, changed_at = NEW.at, joined_to_id = NEW.joined_to_id, taken_by_id = NULL, taken_until = NULL
    WHERE id = NEW.post_id AND state = NEW.was;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'post % does not stand at %', NEW.post_id, NEW.was
            USING ERRCODE = 'check_violation', CONSTRAINT = 'post_moves_from_where_it_stands';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER post_moves AFTER INSERT ON antifraud_postevent FOR EACH ROW EXECUTE FUNCTION antifraud_post_moves();

-- Joined posts would otherwise lead to one another in a ring. Whoever joins the target at this moment is waited for.
CREATE FUNCTION antifraud_post_joins() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM antifraud_post WHERE id = NEW.joined_to_id AND state <> 'joined' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'post % does not stand itself', NEW.joined_to_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'post_joins_to_one_that_stands';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER post_joins BEFORE INSERT ON antifraud_postevent FOR EACH ROW WHEN (NEW.joined_to_id IS NOT NULL)
EXECUTE FUNCTION antifraud_post_joins();

CREATE FUNCTION antifraud_post_stands() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.state = 'received' OR TG_OP = 'UPDATE' AND pg_trigger_depth() > 1 THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'post % moves by an event alone', NEW.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'post_moves_by_events';
END
$$;
CREATE TRIGGER post_stands BEFORE INSERT OR UPDATE OF state, changed_at, joined_to_id ON antifraud_post
FOR EACH ROW EXECUTE FUNCTION antifraud_post_stands();

CREATE FUNCTION antifraud_adverts_written_once() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is written once', TG_TABLE_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_is_written_once';
END
$$;
CREATE TRIGGER postevent_once BEFORE UPDATE OR DELETE ON antifraud_postevent
FOR EACH ROW EXECUTE FUNCTION antifraud_adverts_written_once();
CREATE TRIGGER phraserules_once BEFORE UPDATE OR DELETE ON antifraud_phraserules
FOR EACH ROW EXECUTE FUNCTION antifraud_adverts_written_once();
CREATE TRIGGER postbaseline_once BEFORE UPDATE OR DELETE ON antifraud_postbaseline
FOR EACH ROW EXECUTE FUNCTION antifraud_adverts_written_once();

DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'mexitel_app') THEN
        REVOKE UPDATE, DELETE ON antifraud_postevent, antifraud_phraserules, antifraud_postbaseline FROM mexitel_app;
        REVOKE DELETE ON antifraud_post, antifraud_postlink, antifraud_postexport FROM mexitel_app;
    END IF;
END $$;
"""
FORGET = """
DROP TRIGGER postbaseline_once ON antifraud_postbaseline; DROP TRIGGER phraserules_once ON antifraud_phraserules;
DROP TRIGGER postevent_once ON antifraud_postevent; DROP FUNCTION antifraud_adverts_written_once();
DROP TRIGGER post_stands ON antifraud_post; DROP FUNCTION antifraud_post_stands();
DROP TRIGGER post_joins ON antifraud_postevent; DROP FUNCTION antifraud_post_joins();
DROP TRIGGER post_moves ON antifraud_postevent; DROP FUNCTION antifraud_post_moves();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("antifraud", "0009_oversight"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Post",
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
                    "state",
                    models.CharField(
                        choices=[
                            ("received", "received"),
                            ("confirmed", "confirmed"),
                            ("refused", "not an advert of this kind"),
                            ("joined", "the same as another one"),
                            ("reported", "reported to the platform"),
                            ("removed", "gone"),
                            ("kept", "the platform leaves it"),
                            ("declined", "the platform did not look at it"),
                            ("reappeared", "there again"),
                        ],
                        default="received",
                        max_length=10,
                    ),
                ),
                ("changed_at", models.DateTimeField()),
                (
                    "platform",
                    models.CharField(
                        choices=[
                            ("facebook", "Facebook"),
                            ("instagram", "Instagram"),
                            ("twitter", "X (Twitter)"),
                            ("google", "Google search or map"),
                            ("youtube", "YouTube"),
                            ("tiktok", "TikTok"),
                            ("whatsapp", "WhatsApp"),
                            ("telegram", "Telegram"),
                            ("market", "Page of classified adverts"),
                            ("web", "Another web page"),
                            ("paper", "On paper, in a shop or on the street"),
                            ("other", "Somewhere else"),
                        ],
                        max_length=10,
                    ),
                ),
                ("address", mexitel.utils.crypto.EncryptedTextField(blank=True)),
                ("address_key", models.BinaryField(max_length=32, null=True)),
                ("place", models.CharField(blank=True, max_length=200)),
                ("words", mexitel.utils.crypto.EncryptedTextField(blank=True)),
                ("contact", mexitel.utils.crypto.EncryptedTextField(blank=True)),
                ("contact_key", models.BinaryField(max_length=32, null=True)),
                ("price", models.DecimalField(decimal_places=2, max_digits=7, null=True)),
                ("told", models.IntegerField(default=0)),
                ("first_told_at", models.DateTimeField()),
                ("last_told_at", models.DateTimeField()),
                ("points", models.IntegerField(default=0)),
                ("matches", models.JSONField(default=list)),
                ("rules", models.IntegerField(default=0)),
                (
                    "ground",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("sells", "sells a free consular appointment"),
                            ("poses", "pretends to be a consular office"),
                            ("documents", "collects identity documents with a false promise"),
                            ("misleads", "tells untruths about how appointments are given"),
                        ],
                        max_length=10,
                    ),
                ),
                ("excerpt", mexitel.utils.crypto.EncryptedTextField(blank=True)),
                ("taken_until", models.DateTimeField(null=True)),
                (
                    "joined_to",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="joined",
                        to="antifraud.post",
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
            name="PostBaseline",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("first_week", models.DateField()),
                ("last_week", models.DateField()),
                ("note", models.TextField()),
                ("chosen_at", models.DateTimeField(db_index=True)),
                (
                    "author",
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
            name="PostEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_index=True)),
                (
                    "was",
                    models.CharField(
                        choices=[
                            ("received", "received"),
                            ("confirmed", "confirmed"),
                            ("refused", "not an advert of this kind"),
                            ("joined", "the same as another one"),
                            ("reported", "reported to the platform"),
                            ("removed", "gone"),
                            ("kept", "the platform leaves it"),
                            ("declined", "the platform did not look at it"),
                            ("reappeared", "there again"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "became",
                    models.CharField(
                        choices=[
                            ("received", "received"),
                            ("confirmed", "confirmed"),
                            ("refused", "not an advert of this kind"),
                            ("joined", "the same as another one"),
                            ("reported", "reported to the platform"),
                            ("removed", "gone"),
                            ("kept", "the platform leaves it"),
                            ("declined", "the platform did not look at it"),
                            ("reappeared", "there again"),
                        ],
                        max_length=10,
                    ),
                ),
                ("reason", models.CharField(max_length=500)),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "joined_to",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="antifraud.post"
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="events", to="antifraud.post"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PostExport",
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
                    "platform",
                    models.CharField(
                        choices=[
                            ("facebook", "Facebook"),
                            ("instagram", "Instagram"),
                            ("twitter", "X (Twitter)"),
                            ("google", "Google search or map"),
                            ("youtube", "YouTube"),
                            ("tiktok", "TikTok"),
                            ("whatsapp", "WhatsApp"),
                            ("telegram", "Telegram"),
                            ("market", "Page of classified adverts"),
                            ("web", "Another web page"),
                            ("paper", "On paper, in a shop or on the street"),
                            ("other", "Somewhere else"),
                        ],
                        max_length=10,
                    ),
                ),
                ("made_at", models.DateTimeField(db_index=True)),
                ("posts", models.IntegerField()),
                ("rows", mexitel.utils.crypto.EncryptedTextField(blank=True)),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PostLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("grade", models.SmallIntegerField()),
                ("reason", models.CharField(max_length=500)),
                ("linked_at", models.DateTimeField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="posts", to="antifraud.case"
                    ),
                ),
                (
                    "linked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="links", to="antifraud.post"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PostNotice",
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
                        choices=[("page", "public page"), ("api", "program"), ("staff", "staff")], max_length=10
                    ),
                ),
                ("receipt_key", models.BinaryField(max_length=32, unique=True)),
                ("address", mexitel.utils.crypto.EncryptedTextField(blank=True)),
                ("words", mexitel.utils.crypto.EncryptedTextField(blank=True)),
                ("contact", mexitel.utils.crypto.EncryptedTextField(blank=True)),
                (
                    "price",
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
                ("seen_on", models.DateField(null=True)),
                ("told_at", models.DateTimeField()),
                ("reporter", mexitel.utils.crypto.EncryptedTextField(blank=True)),
                ("reporter_key", models.BinaryField(max_length=32, null=True)),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="notices", to="antifraud.post"
                    ),
                ),
                (
                    "told_by",
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
            name="PostCapture",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=models.Func(function="uuidv7", output_field=models.UUIDField()),
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("content", models.BinaryField()),
                ("wide", models.IntegerField()),
                ("high", models.IntegerField()),
                ("taken_at", models.DateTimeField()),
                (
                    "notice",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="capture", to="antifraud.postnotice"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PhraseRules",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.IntegerField(unique=True)),
                ("phrases", models.JSONField()),
                ("note", models.TextField()),
                ("published_at", models.DateTimeField()),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("note", ""), _negated=True), name="phrases_say_why"),
                    models.CheckConstraint(
                        condition=models.Q(("number", 1), ("author__isnull", False), _connector="OR"),
                        name="phrases_have_an_author",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(fields=["state", "-points", "first_told_at"], name="post_work_list"),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(fields=["first_told_at"], name="post_by_week"),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(("contact_key__isnull", False)), fields=["contact_key"], name="post_by_contact"
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.UniqueConstraint(fields=("address_key",), name="post_one_of_an_address"),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "received",
                            "confirmed",
                            "refused",
                            "joined",
                            "reported",
                            "removed",
                            "kept",
                            "declined",
                            "reappeared",
                        ],
                    )
                ),
                name="post_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "platform__in",
                        [
                            "facebook",
                            "instagram",
                            "twitter",
                            "google",
                            "youtube",
                            "tiktok",
                            "whatsapp",
                            "telegram",
                            "market",
                            "web",
                            "paper",
                            "other",
                        ],
                    )
                ),
                name="post_platform_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(("ground__in", ["", "sells", "poses", "documents", "misleads"])),
                name="post_ground_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["received", "refused", "joined"]),
                    models.Q(("ground", ""), _negated=True),
                    _connector="OR",
                ),
                name="post_confirmed_on_a_ground",
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("joined_to__isnull", False), ("state", "joined")),
                    models.Q(models.Q(("state", "joined"), _negated=True), ("joined_to__isnull", True)),
                    _connector="OR",
                ),
                name="post_joined_to_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(("joined_to", models.F("id")), _negated=True), name="post_not_joined_to_itself"
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("taken_by__isnull", True), ("taken_until__isnull", True)),
                    models.Q(("taken_by__isnull", False), ("taken_until__isnull", False)),
                    _connector="OR",
                ),
                name="post_in_hand_until",
            ),
        ),
        migrations.AddConstraint(
            model_name="postbaseline",
            constraint=models.CheckConstraint(
                condition=models.Q(("last_week__gte", models.F("first_week"))), name="baseline_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="postbaseline",
            constraint=models.CheckConstraint(
                condition=models.Q(("first_week__iso_week_day", 1), ("last_week__iso_week_day", 1)),
                name="baseline_of_whole_weeks",
            ),
        ),
        migrations.AddConstraint(
            model_name="postbaseline",
            constraint=models.CheckConstraint(
                condition=models.Q(("note", ""), _negated=True), name="baseline_says_why"
            ),
        ),
        migrations.AddConstraint(
            model_name="postevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("became", "joined"), ("joined_to__isnull", False)),
                    models.Q(models.Q(("became", "joined"), _negated=True), ("joined_to__isnull", True)),
                    _connector="OR",
                ),
                name="post_event_joins_to_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="postevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("became__in", ["confirmed", "joined", "refused"]), ("was", "received")),
                    models.Q(("became__in", ["joined", "refused", "removed", "reported"]), ("was", "confirmed")),
                    models.Q(("became__in", ["confirmed"]), ("was", "refused")),
                    models.Q(("became__in", ["declined", "kept", "removed"]), ("was", "reported")),
                    models.Q(("became__in", ["reappeared", "removed"]), ("was", "removed")),
                    models.Q(("became__in", ["confirmed", "removed"]), ("was", "kept")),
                    models.Q(("became__in", ["confirmed", "removed"]), ("was", "declined")),
                    models.Q(("became__in", ["refused", "removed", "reported"]), ("was", "reappeared")),
                    _connector="OR",
                ),
                name="post_event_is_a_step",
            ),
        ),
        migrations.AddConstraint(
            model_name="postevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="post_event_says_why"
            ),
        ),
        migrations.AddConstraint(
            model_name="postexport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "platform__in",
                        [
                            "facebook",
                            "instagram",
                            "twitter",
                            "google",
                            "youtube",
                            "tiktok",
                            "whatsapp",
                            "telegram",
                            "market",
                            "web",
                            "paper",
                            "other",
                        ],
                    )
                ),
                name="export_platform_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="postexport",
            constraint=models.CheckConstraint(condition=models.Q(("posts__gt", 0)), name="export_of_something"),
        ),
        migrations.AddConstraint(
            model_name="postlink",
            constraint=models.UniqueConstraint(fields=("post", "case"), name="post_linked_once"),
        ),
        migrations.AddConstraint(
            model_name="postlink",
            constraint=models.CheckConstraint(
                condition=models.Q(("grade__range", (3, 6))), name="post_link_grade_in_range"
            ),
        ),
        migrations.AddConstraint(
            model_name="postlink",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="post_link_says_why"
            ),
        ),
        migrations.AddIndex(
            model_name="postnotice",
            index=models.Index(
                condition=models.Q(("reporter_key__isnull", False)), fields=["reporter_key"], name="notice_by_reporter"
            ),
        ),
        migrations.AddConstraint(
            model_name="postnotice",
            constraint=models.CheckConstraint(
                condition=models.Q(("source__in", ["page", "api", "staff"])), name="notice_source_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="postnotice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("source", "staff"), ("told_by__isnull", False)),
                    models.Q(models.Q(("source", "staff"), _negated=True), ("told_by__isnull", True)),
                    _connector="OR",
                ),
                name="notice_of_staff_is_signed",
            ),
        ),
        migrations.AddConstraint(
            model_name="postcapture",
            constraint=models.CheckConstraint(
                condition=models.Q(("high__gt", 0), ("wide__gt", 0)), name="capture_has_a_size"
            ),
        ),
        migrations.RunSQL(STANDS, FORGET),
    ]
