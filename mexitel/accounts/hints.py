"""Pure: the address a person probably meant when they typed ``ana@gmial.com``."""

from difflib import SequenceMatcher

# What people here use. A domain in one of these lists is never corrected.
COMMON = (
    "gmail.com", "hotmail.com", "outlook.com", "yahoo.com", "icloud.com", "live.com", "yahoo.com.mx",
    "hotmail.es", "outlook.es", "prodigy.net.mx", "live.com.mx", "aol.com", "msn.com", "comcast.net", "att.net",
)  # fmt: skip
ALSO_REAL = frozenset(
    {"ymail.com", "mail.com", "gmx.com", "gmx.es", "me.com", "mac.com", "proton.me", "protonmail.com", "email.com",
     "googlemail.com", "yahoo.es", "rocketmail.com", "sbcglobal.net", "verizon.net", "cox.net", "hotmail.co",
     "rmail.com", "hmail.com"}
)  # fmt: skip
SLIPS = {
    "gmail.co": "gmail.com",
    "gmail.con": "gmail.com",
    "gmail.com.mx": "gmail.com",
    "gmail.mx": "gmail.com",
}
CLOSE_ENOUGH = 0.82


def meant(email: str) -> str:
    """The likely address, or "" when nothing looks mistyped."""
    local, at, domain = email.strip().lower().rpartition("@")
    if not at or not local or domain in COMMON or domain in ALSO_REAL:
        return ""
    best = SLIPS.get(domain) or _closest(domain)
    return f"{local}@{best}" if best else ""


def _closest(domain: str) -> str:
    ratio, name = max((SequenceMatcher(None, domain, name).ratio(), name) for name in COMMON)
    return name if ratio >= CLOSE_ENOUGH else ""
