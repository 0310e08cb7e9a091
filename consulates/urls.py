from datetime import date

from django.urls import include, path, register_converter

from .announcing import views as announcing
from .announcing import views_files
from .opendata import views as opendata
from .releases import views_public as releases
from .views import public, tours


class IsoDate:
    """A day as ``2026-12-01``. What is not a day of the calendar matches no address: 404."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date | str) -> str:
        return str(value)


register_converter(IsoDate, "day")

urlpatterns = [
    path("buscar/", public.search, name="search"),
    path("oficinas/", public.office_list, name="office_list"),
    path("oficinas/<slug:code>/", public.office, name="office"),
    path("oficinas/<slug:code>/<day:day>/", public.office_day, name="office_day"),
    path("tramites/", public.procedure_list, name="procedure_list"),
    path("tramites/<slug:code>/", public.procedure, name="procedure"),
    path("", include(tours.urlpatterns)),
    path("", include(releases.urlpatterns)),
    path("", include(announcing.urlpatterns)),
    path("", include(views_files.urlpatterns)),
    path("", include(opendata.urlpatterns)),
]
