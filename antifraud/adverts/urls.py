"""Pages of the register for everybody; ``staff_urlpatterns`` are those of reviewers, below /personal/."""

from django.urls import include, path

urlpatterns = [
    path("", include("antifraud.adverts.views.public")),
]
staff_urlpatterns = [
    path("", include("antifraud.adverts.views.staff")),
    path("", include("antifraud.adverts.views.staff_rules")),
]
