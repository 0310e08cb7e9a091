"""Below /api/v1/; mexitel.api.urls includes it by name."""

from django.urls import path, register_converter

from appointments.statistics import addresses  # noqa: F401 - registers the converter "month"
from appointments.statistics import api as figures
from appointments.views import api, api_after, api_alerts, api_draws, api_proof, api_waiting, queueing_api


class RowNumber:
    """A number that fits the database's column; a longer one matches no address: 404."""

    regex = r"[1-9][0-9]{0,17}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(RowNumber, "row")

urlpatterns = [
    path("holds", api.HoldList.as_view(), name="api_holds"),
    path("holds/<uuid:hold_id>", api.HoldDetail.as_view(), name="api_hold"),
    path("holds/<uuid:hold_id>/extend", api.HoldExtend.as_view(), name="api_hold_extend"),
    path("holds/<uuid:hold_id>/confirm", api.HoldConfirm.as_view(), name="api_hold_confirm"),
    path("waiting-list", api_waiting.WaitingList.as_view(), name="api_waiting_list"),
    path("waiting-list/<uuid:entry_id>", api_waiting.WaitingDetail.as_view(), name="api_waiting"),
    path("waiting-list/<uuid:entry_id>/stay", api_waiting.WaitingStay.as_view(), name="api_waiting_stay"),
    path("waiting-list/<uuid:entry_id>/accept", api_waiting.WaitingAccept.as_view(), name="api_waiting_accept"),
    path("waiting-list/<uuid:entry_id>/decline", api_waiting.WaitingDecline.as_view(), name="api_waiting_decline"),
    path("release-alerts", api_alerts.AlertList.as_view(), name="api_release_alerts"),
    path("release-alerts/<uuid:alert_id>", api_alerts.AlertDetail.as_view(), name="api_release_alert"),
    path("appointments", api.AppointmentList.as_view(), name="api_appointments"),
    path("appointments/cancel", api.AppointmentCancel.as_view(), name="api_appointments_cancel"),
    path("appointments/<uuid:appointment_id>", api.AppointmentDetail.as_view(), name="api_appointment"),
    path(
        "appointments/<uuid:appointment_id>/attendees/<row:position>/correct",
        api_after.AttendeeCorrect.as_view(),
        name="api_attendee_correct",
    ),
    path("appointments/<uuid:appointment_id>/coming", api_after.AppointmentComing.as_view(), name="api_coming"),
    path("draws", api_draws.DrawList.as_view(), name="api_draws"),
    path("draw-applications", api_draws.ApplicationList.as_view(), name="api_draw_applications"),
    path(
        "draw-applications/<uuid:application_id>",
        api_draws.ApplicationDetail.as_view(),
        name="api_draw_application",
    ),
    path(
        "draw-applications/<uuid:application_id>/accept",
        api_draws.ApplicationAccept.as_view(),
        name="api_draw_accept",
    ),
    path(
        "draw-applications/<uuid:application_id>/decline",
        api_draws.ApplicationDecline.as_view(),
        name="api_draw_decline",
    ),
    path(
        "draw-applications/<uuid:application_id>/carry-on",
        api_draws.ApplicationCarryOn.as_view(),
        name="api_draw_carry_on",
    ),
    path("applicants", api.ApplicantList.as_view(), name="api_applicants"),
    path("applicants/<row:applicant_id>", api.ApplicantDetail.as_view(), name="api_applicant"),
    path("figures", figures.Overview.as_view(), name="api_figures"),
    path("figures/meanings", figures.Meanings.as_view(), name="api_figures_meanings"),
    path("figures/<month:month>", figures.OverviewMonth.as_view(), name="api_figures_month"),
    path("figures/offices/<slug:code>", figures.OfficeOverview.as_view(), name="api_figures_office"),
    path("figures/offices/<slug:code>/<month:month>", figures.OfficeMonth.as_view(), name="api_figures_office_month"),
    path("releases/<row:release_id>/proof", api_proof.DrawProof.as_view(), name="api_draw_proof"),
    path("releases/<row:release_id>/queue", queueing_api.Queue.as_view(), name="api_queue"),
    path("releases/<row:release_id>/queue/turn", queueing_api.QueueTurn.as_view(), name="api_queue_turn"),
    path("releases/<row:release_id>/queue/slots", queueing_api.QueueSlots.as_view(), name="api_queue_slots"),
]
