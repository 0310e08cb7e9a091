from django.apps import AppConfig


class ConsulatesConfig(AppConfig):
    name = "consulates"
