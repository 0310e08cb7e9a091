"""How people reach the service. Numbers change, so each is configuration; what is not set is not shown."""

import re
from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Contact:
    title: Promise
    text: str
    href: str
    note: str = ""


def channels() -> list[Contact]:
    phone, whatsapp = settings.CONTACT_PHONE, settings.CONTACT_WHATSAPP
    mail, hours = settings.CONTACT_EMAIL, settings.CONTACT_HOURS
    found = []
    if phone:
        found.append(Contact(_("By phone"), phone, f"tel:{_digits(phone)}", hours))
    if whatsapp:
        found.append(Contact(_("By WhatsApp"), whatsapp, f"https://wa.me/{_digits(whatsapp).lstrip('+')}", hours))
    if mail:
        found.append(Contact(_("By e-mail"), mail, f"mailto:{mail}"))
    return found


def _digits(number: str) -> str:
    return re.sub(r"[^0-9+]", "", number)
