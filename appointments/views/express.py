"""The calls of the API that take a seat and keep it, answered past the framework (docs/adr/0040).

The views are the API's own. Here they read procedures and times that are a few seconds old at most, which decides
nothing: the claim judges. What waits at the same moment is claimed together.
"""

from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import Any, TypeVar, cast
from uuid import UUID

from django.db.models import Exists
from rest_framework.request import Request
from rest_framework.response import Response

from appointments.claim import going_together
from appointments.models import Hold
from appointments.selectors import HeldParty
from appointments.views.api import BookingView, HoldConfirm, HoldList
from consulates.models import Procedure, Slot
from mexitel.api.express import App, ExpressApi, NotForUs
from mexitel.api.models import ApiToken
from mexitel.api.passes import Pass
from mexitel.api.tokens import may_use

HOLD = "[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
FRESH_SECONDS = 5.0
MOST_REMEMBERED = 20_000

Found = TypeVar("Found")


class Remembered:
    """What this process has read within the last seconds, by whatever names it."""

    def __init__(self, seconds: float = FRESH_SECONDS, most: int = MOST_REMEMBERED) -> None:
        self.seconds, self.most = seconds, most
        self._known: dict[Any, tuple[float, Any]] = {}

    def get(self, name: Any, read: Callable[[], Found]) -> Found:
        at, found = self._known.get(name, (0.0, None))
        if found is None or monotonic() - at > self.seconds:
            if len(self._known) >= self.most:
                self._known = {}
            found = read()
            self._known[name] = (monotonic(), found)
        return found


class ExpressView(BookingView):
    supply = Remembered()  # each application has its own

    def procedure(self, code: str) -> Procedure | None:
        return self.supply.get(code, lambda: super(ExpressView, self).procedure(code))

    def party(self, hold: Hold) -> HeldParty:
        slots = [self.supply.get(pk, partial(_slot, pk)) for pk in hold.slot_ids]
        return HeldParty(session=slots[0].session, times=[slot.starts_at for slot in slots])


def _slot(pk: int) -> Slot:
    return Slot.objects.select_related("session__consulate").get(pk=pk)


class ExpressHold(ExpressView, HoldList):
    def post(self, request: Request) -> Response:
        with going_together():
            return super().post(request)


class ExpressConfirm(ExpressView, HoldConfirm):
    def own_hold(self, hold_id: UUID) -> Hold:
        """Whoever has signed out, or may not sign in any more, cannot confirm with the pass that is left."""
        own = Hold.objects.select_related("procedure", "account").filter(pk=hold_id, account=self.account)
        token_id = cast(Pass, self.request.auth).token_id
        token = ApiToken.objects.alive(now=self.now).filter(pk=token_id, account=self.account)
        hold = own.filter(Exists(token)).first()
        if hold is None or not may_use(hold.account):
            raise NotForUs
        return hold

    def post(self, request: Request, hold_id: UUID) -> Response:
        with going_together():
            return super().post(request, hold_id)


def express_booking(application: App) -> ExpressApi:
    supply = Remembered()
    return ExpressApi(
        application,
        {
            r"/api/v1/holds": partial(ExpressHold, supply=supply),
            rf"/api/v1/holds/(?P<hold_id>{HOLD})/confirm": partial(ExpressConfirm, supply=supply),
        },
    )
