"""Pages of staff about supply, below /personal/. One line per module, each with its own ``urlpatterns``."""

from django.urls import include, path

from consulates.views.staff import campaigns, home, tours, transfer

urlpatterns = [
    path("", include(home.urlpatterns)),
    path("", include(tours.urlpatterns)),
    path("", include(campaigns.urlpatterns)),
    path("", include(transfer.urlpatterns)),
]
