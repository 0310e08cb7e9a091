"""Below /api/v1/; mexitel.api.urls includes it by name."""

from django.urls import path

from consulates.releases import api as releases
from consulates.urls import IsoDate  # noqa: F401 - registers the converter "day"
from consulates.views import api

urlpatterns = [
    path("offices", api.OfficeList.as_view(), name="api_offices"),
    path("offices/<slug:code>", api.OfficeDetail.as_view(), name="api_office"),
    path("offices/<slug:code>/availability", api.OfficeMonth.as_view(), name="api_office_month"),
    path("offices/<slug:code>/availability/<day:day>", api.OfficeDay.as_view(), name="api_office_day"),
    path("procedures", api.ProcedureList.as_view(), name="api_procedures"),
    path("procedures/<slug:code>", api.ProcedureDetail.as_view(), name="api_procedure"),
    path("releases", releases.ReleaseList.as_view(), name="api_releases"),
    path("releases/<int:release_id>", releases.ReleaseDetail.as_view(), name="api_release"),
    path("availability/soonest", api.Soonest.as_view(), name="api_soonest"),
]
