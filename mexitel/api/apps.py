from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "mexitel.api"
    label = "api"
