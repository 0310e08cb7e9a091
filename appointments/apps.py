from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AppointmentsConfig(AppConfig):
    name = "appointments"

    def ready(self) -> None:
        from appointments import receivers, sql  # noqa: F401 - receivers register themselves

        post_migrate.connect(sql.install, sender=self)
