from django.urls import include, path

urlpatterns = [
    path("", include("antifraud.views.own")),
    path("", include("antifraud.oversight.urls")),
]
