"""Pages of staff about supply, below /personal/. One line per module, each with its own ``urlpatterns``."""

from django.urls import include, path

urlpatterns = [
    path("", include("consulates.views.staff.home")),
    path("", include("consulates.views.staff.week")),
    path("", include("consulates.views.staff.planning")),
    path("", include("consulates.views.staff.planning_templates")),
    path("", include("consulates.views.staff.planning_publish")),
    path("", include("consulates.views.staff.notices")),
    path("", include("consulates.views.staff.tours")),
    path("", include("consulates.views.staff.campaigns")),
    path("", include("consulates.views.staff.transfer")),
    path("", include("consulates.views.staff.people")),
    path("", include("consulates.views.staff.people_recovery")),
    path("", include("consulates.views.staff.audit")),
    path("", include("consulates.views.staff.help")),
    path("", include("consulates.views.staff.line")),
    path("", include("consulates.views.staff.freed")),
    path("", include("consulates.releases.views_rules")),
    path("", include("consulates.releases.views_staff")),
]
