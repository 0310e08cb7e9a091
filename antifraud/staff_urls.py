"""Pages of reviewers, below /personal/. One line per module, as in consulates."""

from django.urls import include, path

urlpatterns = [
    path("", include("antifraud.views.staff_blocks")),
    path("", include("antifraud.views.staff_appeals")),
    path("", include("antifraud.oversight.staff_urls")),
]
