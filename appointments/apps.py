from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AppointmentsConfig(AppConfig):
    name = "appointments"
    verbose_name = _("Appointments")

    def ready(self) -> None:
        from appointments import receivers, sql, todays_work  # noqa: F401 - they register themselves
        from appointments.announcing import receivers as announcing  # noqa: F401
        from appointments.demand import counting  # noqa: F401
        from appointments.queueing import receivers as queues  # noqa: F401

        post_migrate.connect(sql.install, sender=self)
