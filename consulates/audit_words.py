"""What stands in the audit trail, in words. An action without a word here is shown as it is kept."""

from django.utils.translation import gettext_lazy as _

ACTIONS = {
    "role.give": _("gave a role"),
    "role.end": _("ended a role"),
    "staff.list": _("saw the list of staff"),
    "staff.see": _("saw a colleague's page"),
    "staff.invite": _("invited a colleague"),
    "staff.invite_again": _("sent the invitation again"),
    "staff.leave": _("registered that a colleague left"),
    "staff.close": _("closed an account of staff"),
    "staff_link.invitation": _("came in with the link of an invitation"),
    "staff_link.recovery": _("came in with the link of a recovery"),
    "recovery.list": _("saw the list of lost second factors"),
    "recovery.see": _("saw the page of a lost second factor"),
    "recovery.open": _("opened the recovery of a second factor"),
    "recovery.sign": _("signed the recovery of a second factor"),
    "recovery.withdraw": _("withdrew the recovery of a second factor"),
    "audit.read": _("read the record"),
    "audit.export": _("exported the record"),
    "admin.add": _("added in the administration"),
    "admin.change": _("changed in the administration"),
    "admin.delete": _("deleted in the administration"),
    "admin.see": _("saw in the administration"),
    "admin.list": _("saw a list in the administration"),
    "session.plan": _("planned a session"),
    "session.publish": _("published a session"),
    "session.change": _("changed a session"),
    "appointment.see": _("saw an appointment"),
    "appointment.search": _("searched for appointments"),
    "appointment.book": _("booked for somebody"),
    "appointment.move": _("moved an appointment"),
    "appointment.cancel": _("cancelled an appointment"),
    "call.start": _("began a call"),
    "call.end": _("ended a call"),
    "caller.search": _("looked for a caller"),
    "caller.open": _("took a caller"),
    "caller.look": _("saw a caller's data"),
    "caller.register": _("registered a caller"),
    "caller.prove": _("asked a caller who they are"),
    "caller.code": _("sent a code to a caller"),
    "caller.recovery_check": _("asked a caller the five questions"),
    "caller.recovery_start": _("agreed on a caller's new contact"),
    "caller.recovery_applied": _("a caller's new contact took effect"),
    "caller.recovery_stopped": _("a caller's new contact was stopped"),
    "caller.recovery_taken": _("a caller's new contact was somebody else's"),
    "office.line": _("changed the telephone line of an office"),
}
NOUNS = {
    "role": _("roles"),
    "staff": _("staff"),
    "staff_link": _("links to come in"),
    "recovery": _("lost second factors"),
    "audit": _("the record itself"),
    "admin": _("administration"),
    "session": _("sessions"),
    "appointment": _("appointments"),
    "closure": _("closures"),
    "call": _("calls"),
    "caller": _("callers"),
    "emergency": _("emergencies"),
    "attendance": _("the day"),
}
OBJECTS = {
    "accounts.user": _("account"),
    "appointments.appointment": _("appointment"),
    "consulates.session": _("session"),
    "consulates.consulate": _("office"),
    "staff": _("staff"),
    "recovery": _("recovery"),
    "audit_line": _("record"),
}


def action_words(action: str) -> str:
    return str(ACTIONS.get(action, action))


def object_words(kind: str, key: str) -> str:
    word = OBJECTS.get(kind, kind)
    return f"{word} {key}" if key and key != "list" else str(word)
