"""Pages of staff about supply, below /personal/. One line per module, each with its own ``urlpatterns``."""

from django.urls import include, path

from consulates.views.staff import home

urlpatterns = [
    path("", include(home.urlpatterns)),
]
