from django.urls import include, path

urlpatterns = [
    path("", include("antifraud.views.own")),
    path("", include("antifraud.redress.views")),
    path("", include("antifraud.validation.views")),
    path("", include("antifraud.lanes.urls")),
    path("", include("antifraud.oversight.urls")),
    path("", include("antifraud.adverts.urls")),
]
