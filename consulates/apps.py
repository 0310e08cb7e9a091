from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConsulatesConfig(AppConfig):
    name = "consulates"
    verbose_name = _("Offices, sessions and roles")

    def ready(self) -> None:
        from consulates import todays_work  # noqa: F401 - its kinds of work register themselves
        from consulates.announcing import receivers  # noqa: F401
        from consulates.releases import todays_work as releases  # noqa: F401
