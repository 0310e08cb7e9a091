from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from mexitel.accounts.models import User
from mexitel.api.models import ApiToken
from mexitel.api.tokens import find_token
from mexitel.utils.time import now as clock


class BearerToken(BaseAuthentication):
    """``Authorization: Bearer …`` and nothing else: cookies are not read, so no other site can act for a person."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        text = bearer_of(request)
        if text is None:
            return None
        token = find_token(text, now=clock())
        if token is None:
            raise AuthenticationFailed
        return token.account, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def bearer_of(request: Any) -> str | None:
    """What stands behind ``Bearer`` in the header; None when the request does not sign in so."""
    scheme, _space, text = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return text.strip() if scheme.lower() == "bearer" else None


class BearerTokenScheme(OpenApiAuthenticationExtension):
    target_class = BearerToken
    name = "bearer"

    def get_security_definition(self, auto_schema: object) -> dict:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "From `POST /api/v1/sessions`. Ends after 30 minutes without a call, or 12 hours.",
        }
