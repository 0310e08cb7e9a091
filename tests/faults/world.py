"""The people of a run, made in the portal's own database: ``python -m tests.faults.world FILE NAME NUMBER``.

Two accounts in a row share a mailbox and are of two clients, so that its lock of five is met from both at once.
"""

import json
import secrets
import sys
from pathlib import Path

import django

from tests.faults.citizens import Account


def make(name: str, people: int) -> dict:
    from django.db.models import Count

    from consulates.models import Procedure, Slot
    from mexitel.accounts.models import User
    from mexitel.api.models import LONGEST, ApiToken
    from mexitel.utils.crypto import keyed_hash
    from mexitel.utils.time import now as clock

    now = clock()
    addresses = [
        f"{name}.{n // 2}@gmail.com" if n % 2 else f"{name[0]}.{name[1:]}.{n // 2}@gmail.com" for n in range(people)
    ]
    users = User.objects.bulk_create([User(email=address, password="!") for address in addresses])
    tokens = [f"mxt_{secrets.token_hex(16)}" for _user in users]
    times = {"created_at": now, "seen_at": now, "expires_at": now + LONGEST}
    ApiToken.objects.bulk_create(
        ApiToken(account=user, token_hash=keyed_hash("api token", token), **times)
        for user, token in zip(users, tokens, strict=True)
    )
    return {
        "procedure": Procedure.objects.get().pk,
        "agent": User.objects.create(email=f"{name}@consulado.example", password="!").pk,
        "planned": dict(Slot.objects.annotate(n=Count("seats")).values_list("pk", "n")),
        "accounts": [
            {"number": user.pk, "address": user.email, "token": token, "mailbox": f"mailbox {place // 2}"}
            for place, (user, token) in enumerate(zip(users, tokens, strict=True))
        ],
    }


def accounts_of(world: dict, client: int, clients: int) -> list[Account]:
    """Every ``clients``-th, from ``client`` on."""
    return [Account(one["address"], one["token"], one["number"]) for one in world["accounts"][client::clients]]


if __name__ == "__main__":
    django.setup()
    Path(sys.argv[1]).write_text(json.dumps(make(sys.argv[2], int(sys.argv[3]))))
