"""How often somebody may ask for a code or try a secret, counted in PostgreSQL.

Redis may be gone at any moment, so nothing that protects an account counts there. Each limit is a sliding
window over rows, under a lock per counted thing taken in sorted order, so that parallel requests cannot slip
past it. What is refused is not counted: knocking on a closed door does not keep it closed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest

from mexitel.accounts.models import LimitHit
from mexitel.utils.clients import client_address, client_of, is_loopback, network_of
from mexitel.utils.crypto import keyed_hash

HOUR, DAY, QUARTER = timedelta(hours=1), timedelta(days=1), timedelta(minutes=15)

# kind of deed -> what is counted -> (how many, in how long). Two independent counts per sign-in, the mailbox and
# where the request comes from; carriers put thousands of phones behind one address, so those are wide.
LIMITS: dict[str, dict[str, list[tuple[int, timedelta]]]] = {
    "code": {
        "mailbox and client": [(5, HOUR), (8, DAY)],
        "mailbox": [(8, HOUR), (12, DAY)],
        "mailbox on a known device": [(8, HOUR), (20, DAY)],
        "client": [(60, HOUR), (200, DAY)],
        "network": [(300, HOUR), (2000, DAY)],
    },
    "sms": {
        "number": [(3, HOUR), (5, DAY)],
        "block of numbers": [(10, HOUR), (20, DAY)],
        "client": [(10, HOUR), (20, DAY)],
        "network": [(50, HOUR), (200, DAY)],
    },
    "sign up": {"client": [(20, HOUR), (60, DAY)], "network": [(100, HOUR), (600, DAY)]},
    "password": {
        "account": [(8, QUARTER)],
        "account on a known device": [(8, QUARTER)],
        "client": [(30, QUARTER)],
    },
    "second factor": {"account": [(6, QUARTER)]},
    "advert notice": {"client": [(10, HOUR), (20, DAY)], "network": [(60, HOUR), (300, DAY)]},
    "advert receipt": {"client": [(30, HOUR), (100, DAY)], "network": [(300, HOUR), (2000, DAY)]},
    "charge report": {"client": [(5, HOUR), (10, DAY)], "network": [(60, HOUR), (300, DAY)]},
    "staff link": {"client": [(30, QUARTER)]},
    "invitation": {"account": [(60, HOUR), (200, DAY)]},
    # An agent on the telephone: how often they look for somebody, and how often one caller may be guessed at.
    "call search": {"agent": [(90, HOUR), (400, DAY)]},
    "call facts": {"caller": [(5, HOUR), (10, DAY)]},
    "call code": {"agent": [(40, HOUR), (200, DAY)], "caller": [(4, HOUR), (8, DAY)]},
    "call recovery": {"agent": [(6, HOUR), (20, DAY)], "caller": [(3, DAY)]},
}


@dataclass(frozen=True)
class Origin:
    """Where a request comes from: one client (an IPv4 address, an IPv6 /64) in one network (/24, /48)."""

    client: str
    network: str
    counted: bool = True

    @classmethod
    def of(cls, request: HttpRequest) -> "Origin":
        return cls.at(client_address(request))

    @classmethod
    def at(cls, address: str) -> "Origin":
        # The embedded run has one client, the person at the machine; a server on loopback means a proxy is misread.
        return cls(client_of(address), network_of(address), not (settings.EMBEDDED and is_loopback(address)))


def take(kind: str, counted: dict[str, str], origin: Origin, now: datetime) -> bool:
    """Count one deed of ``kind`` for each scope in ``counted`` and for ``origin``; False, uncounted, if any is full."""
    limits = {**LIMITS[kind], **getattr(settings, "ACCOUNT_LIMITS", {}).get(kind, {})}
    scopes = dict(counted)
    if origin.counted:
        scopes |= {name: value for name, value in _of_origin(origin) if name in limits}
    marks = {name: _mark(kind, name, value) for name, value in scopes.items()}
    with transaction.atomic():
        _lock(marks.values())
        for name, mark in marks.items():
            hits = LimitHit.objects.filter(mark=mark)
            if any(hits.filter(at__gt=now - window).count() >= amount for amount, window in limits[name]):
                return False
        LimitHit.objects.bulk_create(LimitHit(mark=mark, at=now) for mark in marks.values())
    return True


def give_back(kind: str, counted: dict[str, str], origin: Origin, now: datetime) -> None:
    """Forget what ``take`` counted at ``now``: the deed was rightful (a right password is no guess)."""
    marks = [_mark(kind, name, value) for name, value in [*counted.items(), *_of_origin(origin)]]
    LimitHit.objects.filter(mark__in=marks, at=now).delete()


def _of_origin(origin: Origin) -> list[tuple[str, str]]:
    return [("client", origin.client), ("network", origin.network)]


def _mark(kind: str, name: str, value: str) -> bytes:
    return keyed_hash("limit", f"{kind}\x1f{name}\x1f{value}")


def _lock(marks: Iterable[bytes]) -> None:
    keys = sorted(int.from_bytes(mark[:8], signed=True) for mark in marks)
    with connection.cursor() as cursor:
        for key in keys:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])
