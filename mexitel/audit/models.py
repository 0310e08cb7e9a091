"""Who did or read what. Append-only: the database refuses every change, whoever asks."""

from django.db import models


class AuditLine(models.Model):
    pk = models.CompositePrimaryKey("id", "at")
    id = models.BigIntegerField()
    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    actor_kind = models.TextField()
    action = models.TextField()
    object_type = models.TextField()
    object_id = models.TextField()
    office_id = models.BigIntegerField(null=True)
    reason = models.TextField(default="", blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        db_table = "audit_line"

    def __str__(self) -> str:
        return f"{self.action} {self.object_type} {self.object_id}"


class Entry(models.Model):
    """The same lines for Django's admin, which takes no composite key; ``id`` alone is unique too (an identity)."""

    id = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    actor_kind = models.TextField()
    action = models.TextField()
    object_type = models.TextField()
    object_id = models.TextField()
    office_id = models.BigIntegerField(null=True)
    reason = models.TextField(blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        managed = False
        db_table = "audit_line"
        verbose_name = "audit line"

    def __str__(self) -> str:
        return f"{self.action} {self.pk}"
