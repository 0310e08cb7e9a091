"""Pure: one post under the many addresses by which people pass it on, and the platform that an address tells."""

import re
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from antifraud.models.adverts import LONGEST_ADDRESS, Platform

# What says who shared it, not what is shared.
TRACES = re.compile(
    r"^(utm_\w+|fbclid|gclid|gbraid|wbraid|dclid|msclkid|igshid|igsh|mibextid|__\w+(\[\d+\])?|_rdr|rdid|share_url|sfnsn"
    r"|ref|ref_src|ref_url|refsrc|source|feature|si|paipv|eav|locale|hl|ved|ei|sca_esv|sxsrf|sclient|oq|gs_lcrp|aqs|rlz)$",
    re.IGNORECASE,
)
ONLY_SHARED = {"x.com": {"s", "t"}, "tiktok.com": {"_t", "_r", "is_from_webapp", "sender_device"}}
SAME_HOST = {
    "fb.com": "facebook.com", "web.facebook.com": "facebook.com", "es-la.facebook.com": "facebook.com",
    "twitter.com": "x.com", "mobile.twitter.com": "x.com", "music.youtube.com": "youtube.com",
    "telegram.me": "t.me",
}  # fmt: skip
FRONT = re.compile(r"^(www|m|mobile|mbasic|touch|l)\.")
HOSTS = {
    Platform.FACEBOOK: ("facebook.com", "fb.me", "fb.watch", "messenger.com"),
    Platform.INSTAGRAM: ("instagram.com",),
    Platform.TWITTER: ("x.com", "t.co"),
    Platform.YOUTUBE: ("youtube.com",),
    Platform.TIKTOK: ("tiktok.com",),
    Platform.WHATSAPP: ("whatsapp.com", "wa.me"),
    Platform.TELEGRAM: ("t.me",),
    Platform.GOOGLE: ("google.com", "google.com.mx", "goo.gl", "g.co", "g.page"),
    Platform.MARKET: (
        "craigslist.org", "offerup.com", "mercadolibre.com", "mercadolibre.com.mx", "vivanuncios.com.mx",
        "segundamano.mx", "nextdoor.com", "yelp.com",
    ),
}  # fmt: skip
HOST = re.compile(r"^(?=.{4,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$")


def normalised(typed: str) -> str | None:
    """The one form of a web address under which a post is kept; None when ``typed`` is no web address.

    The path stays as it is: on many platforms its capitals tell posts apart.
    """
    text = typed.strip()
    if not text or len(text) > LONGEST_ADDRESS or re.search(r"[\s\x00-\x1f\x7f]", text):
        return None
    if not re.match(r"^https?://", text, re.IGNORECASE):
        if "://" in text or "@" in text.partition("/")[0]:
            return None
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        host, port = _host(parts.hostname or ""), parts.port
    except ValueError:
        return None
    if host is None or parts.username is not None:
        return None
    path, query = parts.path, parse_qsl(parts.query, keep_blank_values=True)
    if host == "youtu.be":
        host, path, query = "youtube.com", "/watch", [("v", path.strip("/")), *query]
    query = sorted(pair for pair in query if not _is_trace(host, pair[0]))
    where = f"{host}:{port}" if port not in (None, 80, 443) else host
    tidy = quote(unquote(path).rstrip("/"), safe="/:@!$&'()*+,;=~-._")
    return where + tidy + (f"?{urlencode(query)}" if query else "")


def _host(name: str) -> str | None:
    try:
        host = name.encode("idna").decode().lower().rstrip(".")
    except UnicodeError:
        return None
    bare = FRONT.sub("", host) if host.count(".") > 1 else host
    bare = SAME_HOST.get(bare, bare)
    return bare if HOST.match(bare) else None


def _is_trace(host: str, name: str) -> bool:
    return bool(TRACES.match(name)) or name in ONLY_SHARED.get(host, ())


def platform_of(address: str) -> Platform:
    """Of a normalised address: the platform on which it lies; any other page is of the web."""
    host = re.split(r"[/:?]", address, maxsplit=1)[0]
    for platform, hosts in HOSTS.items():
        if any(host == one or host.endswith(f".{one}") for one in hosts):
            return platform
    return Platform.WEB
