"""Pages of reviewers, below /personal/. One line per module, as in consulates."""

from django.urls import include, path

from antifraud.adverts.urls import staff_urlpatterns as adverts
from antifraud.lanes.urls import staff_urlpatterns as lanes

urlpatterns = [
    path("", include("antifraud.views.staff_blocks")),
    path("", include("antifraud.views.staff_appeals")),
    path("", include("antifraud.desk.urls")),
    path("", include("antifraud.redress.staff_call")),
    path("", include("antifraud.redress.staff_second_looks")),
    path("", include("antifraud.validation.staff_views")),
    path("", include(lanes)),
    path("", include("antifraud.oversight.staff_urls")),
    path("", include(adverts)),
]
