"""What kind of network a prefix belongs to, as far as a file of the operator says (``settings.NETWORK_KINDS``).

The file is CSV without a header, ``203.0.113.0/24,hosting`` a line; kinds are those of antifraud/EVENTS.md. The longest
prefix that holds the asked one decides. It is read once in each process.
"""

import csv
import ipaddress
from functools import cache, lru_cache
from pathlib import Path

from django.conf import settings

KINDS = frozenset({"mobile", "residential", "hosting", "education", "unknown"})
UNKNOWN = "unknown"


def kind_of(prefix: str) -> str:
    """One of KINDS; ``prefix`` is what mexitel.utils.clients.prefix_of says, "" is unknown."""
    return _kind(settings.NETWORK_KINDS, prefix) if settings.NETWORK_KINDS and prefix else UNKNOWN


@lru_cache(maxsize=10_000)
def _kind(path: str, prefix: str) -> str:
    known = _read(path)
    network = ipaddress.ip_network(prefix)
    for length in range(network.prefixlen, 0, -1):
        kind = known.get(str(network.supernet(new_prefix=length)))
        if kind:
            return kind
    return UNKNOWN


@cache
def _read(path: str) -> dict[str, str]:
    """Raises ValueError for a line that is no network with a known kind: an operator wants to know."""
    found = {}
    with Path(path).open(newline="") as file:
        for prefix, kind in csv.reader(file):
            if kind not in KINDS:
                raise ValueError(f"{path}: {kind!r} is no kind of network")
            found[str(ipaddress.ip_network(prefix.strip()))] = kind
    return found
