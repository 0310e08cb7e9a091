"""Pages of this room for reviewers, below /personal/."""

from django.urls import include, path

urlpatterns = [
    path("", include("antifraud.oversight.views.staff_rules")),
    path("", include("antifraud.oversight.views.staff_dashboard")),
    path("", include("antifraud.oversight.views.staff_reports")),
]
