from django.db import models


class Reminder(models.Model):
    """That a reminder of an appointment at this time was put in the outbox; once, however often the task runs.

    The time is part of the key: an appointment that moves gets the reminders of its new date.
    """

    pk = models.CompositePrimaryKey("appointment", "days_before", "starts_at")
    appointment = models.ForeignKey(
        "appointments.Appointment", on_delete=models.CASCADE, related_name="reminders", db_index=False
    )
    days_before = models.SmallIntegerField()
    starts_at = models.DateTimeField()
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.days_before} days before {self.appointment_id}"
