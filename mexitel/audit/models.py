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
