"""What schema.org (release 27) says of the words that our pages use, written down so that no test asks a network.

``CONTEXT`` is what https://schema.org answers to a JSON-LD processor, for these words: every word is in one vocabulary,
addresses are things, and dates are dates. ``WORDS`` are the properties that each type has, its own and inherited ones.
"""

ADDRESS, DATE, MOMENT = {"@type": "@id"}, {"@type": "Date"}, {"@type": "DateTime"}
COERCED = {
    "url": ADDRESS, "image": ADDRESS, "actionPlatform": ADDRESS,
    "startDate": DATE, "endDate": DATE, "validFrom": DATE, "dissolutionDate": DATE, "startTime": MOMENT,
}  # fmt: skip
CONTEXT = {
    "@context": {
        "type": "@type",
        "id": "@id",
        "@vocab": "http://schema.org/",
        "schema": "http://schema.org/",
        **{word: {"@id": f"schema:{word}"} | how for word, how in COERCED.items()},
    }
}

THING = {"name", "alternateName", "url", "image", "description", "potentialAction"}
WORDS = {
    "GovernmentOffice": THING | {"address", "telephone", "email", "geo", "isAccessibleForFree", "contactPoint",
                                 "dissolutionDate"},
    "Organization": THING | {"address", "telephone", "email", "contactPoint", "dissolutionDate"},
    "Place": THING | {"address", "telephone", "geo", "isAccessibleForFree"},
    "PostalAddress": THING | {"streetAddress", "addressLocality", "addressRegion", "postalCode", "addressCountry"},
    "GeoCoordinates": THING | {"latitude", "longitude"},
    "ContactPoint": THING | {"contactType", "telephone", "email"},
    "Event": THING | {"startDate", "endDate", "eventStatus", "eventAttendanceMode", "location", "organizer",
                      "isAccessibleForFree", "offers", "subEvent"},
    "VirtualLocation": THING,
    "Offer": THING | {"price", "priceCurrency", "availability", "validFrom"},
    "ReserveAction": THING | {"target", "result", "startTime"},
    "EntryPoint": THING | {"urlTemplate", "actionPlatform"},
    "Reservation": THING | {"totalPrice", "priceCurrency"},
    "ItemList": THING | {"itemListElement"},
    "ListItem": THING | {"position", "item"},
}  # fmt: skip
