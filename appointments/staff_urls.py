"""Pages of staff about people and their appointments, below /personal/. One line per module, each with its own ``urlpatterns``."""

from django.urls import include, path

urlpatterns: list = [
]
