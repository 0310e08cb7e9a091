from django.urls import include, path

from appointments.views import (
    attending,
    booking,
    draws,
    emergencies,
    mine,
    moving,
    offers,
    proof,
    receipt,
    recovery,
    waiting,
)
from appointments.views.staff import day_wall

urlpatterns = [
    path("apartar/", booking.hold_create, name="hold_create"),
    path("apartado/<uuid:hold_id>/", booking.hold, name="hold"),
    path("apartado/<uuid:hold_id>/persona/<int:place>/", attending.hold_person, name="hold_person"),
    path("apartado/<uuid:hold_id>/persona/<int:place>/con/<int:number>/", attending.hold_person, name="hold_attendee"),
    path(
        "apartado/<uuid:hold_id>/persona/<int:place>/con/<int:number>/quitar/",
        attending.hold_attendee_remove,
        name="hold_attendee_remove",
    ),
    path("apartado/<uuid:hold_id>/revisar/", booking.hold_check, name="hold_check"),
    path("apartado/<uuid:hold_id>/mas-tiempo/", booking.hold_extend, name="hold_extend"),
    path("apartado/<uuid:hold_id>/dejar/", booking.hold_release, name="hold_release"),
    path("mis-citas/", mine.my_appointments, name="my_appointments"),
    path("mis-citas/<uuid:appointment_id>/", mine.appointment, name="appointment"),
    path("mis-citas/<uuid:appointment_id>/cancelar/", mine.appointment_cancel, name="appointment_cancel"),
    path("mis-citas/<uuid:appointment_id>/mover/", moving.appointment_move, name="appointment_move"),
    path("mis-personas/", mine.people, name="people"),
    path("mis-personas/<int:applicant_id>/quitar/", mine.person_remove, name="person_remove"),
    path("", include(draws.urlpatterns)),
    path("", include(emergencies.urlpatterns)),
    path("", include(receipt.urlpatterns)),
    path("", include(recovery.urlpatterns)),
    path("", include(day_wall.open_urlpatterns)),
    path("", include(offers.urlpatterns)),
    path("", include(proof.urlpatterns)),
    path("", include(waiting.urlpatterns)),
]
