"""The pages that search engines should know, in both languages, and what they need not look at."""

from collections.abc import Iterator
from datetime import datetime
from xml.etree import ElementTree

from django.conf import settings
from django.urls import reverse

from consulates.models import Consulate, Procedure, Release
from consulates.opendata.bulk import url

SITEMAP, XHTML = "http://www.sitemaps.org/schemas/sitemap/0.9", "http://www.w3.org/1999/xhtml"
PAGES = (
    "home", "search", "office_list", "procedure_list", "tours", "releases", "help", "free", "free_kit", "open_data",
)  # fmt: skip
# Behind these stand people's own pages, staff, and forms: nothing that a search should lead to.
PRIVATE = ("/entrar/", "/cita/", "/mis-citas/", "/personal/", "/apartado/", "/api/", "/salir/")


def addresses(now: datetime) -> Iterator[str]:
    yield from map(reverse, PAGES)
    for code in Consulate.objects.working_on(now.date()).order_by("code").values_list("code", flat=True):
        yield reverse("office", args=[code])
    for code in Procedure.objects.order_by("code").values_list("code", flat=True):
        yield reverse("procedure", args=[code])
    for pk in Release.objects.for_public(now=now).order_by("pk").values_list("pk", flat=True):
        yield reverse("release", args=[pk])


def sitemap(now: datetime) -> bytes:
    ElementTree.register_namespace("", SITEMAP)
    ElementTree.register_namespace("xhtml", XHTML)
    root = ElementTree.Element(f"{{{SITEMAP}}}urlset")
    for address in addresses(now):
        entry = ElementTree.SubElement(root, f"{{{SITEMAP}}}url")
        ElementTree.SubElement(entry, f"{{{SITEMAP}}}loc").text = url(address)
        for language, _name in settings.LANGUAGES:
            told = {"rel": "alternate", "hreflang": language, "href": url(f"{address}?idioma={language}")}
            ElementTree.SubElement(entry, f"{{{XHTML}}}link", told)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def robots() -> bytes:
    told = ["User-agent: *", *(f"Disallow: {path}" for path in PRIVATE), f"Sitemap: {url(reverse('sitemap'))}", ""]
    return "\n".join(told).encode()
