"""Does the process live, and can it serve? For the load balancer and for `manage.py up`."""

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.defaults import server_error as plain_server_error

from mexitel.utils.db import NOT_NOW, is_not_now
from mexitel.utils.middleware import sorry_page, try_again_later


@require_safe
@never_cache
def health(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked, so that a slow database restarts nobody."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """200 when bookings work. Without Redis everything works slower, which is "degraded" and no reason to leave."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except NOT_NOW:
        return JsonResponse({"status": "unavailable", "database": "down"}, status=503)
    redis = "up" if redis_answers() else "down"
    return JsonResponse({"status": "ok" if redis == "up" else "degraded", "database": "up", "redis": redis})


def redis_answers() -> bool:
    cache.set("health", "1", timeout=60)
    return cache.get("health") == "1"


def server_error(request: HttpRequest, template_name: str = "500.html") -> HttpResponseBase:
    """handler500: an error raised outside views (in the session, say) may only mean "not now"."""
    if is_not_now():
        return try_again_later(request, None)
    try:
        return plain_server_error(request, template_name)
    except Exception:  # the page of the fault has a fault
        return HttpResponse(sorry_page(), status=500)
