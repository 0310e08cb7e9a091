from django.apps import AppConfig


class ConsulatesConfig(AppConfig):
    name = "consulates"

    def ready(self) -> None:
        from consulates import todays_work  # noqa: F401 - its kinds of work register themselves
