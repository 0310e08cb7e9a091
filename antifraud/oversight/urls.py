"""Pages of this room for everybody; ``staff_urls`` has those of reviewers."""

from django.urls import include, path

urlpatterns = [path("", include("antifraud.oversight.views.public"))]
