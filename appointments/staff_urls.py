"""Pages of staff about people and their appointments, below /personal/. One line per module, as in consulates."""

from django.urls import include, path

urlpatterns = [
    path("", include("appointments.views.staff.console")),
    path("", include("appointments.views.staff.console_booking")),
    path("", include("appointments.views.staff.console_proof")),
    path("", include("appointments.views.staff.console_queue")),
    path("", include("appointments.views.staff.draws")),
    path("", include("appointments.views.staff.console_alerts")),
    path("", include("appointments.views.staff.console_waiting")),
    path("", include("appointments.views.staff.console_after")),
    path("", include("appointments.views.staff.day")),
    path("", include("appointments.views.staff.day_window")),
    path("", include("appointments.views.staff.day_wall")),
    path("", include("appointments.views.staff.closures")),
    path("", include("appointments.views.staff.coming")),
    path("", include("appointments.views.staff.work_list")),
    path("", include("appointments.views.staff.changes")),
    path("", include("appointments.views.staff.emergencies")),
    path("", include("appointments.views.staff.emergencies_call")),
    path("", include("appointments.views.staff.emergencies_review")),
    path("", include("appointments.views.staff.drawings")),
    path("", include("appointments.views.staff.demand")),
]
