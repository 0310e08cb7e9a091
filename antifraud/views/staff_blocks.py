"""Reviewers: the list of blocks, one of them, a new one, and several proposals confirmed together."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from antifraud.errors import BlockError
from antifraud.forms import FilterForm, FindForm, ProposeForm, WhyForm
from antifraud.models import Block, BlockKind, BlockState
from antifraud.names import BlockName, Target, contact_names, one_of, target_of
from antifraud.reach import Reach, accounts_of, reach_of
from antifraud.services.blocks import confirm_block, lift_block, propose_block, reject_block
from consulates.access import staff_page
from consulates.roles import May
from mexitel.accounts.access import person
from mexitel.audit.services import record
from mexitel.utils.time import now as clock

A_PAGE = 50
MOST_AT_ONCE = 100
both = require_http_methods(["GET", "HEAD", "POST"])


@never_cache
@both
@staff_page(May.REVIEW)
def staff_blocks(request: HttpRequest) -> HttpResponse:
    """What waits first; filtered by state and kind, or found by a contact."""
    asked = FilterForm(request.GET)
    asked.is_valid()
    find = FindForm(request.POST if request.method == "POST" else None)
    blocks = Block.objects.order_by("-proposed_at", "-pk").select_related("proposed_by", "author")
    wanted = {"state": asked.cleaned_data.get("estado"), "kind": asked.cleaned_data.get("tipo")}
    blocks = blocks.filter(**{name: value for name, value in wanted.items() if value})
    if find.is_bound and find.is_valid():
        blocks = blocks.filter(one_of(_names_of(find.cleaned_data["contact"])))
    page = Paginator(blocks, A_PAGE).get_page(request.GET.get("page"))
    record(
        actor=person(request), action="block.list", target=("block", "list"), now=clock(),
        detail={"seen": len(page.object_list), "found_by_contact": find.is_bound},
    )  # fmt: skip
    query = "&".join(f"{name}={value}" for name, value in asked.cleaned_data.items() if value)
    context = {
        "asked": asked, "find": find, "page": page, "query": f"{query}&" if query else "",
        "can_batch": any(_in_batch(block) for block in page.object_list),
    }  # fmt: skip
    status = 422 if find.is_bound and find.errors else 200
    return render(request, "antifraud/staff/blocks.html", context, status=status)


@never_cache
@both
@staff_page(May.REVIEW)
def staff_block_new(request: HttpRequest) -> HttpResponse:
    """Asked, shown with everybody whom it would hit, and only then proposed."""
    form = ProposeForm(request.POST if request.method == "POST" else None)
    reach, errors, now = None, [], clock()
    if form.is_bound and form.is_valid():
        reach = reach_of(accounts_of(form.target), now=now)
        if "seguro" in request.POST:
            told = {name: form.cleaned_data[name] for name in ("reason", "note")}
            try:
                block = propose_block(target=form.target, by=person(request), now=now, **told)
            except BlockError as refusal:
                errors = [{"text": refusal.sentence}]
            else:
                messages.success(request, _("Proposed. Nobody is blocked until it is confirmed."))
                return redirect("staff_block", block.pk)
    context = {"form": form, "reach": reach, "mask": form.target.mask if reach else "", "errors": errors}
    status = 422 if form.is_bound and (form.errors or errors) else 200
    return render(request, "antifraud/staff/block_new.html", context, status=status)


@never_cache
@both
@staff_page(May.REVIEW)
def staff_block(request: HttpRequest, block_id: UUID) -> HttpResponse:
    """One block with everybody under it: confirm or reject a proposal, lift what is in force."""
    now, act = clock(), request.POST.get("accion", "")
    found = Block.objects.select_related("proposed_by", "author", "approver", "closed_by")
    block = get_object_or_404(found, pk=block_id)
    form = WhyForm(request.POST if act in {"rechazar", "levantar"} else None)
    errors: list[dict] = []
    if request.method == "POST":
        try:
            if done := _act(request, block, act, form):
                messages.success(request, done)
                return redirect("staff_block", block.pk)
        except BlockError as refusal:
            errors = [{"text": refusal.sentence}]
            block = found.get(pk=block_id)
    else:
        record(actor=person(request), action="block.see", target=block, now=now)
    access = request.access  # type: ignore[attr-defined]
    context = {
        "blocked": block,
        "reach": _reach(block),
        "form": form,
        "errors": errors,
        "in_force": block.is_in_force(now=now),
        "may_confirm": block.kind != BlockKind.DOMAIN
        or (access.may(May.SIGN) and block.proposed_by_id != person(request).pk),
        "appeals": block.appeals.order_by("-asked_at"),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "antifraud/staff/block.html", context, status=status)


@never_cache
@require_POST
@staff_page(May.REVIEW, fresh=True)
def staff_blocks_confirm(request: HttpRequest) -> HttpResponse:
    """Several proposals: first everybody whom each would hit, then one key. Domains are confirmed one by one."""
    now, chosen = clock(), [typed for typed in request.POST.getlist("bloqueo") if _is_uuid(typed)][:MOST_AT_ONCE]
    blocks = [block for block in Block.objects.waiting().filter(pk__in=chosen).order_by("pk") if _in_batch(block)]
    if not blocks:
        messages.error(request, _("Choose proposals that wait for a decision."))
        return redirect("staff_blocks")
    if "seguro" not in request.POST:
        rows = [(block, _reach(block)) for block in blocks]
        return render(request, "antifraud/staff/confirm.html", {"rows": rows})
    done = 0
    for block in blocks:
        try:
            confirm_block(block_id=block.pk, reviewer=person(request), now=now)
            done += 1
        except BlockError:
            continue  # a colleague was first
    said = ngettext("%(count)d block is in force.", "%(count)d blocks are in force.", done) % {"count": done}
    messages.success(request, said)
    if done < len(blocks):
        messages.info(request, _("Some had been decided a moment ago."))
    return redirect("staff_blocks")


def _act(request: HttpRequest, block: Block, act: str, form: WhyForm) -> str:
    """What was done, as a sentence; nothing when the form has errors."""
    reviewer, now = person(request), clock()
    if act == "confirmar":
        if block.kind == BlockKind.DOMAIN and not request.access.may(May.SIGN):  # type: ignore[attr-defined]
            raise PermissionDenied
        confirm_block(block_id=block.pk, reviewer=reviewer, now=now)
        return _("The block is in force, on all channels.")
    if act in {"rechazar", "levantar"} and form.is_valid():
        why = form.cleaned_data["why"]
        if act == "rechazar":
            reject_block(block_id=block.pk, reviewer=reviewer, why=why, now=now)
            return _("Rejected. Nobody was blocked.")
        lift_block(block_id=block.pk, reviewer=reviewer, why=why, now=now)
        return _("Lifted. They can book again at once.")
    return ""


def _reach(block: Block) -> Reach:
    """Of a domain that waits, as it is now: the domain itself is known."""
    is_open_domain = block.kind == BlockKind.DOMAIN and block.state == BlockState.PROPOSED
    ids = accounts_of(Target(BlockKind.DOMAIN, block.mask)) if is_open_domain else block.account_ids
    return reach_of(ids, now=clock())


def _in_batch(block: Block) -> bool:
    return block.state == BlockState.PROPOSED and block.kind != BlockKind.DOMAIN


def _names_of(contact: str) -> list[BlockName]:
    """Every name that what was typed can be; nothing fits when it can be none."""
    names: list[BlockName] = []
    for kind in BlockKind:
        try:
            target = target_of(kind, contact)
        except ValidationError:
            continue
        names.append((kind, target.key))
        if kind == BlockKind.ADDRESS:
            names += contact_names(target.text)
    return names


def _is_uuid(typed: str) -> bool:
    try:
        UUID(typed)
    except ValueError:
        return False
    return True


urlpatterns = [
    path("bloqueos/", staff_blocks, name="staff_blocks"),
    path("bloqueos/nuevo/", staff_block_new, name="staff_block_new"),
    path("bloqueos/confirmar/", staff_blocks_confirm, name="staff_blocks_confirm"),
    path("bloqueos/<uuid:block_id>/", staff_block, name="staff_block"),
]
