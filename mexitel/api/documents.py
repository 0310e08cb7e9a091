"""The OpenAPI document and a page that shows it. Made once per process; the same bytes for everybody."""

import hashlib
from functools import cache
from typing import Any

import yaml
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer

from mexitel.api.reading import read_document

MAX_AGE_SECONDS = 300
YAML_TYPES = ("application/yaml", "application/vnd.oai.openapi", "text/yaml")


@cache
def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document. Its sentences are English; names of choices are not translated."""
    with translation.override("en"):
        return SchemaGenerator(patterns=None).get_schema(request=None, public=True)


@cache
def document_bytes(as_yaml: bool) -> bytes:
    renderer = OpenApiYamlRenderer() if as_yaml else OpenApiJsonRenderer()
    return renderer.render(document(), renderer_context={})


@require_safe
def schema(request: HttpRequest) -> HttpResponseBase:
    """JSON, or YAML for whoever asks for it by ``Accept`` or ``?format=yaml``."""
    accept = request.headers.get("Accept", "")
    as_yaml = request.GET.get("format") == "yaml" or any(kind in accept for kind in YAML_TYPES)
    body = document_bytes(as_yaml)
    response = HttpResponse(body, content_type="application/yaml" if as_yaml else "application/json")
    response["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    response["Cache-Control"] = f"public, max-age={MAX_AGE_SECONDS}"
    patch_vary_headers(response, ["Accept"])
    return get_conditional_response(request, etag=response["ETag"], response=response) or response


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The document for people: no script, nothing from elsewhere."""
    context = {"api": read_document(document()), "server": settings.PUBLIC_URL}
    return render(request, "api/docs.html", context)


def committed() -> str:
    """What docs/openapi.yaml must hold."""
    return yaml.safe_dump(yaml.safe_load(document_bytes(True)), allow_unicode=True, sort_keys=False, width=120)
