"""What a blocked person reads: why, until when, and how to ask for a review. Signed in, or by the signed link that a
refused sign-up gives to whoever proved the contact.
"""

from uuid import UUID

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from antifraud.errors import BlockError
from antifraud.forms import AppealForm
from antifraud.guards import SALT
from antifraud.models import Appeal, Block
from antifraud.selectors import blocks_of, person_of
from antifraud.services.appeals import file_appeal
from mexitel.accounts.access import person
from mexitel.accounts.models import User
from mexitel.utils.http import personal
from mexitel.utils.ratelimits import limited
from mexitel.utils.time import now as clock

LINK_LASTS_SECONDS = 30 * 24 * 3600
both = require_http_methods(["GET", "HEAD", "POST"])


@both
@limited("own", methods=("POST",))
@personal
def own_block(request: HttpRequest) -> HttpResponse:
    """Whoever is under several sees the one that lasts longest; when it ends the next one stands here."""
    user = person(request)
    blocks = blocks_of(user, now=clock())
    return _page(request, blocks[0] if blocks else None, person_of(user), user)


@never_cache
@both
@limited("codes", methods=("POST",))
def block_by_link(request: HttpRequest, mark: str) -> HttpResponse:
    try:
        block_id, who = signing.loads(mark, salt=SALT, max_age=LINK_LASTS_SECONDS)
    except signing.BadSignature as error:
        raise Http404 from error
    block = Block.objects.in_force(now=clock()).filter(pk=UUID(block_id)).first()
    return _page(request, block, bytes.fromhex(who), None)


def _page(request: HttpRequest, block: Block | None, who: bytes, user: User | None) -> HttpResponse:
    form, errors = AppealForm(request.POST if request.method == "POST" else None), []
    if block and form.is_bound and form.is_valid():
        try:
            file_appeal(block_id=block.pk, person=who, words=form.cleaned_data["words"], by=user, now=clock())
        except BlockError as refusal:
            errors = [{"text": refusal.sentence}]
        else:
            messages.success(request, _("We have your request. Another person answers within 72 hours, here."))
            return redirect(request.path)
    appeals = Appeal.objects.filter(person=who).order_by("-asked_at").select_related("block")
    context = {
        "blocked": block,
        "appeals": appeals[:5],
        "waits": block and any(appeal.block_id == block.pk and appeal.state == "open" for appeal in appeals),
        "form": form,
        "errors": errors,
    }
    return render(request, "antifraud/own.html", context, status=422 if request.method == "POST" else 200)


urlpatterns = [
    path("bloqueo/", own_block, name="own_block"),
    path("bloqueo/<str:mark>/", block_by_link, name="block_by_link"),
]
