from datetime import date

from consulates.models import CapacityFactor, Notice, PlanBatch, PlanTemplate
from tests.factories.accounts import UserFactory
from tests.factories.consulates import NOW, ProcedureFactory, draft
from tests.staff.matrix import COORDINATORS, EVERYBODY, PLANNERS, Staff, in_office


def on_draft(world):
    return {**in_office(world), "session_id": draft(world.office, ProcedureFactory()).pk}


def _by():
    return UserFactory(staff=True, second_factor=False)


def on_template(world):
    shape = {
        "kind": "weekday", "opens": "09:00", "closes": "11:00", "windows": 2, "slot_minutes": 30, "staff_seats": 0,
        "emergency_seats": 0, "capacity_factor": "1", "procedures": [], "venue": None,
    }  # fmt: skip
    made = PlanTemplate.objects.create(
        consulate=world.office, name="Mañanas", weekdays=[0], starts_on=date(2026, 11, 23), until=date(2026, 12, 23),
        shape=shape, made_by=_by(), made_at=NOW,
    )  # fmt: skip
    return {**in_office(world), "template_id": made.pk}


def on_factor(world):
    made = CapacityFactor.objects.create(
        consulate=world.office, first=date(2026, 11, 23), last=date(2026, 12, 23), factor="0.90", reason="health",
        set_by=_by(), set_at=NOW,
    )  # fmt: skip
    return {**in_office(world), "factor_id": made.pk}


def on_batch(world):
    made = PlanBatch.objects.create(consulate=world.office, act="create", made_by=_by(), made_at=NOW)
    return {**in_office(world), "batch_id": made.pk}


def _notice(office):
    return Notice.objects.create(
        consulate=office, title_es="Tormenta", title_en="Storm", text_es="Hoy no.", text_en="Not today.",
        starts_at=NOW, ends_at=NOW.replace(year=2027), made_by=_by(), made_at=NOW,
    )  # fmt: skip


def on_notice(world):
    return {**in_office(world), "notice_id": _notice(world.office).pk}


def on_network_notice(world):
    return {"notice_id": _notice(None).pk}


ROWS = {
    "staff_week": Staff(get=EVERYBODY, kwargs=in_office),
    "staff_week_copy": Staff(get=PLANNERS, post=PLANNERS, kwargs=in_office),
    "staff_session_new": Staff(get=PLANNERS, post=PLANNERS, kwargs=in_office),
    "staff_session": Staff(get=EVERYBODY, kwargs=on_draft),
    "staff_session_edit": Staff(get=PLANNERS, post=PLANNERS, kwargs=on_draft),
    "staff_session_delete": Staff(get=PLANNERS, post=PLANNERS, kwargs=on_draft),
    "staff_publish": Staff(get=PLANNERS, post=PLANNERS, kwargs=in_office),
    "staff_planning": Staff(get=PLANNERS, kwargs=in_office),
    "staff_holidays": Staff(get=PLANNERS, post=PLANNERS, kwargs=in_office),
    "staff_capacity": Staff(get=PLANNERS, post=PLANNERS, kwargs=in_office),
    "staff_capacity_end": Staff(post=PLANNERS, kwargs=on_factor),
    "staff_undo": Staff(get=PLANNERS, post=PLANNERS, kwargs=on_batch),
    "staff_template_new": Staff(get=PLANNERS, post=PLANNERS, kwargs=in_office),
    "staff_template": Staff(get=PLANNERS, post=PLANNERS, kwargs=on_template),
    "staff_template_delete": Staff(post=PLANNERS, kwargs=on_template),
    "staff_notices": Staff(get=PLANNERS, post=PLANNERS, kwargs=in_office),
    "staff_notice_end": Staff(post=PLANNERS, kwargs=on_notice),
    "staff_network_notices": Staff(get=COORDINATORS, post=COORDINATORS),
    "staff_network_notice_end": Staff(post=COORDINATORS, kwargs=on_network_notice),
}
