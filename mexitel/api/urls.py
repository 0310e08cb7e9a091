"""The site map of /api/. Rooms are included by name: they stand above this one."""

from django.urls import include, path, re_path

from mexitel.api import documents, sign_in
from mexitel.api.views import NothingHere

version_1: list = [
    path("", include("consulates.api_urls")),
    path("", include("appointments.api_urls")),
    path("", include("antifraud.lanes.api_urls")),
    path("", include("antifraud.adverts.api_urls")),
    path("sign-in-codes", sign_in.SignInCodes.as_view(), name="api_sign_in_codes"),
    path("sessions", sign_in.Sessions.as_view(), name="api_sessions"),
    path("passes", sign_in.Passes.as_view(), name="api_passes"),
    re_path(r"^[\s\S]*$", NothingHere.as_view()),
]

urlpatterns = [
    path("v1/", include(version_1)),
    path("schema/", documents.schema, name="api_schema"),
    path("docs/", documents.page, name="api_docs"),
]
