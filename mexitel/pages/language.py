"""Which language a page speaks: the one that was chosen, else Spanish.

Django's own middleware would follow the browser; many phones of our readers are set to English by whoever
sold them, so Spanish comes first until a person asks for English.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt
from django.views.i18n import set_language

from mexitel.accounts import languages
from mexitel.accounts.access import person
from mexitel.accounts.middleware import is_stranger

# In the address of a link that is shared in one language: ``?idioma=en``.
ASKED = "idioma"


class ChosenLanguageMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = chosen_language(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        if request.GET.get(ASKED) == language:  # a shared link, or a poster's: the next pages go on in it
            languages.show(response, language)
        patch_vary_headers(response, ("Cookie",))
        response.headers.setdefault("Content-Language", language)
        return response


def chosen_language(request: HttpRequest) -> str:
    code = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if request.method == "GET" and request.GET.get(ASKED) in dict(settings.LANGUAGES):
        code = request.GET[ASKED]
    return code if code in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


# Exempt: a stranger's page can change the language of a visitor, nothing more (the session's cookie does not come with
# its requests), and public pages stay free of cookies.
@csrf_exempt
def switch(request: HttpRequest) -> HttpResponseBase:
    """The switch in the header. Whoever is signed in gets their messages in that language too."""
    response = set_language(request)
    code = request.POST.get("language", "")
    if request.method == "POST" and code in dict(settings.LANGUAGES):
        languages.choose(response, code, user=None if is_stranger(request) else person(request))
    return response
