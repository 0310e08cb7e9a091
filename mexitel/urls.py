"""The site map. Each room brings its own pages; nothing here decides anything."""

from django.urls import include, path

urlpatterns: list = [
    path("", include("consulates.urls")),
    path("", include("appointments.urls")),
    path("", include("mexitel.accounts.urls")),
    path("", include("mexitel.pages.urls")),
]
