"""Who asks, as far as the network tells: one address, the client that owns it, the network around it."""

import ipaddress
from typing import Any

from django.conf import settings

UNKNOWN = "unknown"


def client_address(request: Any) -> str:
    """The client as the outermost trusted proxy saw it. ``ALLAUTH_TRUSTED_PROXY_COUNT`` proxies stand before us, each
    appending one address to X-Forwarded-For; 0 (the default) believes no header.
    """
    proxies = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    if proxies and len(forwarded) >= proxies and forwarded[-proxies]:
        return forwarded[-proxies]
    return request.META.get("REMOTE_ADDR", "")


def client_of(address: str) -> str:
    """An IPv4 address, or the /64 of an IPv6 one, because one subscriber owns the whole of it."""
    return _prefix(address, 32, 64)


def network_of(address: str) -> str:
    """What a provider hands out to a neighbourhood: a /24, or the /48 of IPv6."""
    return _prefix(address, 24, 48)


def prefix_of(address: str) -> str:
    """What fairness compares and keeps for a while instead of an address: a /24, or a /56 of IPv6; "" when unknown."""
    prefix = _prefix(address, 24, 56)
    return "" if prefix == UNKNOWN else prefix


def is_loopback(address: str) -> bool:
    ip = _parse(address)
    return ip is not None and ip.is_loopback


def _parse(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return None
    return ip.ipv4_mapped or ip if isinstance(ip, ipaddress.IPv6Address) else ip


def _prefix(address: str, length_4: int, length_6: int) -> str:
    ip = _parse(address)
    if ip is None:
        return UNKNOWN
    length = length_4 if ip.version == 4 else length_6
    return str(ip) if length == 32 else str(ipaddress.ip_network(f"{ip}/{length}", strict=False))
