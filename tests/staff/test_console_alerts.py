"""News of openings on the telephone: an agent asks for it and ends it for the caller at hand."""

from appointments.models import ReleaseAlert
from mexitel.audit.models import AuditLine
from tests.staff.test_console_waiting import agent, caller, scene  # noqa: F401 - fixtures


def test_an_agent_asks_and_stops_for_the_caller(scene, agent, caller):  # noqa: F811
    office = scene.first.consulate
    assert agent.post("staff_console_alerts", oficina=office.code, antes="on").status_code == 302
    alert = ReleaseAlert.objects.get()
    assert (alert.account, alert.consulate, alert.hour_before) == (caller, office, True)
    assert office.name in agent.get("staff_console_alerts").content.decode()

    agent.post("staff_console_alerts", alert=alert.pk)
    assert ReleaseAlert.objects.get().stopped_at
    actions = set(AuditLine.objects.filter(actor_id=agent.user.pk).values_list("action", flat=True))
    assert {"alert.ask", "alert.stop", "caller.look"} <= actions
