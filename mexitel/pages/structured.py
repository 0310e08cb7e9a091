"""What a search engine reads of the service itself: schema.org in JSON-LD, as a block of data in the page.

A browser runs no script of that type, so it stands in a page under the content security policy of scripts from here
alone. Nothing in it can close the block: the signs that could are written as escapes.
"""

import json
from typing import Any

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


def service() -> dict[str, Any]:
    """The service as a GovernmentOrganization, with the channels that are set; a free offer, as its price says."""
    points = {"telephone": settings.CONTACT_PHONE, "email": settings.CONTACT_EMAIL}
    contact = {name: value for name, value in points.items() if value}
    told: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "GovernmentOrganization",
        "@id": f"{settings.PUBLIC_URL.rstrip('/')}/#service",
        "name": "Mexitel",
        "url": settings.PUBLIC_URL,
        "makesOffer": {"@type": "Offer", "price": "0", "priceCurrency": "USD", "name": "Cita consular"},
    }
    if contact:
        languages = {"availableLanguage": ["es", "en"], "contactType": "customer service"}
        told["contactPoint"] = {"@type": "ContactPoint", **contact, **languages}
    return told


def as_block(data: dict[str, Any]) -> SafeString:
    text = json.dumps(data, ensure_ascii=False).translate(ESCAPES)
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(text))  # noqa: S308 - escaped above
