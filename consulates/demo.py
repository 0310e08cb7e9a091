"""The roles of the embedded run's invented staff (mexitel/accounts/demo.py)."""

from datetime import datetime

from mexitel.accounts.models import User

from .models import Assignment, Consulate, Role

OFFICE = "los-angeles"
IN_THE_OFFICE = (Role.PLANNER, Role.DESK_CLERK, Role.OFFICE_MANAGER)
IN_THE_NETWORK = (
    Role.PHONE_AGENT,
    Role.NETWORK_COORDINATOR,
    Role.AUDITOR,
    Role.REVIEWER,
    Role.SENIOR_REVIEWER,
    Role.ADMINISTRATOR,
)


def make(users: dict[str, User], now: datetime) -> None:
    """Each demo account of staff has the role that its key names; the reference data may not be loaded yet."""
    office = Consulate.objects.filter(code=OFFICE).first()
    wanted: list[tuple[Role, Consulate | None]] = [(role, None) for role in IN_THE_NETWORK]
    if office is not None:
        wanted += [(role, office) for role in IN_THE_OFFICE]
    for role, where in wanted:
        Assignment.objects.get_or_create(
            user=users[role],
            role=role,
            consulate=where,
            ends_at=None,
            defaults={"starts_at": now, "reason": "Cuenta de muestra"},
        )
