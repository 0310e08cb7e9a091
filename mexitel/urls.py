"""The site map. Each room brings its own pages; nothing here decides anything."""

from django.contrib import admin
from django.urls import include, path

from mexitel.pages import health

urlpatterns: list = [
    path("healthz", health.health, name="health"),
    path("readyz", health.ready, name="ready"),
    path("api/", include("mexitel.api.urls")),
    path("", include("consulates.urls")),
    path("", include("appointments.urls")),
    path("", include("antifraud.urls")),
    path("personal/", include("consulates.staff_urls")),
    path("personal/", include("appointments.staff_urls")),
    path("personal/", include("antifraud.staff_urls")),
    path("administracion/", admin.site.urls),
    path("", include("mexitel.accounts.urls")),
    path("", include("mexitel.pages.urls")),
]

handler403 = "mexitel.pages.views.forbidden"
handler500 = "mexitel.pages.health.server_error"
