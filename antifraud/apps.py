from django.apps import AppConfig


class AntifraudConfig(AppConfig):
    name = "antifraud"

    def ready(self) -> None:
        from antifraud import receivers, todays_work  # noqa: F401 - they register themselves
        from antifraud.adverts import todays_work as adverts_work  # noqa: F401 - the same
        from antifraud.desk import todays_work as desk_work  # noqa: F401 - the same
        from antifraud.oversight.joined import join
        from antifraud.validation import at_the_window, calls_today  # noqa: F401 - they register themselves

        join()
