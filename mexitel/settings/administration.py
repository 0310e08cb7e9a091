"""How Django's admin looks (consulates/admin_site.py says who may)."""

UNFOLD = {
    "SITE_TITLE": "Mexitel",
    "SITE_HEADER": "Mexitel",
    "SITE_URL": "/personal/",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "4px",
    "SIDEBAR": {"show_search": True, "show_all_applications": True},
}
