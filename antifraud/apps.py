from django.apps import AppConfig


class AntifraudConfig(AppConfig):
    name = "antifraud"

    def ready(self) -> None:
        from antifraud import todays_work  # noqa: F401 - its kinds of work register themselves
        from antifraud.oversight.joined import join

        join()
