"""Every address that a stranger can read, from the site map itself: a page that somebody adds is in it, or the walk
fails because it does not know what to put into the address.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

# Behind a sign-in of staff, whose pages tests/staff/test_matrix.py asks one by one.
STAFF = ("personal/", "administracion/")
# The letters of the demonstration, which `up` alone shows; production has no such page (mexitel/pages/urls.py).
DEMONSTRATION = {"messages", "message_html", "message_attachment"}
# A link that somebody got by message opens what is theirs: these are keys and no public addresses.
KEYS = {"token", "mark", "token_id"}
KEY_PAGES = {"release_alert_stop", "waiting_offer"}
# Nothing to read: they only take a form.
WRITE_ONLY = {"set_language", "sign_out", "keep_alive"}

Values = Mapping[str, Sequence[object]]


def names(patterns: Sequence | None = None, prefix: str = "") -> Iterator[tuple[str, str, list[str]]]:
    """Name, path and the names in it of all pages but those of staff."""
    for one in get_resolver().url_patterns if patterns is None else patterns:
        path = prefix + str(one.pattern)
        if path.startswith(STAFF):
            continue
        if isinstance(one, URLResolver):
            yield from names(one.url_patterns, path)
        elif isinstance(one, URLPattern) and one.name:
            yield one.name, path, list(one.pattern.regex.groupindex)


def addresses(values: Values, own: Mapping[str, Values]) -> Iterator[str]:
    """``values`` fill the names in a path, ``own[page]`` those of one page. Raises KeyError for what nobody fills."""
    for name, _path, wanted in names():
        if name in DEMONSTRATION | KEY_PAGES | WRITE_ONLY or KEYS & set(wanted):
            continue
        found = [own.get(name, {}).get(part) or values[part] for part in wanted]
        for chosen in product(*found):
            yield _reversed(name, dict(zip(wanted, chosen, strict=True)))


def _reversed(name: str, chosen: Mapping[str, object]) -> str:
    try:
        return reverse(name, kwargs=chosen)
    except NoReverseMatch as error:
        raise KeyError(f"{name}: {chosen}") from error
