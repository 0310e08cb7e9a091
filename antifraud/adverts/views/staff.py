"""Reviewers: the work list of adverts, one advert, its picture, and what they write down themselves."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from antifraud.adverts import triage
from antifraud.adverts.addresses import normalised
from antifraud.adverts.errors import AdvertError
from antifraud.adverts.forms import (
    BAD_PICTURES,
    PICTURE_FIELD,
    AssignForm,
    FilterForm,
    LinkForm,
    StepForm,
    TellForm,
)
from antifraud.adverts.pictures import BadPicture
from antifraud.adverts.telling import tell
from antifraud.adverts.views.public import sent_picture
from antifraud.models import Case, ChargeReport, NoticeSource, Post, PostCapture, PostNotice, PostState
from antifraud.models.adverts import TO_REPORT
from appointments.emergencies.files import InMemory
from consulates.access import staff_page
from consulates.models import Assignment, Role
from consulates.roles import May
from mexitel.accounts.access import person
from mexitel.accounts.models import User
from mexitel.audit.services import record
from mexitel.utils.crypto import open_bytes
from mexitel.utils.time import now as clock

A_PAGE = 30
UNREAD = (PostState.RECEIVED, PostState.REFUSED, PostState.JOINED)
both = require_http_methods(["GET", "HEAD", "POST"])


@never_cache
@both
@staff_page(May.REVIEW)
def staff_posts(request: HttpRequest) -> HttpResponse:
    """What waits, the most urgent first; a POST takes the next one in hand."""
    now, by = clock(), person(request)
    if request.method == "POST":
        post = triage.take_next(by=by, now=now)
        if post is not None:
            return redirect("staff_post", post.pk)
        messages.info(request, _("Nothing waits that a colleague does not have in hand."))
        return redirect("staff_posts")
    asked = FilterForm(request.GET)
    told = asked.cleaned_data if asked.is_valid() else {"estado": "", "plataforma": ""}
    page = Paginator(_found(told["estado"], told["plataforma"]), A_PAGE).get_page(request.GET.get("page"))
    record(
        actor=by, action="advert.list", target=("antifraud.post", "list"), now=now,
        detail={"seen": len(page.object_list)},
    )  # fmt: skip
    context = {
        "asked": asked,
        "page": page,
        "query": f"estado={told['estado']}&plataforma={told['plataforma']}&",
        "me": by,
        "now": now,
        "to_report": Post.objects.filter(state__in=TO_REPORT).count(),
    }
    return render(request, "antifraud/adverts/staff/posts.html", context)


def _found(state: str, platform: str) -> QuerySet[Post]:
    posts = Post.objects.select_related("taken_by")
    if state == "todos":
        posts = posts.order_by("-last_told_at", "pk")
    else:
        posts = posts.filter(state=state).by_urgency() if state else posts.to_triage().by_urgency()
    return posts.filter(platform=platform) if platform else posts


# As in views/public.py: a picture stays in memory, and the token is checked one step later.
@csrf_exempt
def staff_post_new(request: HttpRequest) -> HttpResponse:
    request.upload_handlers = [InMemory(request)]
    return _new(request)


@csrf_protect
@never_cache
@both
@staff_page(May.REVIEW, May.PHONE)
def _new(request: HttpRequest) -> HttpResponse:
    """What a reviewer saw or a caller tells, written down by staff. An agent reads the number out and sees no more."""
    may_review = request.access.may(May.REVIEW)  # type: ignore[attr-defined]
    form, errors = TellForm(request.POST if request.method == "POST" else None), []
    del form.fields["reporter"]
    if form.is_bound and form.is_valid():
        try:
            picture = sent_picture(request)
        except BadPicture as bad:
            errors = [{"text": BAD_PICTURES[bad.code], "href": f"#id_{PICTURE_FIELD}"}]
        else:
            if picture is None and form.lacks_everything():
                form.add_error("where", _("Write where it is or what it says, or send a picture."))
            else:
                told = form.told(picture)
                number, notice = tell(told=told, source=NoticeSource.STAFF, now=clock(), by=person(request))
                said = _("Written down under %(number)s. Whoever told of it can ask with that number.")
                messages.success(request, said % {"number": number})
                return redirect("staff_post", notice.post_id) if may_review else redirect("staff_post_new")
    context = {"form": form, "errors": errors, "picture_field": PICTURE_FIELD, "may_review": may_review}
    return render(request, "antifraud/adverts/staff/new.html", context, status=422 if form.is_bound else 200)


@never_cache
@both
@staff_page(May.REVIEW)
def staff_post(request: HttpRequest, post_id: UUID) -> HttpResponse:
    """One advert with everything that was told of it, which leaves a line; and what becomes of it."""
    now, by = clock(), person(request)
    post = get_object_or_404(Post.objects.select_related("joined_to", "taken_by"), pk=post_id)
    act, errors = request.POST.get("accion", ""), []
    near, cases = triage.similar(post), triage.cases_near(post, reader_id=by.pk)
    forms = _forms(request, act, post, near, cases)
    if request.method == "POST":
        try:
            if done := _act(request, act, post, forms):
                messages.success(request, done)
                return redirect("staff_posts" if act == "soltar" else "staff_post", post_id)
        except AdvertError as refusal:
            errors = [{"text": refusal.sentence}]
            post.refresh_from_db()
            forms = _forms(request, "", post, near, cases)
    record(actor=by, action="advert.see", target=post, now=now)
    context = {**_context(request, post), **forms, "near": near, "cases": cases, "errors": errors, "now": now}
    status = 422 if request.method == "POST" else 200
    return render(request, "antifraud/adverts/staff/post.html", context, status=status)


def _forms(
    request: HttpRequest, act: str, post: Post, near: list[tuple[Post, int]], cases: list[Case]
) -> dict[str, StepForm | LinkForm | AssignForm]:
    name = _("Case %(number)s, %(state)s")
    names = [(one.pk, name % {"number": one.pk, "state": one.get_state_display()}) for one in cases]
    data = request.POST
    return {
        "step": StepForm(data if act == "decidir" else None, post=post, near=near),
        "link": LinkForm(data if act == "unir" else None, cases=names),
        "assign": AssignForm(data if act == "dar" else None, people=reviewers()),
    }


def reviewers() -> QuerySet[User]:
    roles = Assignment.objects.in_force(now=clock()).filter(role__in=[Role.REVIEWER, Role.SENIOR_REVIEWER])
    return User.objects.filter(pk__in=roles.values("user_id")).order_by("email")


def _act(request: HttpRequest, act: str, post: Post, forms: dict) -> str:
    """What was done, as a sentence; nothing when a form has errors. Raises AdvertError."""
    by, now = person(request), clock()
    form = {"decidir": forms["step"], "unir": forms["link"], "dar": forms["assign"]}.get(act)
    if act == "tomar":
        triage.take(post_id=post.pk, to=by, by=by, now=now)
        return _("It is in your hand for half an hour.")
    if act == "soltar":
        triage.give_back(post_id=post.pk, by=by, now=now)
        return _("Given back.")
    if act == "dar" and not request.access.may(May.SIGN):  # type: ignore[attr-defined]
        raise PermissionDenied
    if form is None or not form.is_valid():
        return ""
    told = form.cleaned_data
    if act == "dar":
        triage.take(post_id=post.pk, to=told["to"], by=by, now=now)
        return _("It is in your colleague's hand.")
    if act == "unir":
        triage.link(post_id=post.pk, case_id=told["case"], grade=told["grade"], reason=told["reason"], by=by, now=now)
        return _("Kept in the case. No score changes by it.")
    triage.decide(post_id=post.pk, by=by, now=now, **told)
    return _("Kept.")


def _context(request: HttpRequest, post: Post) -> dict[str, object]:
    me, now = person(request), clock()
    own = [post.pk, *post.joined.values_list("pk", flat=True)]
    notices = PostNotice.objects.filter(post__in=own).select_related("told_by", "capture").order_by("told_at")
    key = bytes(post.contact_key) if post.contact_key else None
    return {
        "post": post,
        "address": normalised(post.address),
        "notices": list(notices.defer("capture__content")),
        "history": list(post.events.select_related("actor", "joined_to").order_by("at", "pk")),
        "links": list(post.links.select_related("linked_by").order_by("linked_at")),
        "is_mine": post.taken_by_id == me.pk and post.taken_until is not None and post.taken_until > now,
        "is_free": post.is_free_for(me.pk, now=now),
        "may_assign": request.access.may(May.SIGN),  # type: ignore[attr-defined]
        "may_link": post.state not in UNREAD,
        "is_to_report": post.state in TO_REPORT,
        "told_again": post.state == PostState.REMOVED and post.last_told_at > post.changed_at,
        "same_contact": Post.objects.filter(contact_key=key).exclude(pk=post.pk).count() if key else 0,
        "charges": ChargeReport.objects.filter(contact_key=key).count() if key else 0,
    }


@never_cache
@require_safe
@staff_page(May.REVIEW)
def staff_post_picture(request: HttpRequest, post_id: UUID, capture_id: UUID) -> HttpResponse:
    """The picture as we drew it again; whoever sees it leaves a line."""
    own = PostCapture.objects.filter(Q(notice__post=post_id) | Q(notice__post__joined_to=post_id))
    capture = get_object_or_404(own, pk=capture_id)
    record(actor=person(request), action="advert.picture", target=("antifraud.post", str(post_id)), now=clock())
    response = HttpResponse(open_bytes(bytes(capture.content)), content_type="image/jpeg")
    response["Content-Disposition"] = 'inline; filename="captura.jpg"'
    return response


urlpatterns = [
    path("anuncios/", staff_posts, name="staff_posts"),
    path("anuncios/nuevo/", staff_post_new, name="staff_post_new"),
    path("anuncios/<uuid:post_id>/", staff_post, name="staff_post"),
    path("anuncios/<uuid:post_id>/captura/<uuid:capture_id>/", staff_post_picture, name="staff_post_picture"),
]
