"""How Django's admin looks (consulates/admin_site.py says who may)."""

from django.templatetags.static import static

UNFOLD = {
    "SITE_TITLE": "Mexitel",
    "SITE_HEADER": "Mexitel",
    "SITE_URL": "/personal/",
    "SITE_SYMBOL": "calendar_month",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("img/favicon.svg")},
    ],
    # The wine of the pages (static/css/mexitel.css), from light to dark.
    "COLORS": {
        "primary": {
            "50": "#fbf1f4",
            "100": "#f6dfe6",
            "200": "#eebccb",
            "300": "#e08fa8",
            "400": "#cb5f80",
            "500": "#a93a5e",
            "600": "#8a2547",
            "700": "#6d1a36",
            "800": "#5b172f",
            "900": "#4b1528",
            "950": "#2c0916",
        },
    },
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "4px",
    "SIDEBAR": {"show_search": True, "show_all_applications": True},
}
