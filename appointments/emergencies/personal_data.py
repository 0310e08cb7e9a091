"""This room's part of "download my data" and "delete my account"."""

from datetime import datetime

from appointments.emergencies.asking import withdraw
from appointments.emergencies.people import people_of
from appointments.models import EmergencyProof, EmergencyRequest, EmergencyStatus
from appointments.models.emergency import WAITING
from mexitel.accounts.models import User


def own_data(user: User) -> dict:
    """Every request with what was told, for whom, and the answer; of proof its name and size."""
    requests = EmergencyRequest.objects.filter(account=user).select_related("consulate", "procedure").order_by("pk")
    return {
        "emergencies": [
            {
                "state": request.status,
                "office": request.consulate.name_es,
                "procedure": request.procedure.name_es,
                "kind": request.kind,
                "words": request.words,
                "needed_by": request.needed_by.isoformat(),
                "asked_at": request.asked_at.isoformat() if request.asked_at else None,
                "people": [
                    " ".join(filter(None, [one.given_names, one.surname_1, one.surname_2]))
                    for one in people_of(request)
                ],
                "files": [
                    {"name": proof.name, "bytes": proof.size}
                    for proof in request.proofs.defer("content").order_by("place")
                ],
                "answered_at": request.closed_at.isoformat() if request.closed_at else None,
                "why": request.why or None,
                "answer": request.answer or None,
            }
            for request in requests
        ]
    }


def forget(user: User, now: datetime) -> None:
    """What waits is withdrawn; proof, words and names go. What stays says that an office decided, and when."""
    mine = EmergencyRequest.objects.filter(account=user)
    for request in mine.filter(status__in=[EmergencyStatus.DRAFT, *WAITING]):
        withdraw(request=request, now=now)
    EmergencyProof.objects.filter(request__account=user).delete()
    mine.update(words="", people="", answer="", call_reference="")
