"""What a search engine reads of the service itself: schema.org in JSON-LD."""

from typing import Any

from django.conf import settings


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
