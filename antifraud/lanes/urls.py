from django.urls import include, path

urlpatterns = [
    path("", include("antifraud.lanes.views.steps")),
    path("", include("antifraud.lanes.views.helpers")),
    path("", include("antifraud.lanes.views.devices")),
]
staff_urlpatterns = [
    path("", include("antifraud.lanes.views.staff_helpers")),
    path("", include("antifraud.lanes.views.staff_lanes")),
]
