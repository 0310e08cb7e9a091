"""Pages of the register: what anybody tells without an account, and what each role of the staff does with it."""

import io
import json
import re

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from antifraud.adverts import rules
from antifraud.adverts.demo import make
from antifraud.adverts.figures import choose_baseline
from antifraud.adverts.publishing import refresh
from antifraud.adverts.shown import came_of
from antifraud.models import Post, PostBaseline, PostCapture, PostEvent, PostExport, PostNotice, PostState
from antifraud.services.cases import open_case
from consulates.models import Role
from mexitel.accounts import limits
from mexitel.accounts.limits import HOUR
from mexitel.audit.models import AuditLine
from mexitel.celery import BEAT
from mexitel.utils.time import now as clock
from tests.antifraud.test_adverts import ADDRESS, WEEK, WORDS, bomb, confirmed_in, picture_bytes, post_of
from tests.factories.accounts import UserFactory, sign_in
from tests.factories.cases import FOUND
from tests.factories.staff import staff_with

pytestmark = pytest.mark.django_db
CONFIRM = {"accion": "decidir", "was": "received", "became": "confirmed", "reason": "Vende.", "ground": "sells"}


@pytest.fixture
def anybody():
    """Not at the machine itself: whoever runs the portal there is not counted."""
    return Client(REMOTE_ADDR="203.0.113.9")


def client_of(role):
    return sign_in(Client(), staff_with(role))


@pytest.fixture
def desk():
    return client_of(Role.REVIEWER)


def file_of(content):
    made = io.BytesIO(content)
    made.name = "captura.png"
    return made


# Everybody --------------------------------------------------------------------------------------------------------


def test_anybody_tells_gets_a_number_and_asks_with_it(anybody):
    told = {"where": ADDRESS, "words": WORDS, "price": "80", "captura": file_of(picture_bytes("PNG"))}
    thanks = anybody.post(reverse("advert_tell"), told, follow=True)
    number = anybody.session["advert_receipt"]
    assert number in thanks.text
    assert number not in str(thanks.redirect_chain)
    asked = Client().post(reverse("advert_receipt"), {"number": number.lower()})
    assert (asked.status_code, "Una persona lo va a leer" in asked.text) == (200, True)
    assert PostCapture.objects.count() == 1


def test_a_picture_alone_is_enough_and_nothing_at_all_is_not(anybody):
    assert anybody.post(reverse("advert_tell"), {"captura": file_of(picture_bytes("JPEG"))}).status_code == 302
    empty = anybody.post(reverse("advert_tell"), {"price": "80"})
    assert (empty.status_code, "Díganos dónde está" in empty.text) == (422, True)


@pytest.mark.parametrize("content", [b"<script>alert(1)</script>", bomb(), b"\xff\xd8\xff" + bytes(6_000_000)])
def test_bad_picture_is_refused_with_a_sentence_and_nothing_is_kept(anybody, content):
    answer = anybody.post(reverse("advert_tell"), {"where": ADDRESS, "captura": file_of(content)})
    assert (answer.status_code, "#id_captura" in answer.text, ADDRESS in answer.text) == (422, True, True)
    assert not Post.objects.exists()


@pytest.mark.parametrize(
    "told",
    [{"where": "a\x00b"}, {"where": "a", "price": "mucho"}, {"where": "a", "price": "-3"}, {"where": "x" * 2001},
     {"where": "a", "platform": "myspace"}, {"where": "a", "reporter": "rosa"},
     {"where": "a", "seen_on_day": "1", "seen_on_month": "1", "seen_on_year": "2020"}],
)  # fmt: skip
def test_bad_answers_get_a_sentence(anybody, told):
    answer = anybody.post(reverse("advert_tell"), told)
    assert (answer.status_code, "govuk-error-summary" in answer.text) == (422, True)
    assert not Post.objects.exists()


def test_form_that_brings_files_still_asks_for_its_token():
    assert Client(enforce_csrf_checks=True).post(reverse("advert_tell"), {"where": ADDRESS}).status_code == 403
    strict = sign_in(Client(enforce_csrf_checks=True), staff_with(Role.REVIEWER))
    assert strict.post(reverse("staff_post_new"), {"where": ADDRESS}).status_code == 403
    assert not Post.objects.exists()


def test_one_client_tells_only_so_often_on_the_page_and_by_program(anybody, monkeypatch):
    monkeypatch.setitem(limits.LIMITS, "advert notice", {"client": [(1, HOUR)], "network": [(9, HOUR)]})
    assert anybody.post(reverse("advert_tell"), {"where": ADDRESS}).status_code == 302
    assert anybody.post(reverse("advert_tell"), {"where": ADDRESS}).status_code == 429
    body = json.dumps({"where": ADDRESS})
    answer = anybody.post(reverse("api_advert_notices"), body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (429, "advert_limited")
    assert PostNotice.objects.count() == 1


def test_with_redis_away_anybody_tells_and_is_still_counted(anybody, monkeypatch, redis_server):
    monkeypatch.setitem(limits.LIMITS, "advert notice", {"client": [(1, HOUR)], "network": [(9, HOUR)]})
    redis_server.kill()
    answers = [anybody.post(reverse("advert_tell"), {"where": ADDRESS}).status_code for _ in range(2)]
    assert answers == [302, 429]


def test_programs_tell_and_ask_like_the_page(anybody):
    def call(name, **body):
        return anybody.post(reverse(name), json.dumps(body), content_type="application/json")

    made = call("api_advert_notices", where=ADDRESS, words=WORDS, price="80.00")
    assert made.status_code == 201
    came = call("api_advert_receipts", receipt=made.json()["receipt"])
    assert (came.status_code, came.json()["state"]) == (200, "received")
    assert call("api_advert_receipts", receipt="AV-00000-00000").status_code == 404
    for bad in ({}, {"price": "8"}, {"where": "a", "reporter": "rosa"}, {"where": "a", "seen_on": "2001-01-01"}):
        assert call("api_advert_notices", **bad).status_code == 400
    assert Post.objects.get().told == 1


def test_figures_state_their_baseline_and_the_file_says_the_same(anybody):
    people = {"reviewer": staff_with(Role.REVIEWER), "senior_reviewer": staff_with(Role.SENIOR_REVIEWER)}
    make(people, clock())
    make(people, clock())  # twice: nothing is done once they are there
    assert {one.state for one in Post.objects.all()} == set(PostState) - {PostState.JOINED}
    page = anybody.get(reverse("advert_figures")).text
    assert "Comparamos con las semanas" in page
    assert page.count("<rect") == 2 * 26 + 2
    lines = anybody.get(reverse("advert_figures_csv")).content.decode().splitlines()
    assert (len(lines), lines[0].split(",")[0]) == (27, "week")
    unconfirmed = [PostState.RECEIVED, PostState.REFUSED]
    confirmed = Post.objects.exclude(state__in=unconfirmed).count()
    assert sum(int(line.split(",")[3]) for line in lines[1:]) == confirmed
    assert "555" not in "".join(lines)


def test_planted_fall_of_70_in_100_is_shown_with_its_weeks(anybody, django_assert_num_queries):
    by, now = UserFactory(staff=True, second_factor=False), clock()
    for number, weeks in ((10, 10), (10, 9), (12, 2)):
        confirmed_in(number, now - weeks * WEEK, by=by)
    first, last = ((now - weeks * WEEK).date() for weeks in (10, 9))
    choose_baseline(first=first, last=last, note="Antes de los avisos.", by=by, now=now)

    page = anybody.get(reverse("advert_figures")).text

    assert ("−70 %" in page, "Antes de los avisos." in page) == (True, True)
    told = anybody.get(reverse("advert_figures_json")).json()["compared"]
    assert (told["base"], told["since"], told["change"]) == (10.0, 3.0, -70)
    with django_assert_num_queries(0):
        for name in ("advert_figures", "advert_figures_json", "free", "free_kit"):
            anybody.get(reverse(name))


def test_files_are_made_anew_before_the_web_server_gives_old_ones(anybody):
    empty = anybody.get(reverse("advert_figures_csv")).content
    post_of(now=clock())
    refresh(now=clock())
    assert anybody.get(reverse("advert_figures_csv")).content != empty
    assert "antifraud.tasks.publish_adverts" in BEAT


def test_kit_has_both_languages_and_its_cards_are_pictures(anybody, settings):
    settings.CONTACT_PHONE = "+1 424 555 0100"
    page = anybody.get(reverse("free_kit")).text
    assert [page.count(f'readonly lang="{code}">') for code in ("es", "en")] == [3, 3]
    assert "+1 424 555 0100" in page
    for language, shape, size in (("es", "ancha", (1200, 630)), ("en", "cuadrada", (1080, 1080))):
        card = anybody.get(reverse("free_card", args=[language, shape]))
        with Image.open(io.BytesIO(card.content)) as image:
            assert (card["Content-Type"], image.size) == ("image/png", size)
    assert anybody.get(reverse("free_card", args=["fr", "ancha"])).status_code == 404


def test_page_says_to_search_engines_who_it_is_and_nothing_closes_the_block(anybody, settings):
    settings.CONTACT_EMAIL = "citas@sre.example</script>"
    page = anybody.get(reverse("free")).text
    told = json.loads(page.partition('<script type="application/ld+json">')[2].partition("</script>")[0])
    assert (told["@type"], told["makesOffer"]["price"]) == ("GovernmentOrganization", "0")
    assert told["contactPoint"]["email"] == settings.CONTACT_EMAIL
    assert reverse("advert_tell") in page


# Staff ------------------------------------------------------------------------------------------------------------


def test_reviewer_takes_decides_reports_and_hands_over_a_file(desk):
    post = post_of(now=clock())
    page = reverse("staff_post", args=[post.pk])
    assert desk.post(reverse("staff_posts")).url == page
    assert "vendo citas" in desk.get(page).text
    assert desk.post(page, {**CONFIRM, "ground": ""}).status_code == 422
    assert desk.post(page, {**CONFIRM, "excerpt": "Vendo citas."}).status_code == 302
    assert desk.post(page, CONFIRM).status_code == 422  # it stands elsewhere by now
    assert desk.post(page, {**CONFIRM, "was": "nada", "became": "reported"}).status_code == 422
    files = reverse("staff_post_exports")
    assert desk.post(files, {"platform": "facebook"}).status_code == 302
    assert desk.post(files, {"platform": "facebook"}).status_code == 422  # nothing waits any more
    made = PostExport.objects.get()
    answer = desk.get(reverse("staff_post_export_file", args=[made.pk, "json"]))
    assert json.loads(answer.content)["posts"][0]["text"] == "Vendo citas."
    assert desk.get(reverse("staff_post_export_file", args=[made.pk, "exe"])).status_code == 404
    assert list(PostEvent.objects.order_by("pk").values_list("became", flat=True)) == ["confirmed", "reported"]
    lines = AuditLine.objects.filter(action__startswith="advert.").values_list("action", flat=True)
    assert {"advert.take", "advert.see", "advert.decide", "advert.export", "advert.file"} <= set(lines)


def test_picture_is_shown_to_reviewers_alone_and_leaves_a_line(desk, anybody):
    anybody.post(reverse("advert_tell"), {"where": ADDRESS, "captura": file_of(picture_bytes("PNG"))})
    capture = PostCapture.objects.get()
    address = reverse("staff_post_picture", args=[capture.notice.post_id, capture.pk])
    assert address in desk.get(reverse("staff_post", args=[capture.notice.post_id])).text
    answer = desk.get(address)
    assert (answer["Content-Type"], "no-store" in answer["Cache-Control"]) == ("image/jpeg", True)
    assert AuditLine.objects.filter(action="advert.picture").count() == 1
    other = post_of(where="x.com/a/status/1")
    assert desk.get(reverse("staff_post_picture", args=[other.pk, capture.pk])).status_code == 404
    assert client_of(Role.PLANNER).get(address).status_code == 403
    assert anybody.get(address).status_code == 302  # to sign in


def test_senior_assigns_edits_phrases_and_chooses_the_baseline_and_a_reviewer_does_not(desk):
    post, colleague = post_of(), staff_with(Role.REVIEWER)
    senior, page = client_of(Role.SENIOR_REVIEWER), reverse("staff_post", args=[post.pk])
    assert desk.post(page, {"accion": "dar", "to": colleague.pk}).status_code == 403
    assert senior.post(page, {"accion": "dar", "to": colleague.pk}).status_code == 302
    assert Post.objects.get().taken_by == colleague

    edit, first = reverse("staff_phrases_edit"), rules.in_force().number
    words = {"lines": "9 | es | vendo cita* | lo claro", "note": "Menos.", "after": first}
    assert desk.post(edit, words).status_code == 403
    bad = senior.post(edit, {**words, "lines": "9 | es | vendo\n99 | es | cita"})
    assert (bad.status_code, "Renglón 2" in bad.text) == (422, True)
    assert senior.post(edit, words).status_code == 302
    assert senior.post(edit, words).status_code == 422  # written on what is not in force any more
    assert (Post.objects.get().points, rules.in_force().number) == (9, first + 1)
    assert "9 puntos" in desk.post(reverse("staff_phrases"), {"words": "¡Vendo citas!"}).text

    weeks = {"first_day": "4", "first_month": "5", "first_year": "2026", "last_day": "28", "last_month": "6"}
    weeks |= {"last_year": "2026", "note": "Antes de los avisos."}
    base = reverse("staff_post_baseline")
    assert desk.post(base, weeks).status_code == 403
    assert senior.post(base, {**weeks, "last_year": "2025"}).status_code == 422
    assert senior.post(base, weeks).status_code == 302
    chosen = PostBaseline.objects.get()
    assert (chosen.first_week.isoformat(), chosen.last_week.isoformat()) == ("2026-05-04", "2026-06-22")


def test_reviewer_ties_an_advert_to_a_case_that_knows_its_contact(desk):
    seller = UserFactory(with_phone=True)
    case = open_case(found=FOUND, account_ids=[seller.pk], appointment_ids=[], now=clock())
    page = reverse("staff_post", args=[post_of(contact=seller.phone).pk])
    link = {"accion": "unir", "case": case.pk, "grade": 4, "reason": "Mismo teléfono."}
    assert desk.post(page, link).status_code == 422  # nobody has confirmed it
    desk.post(page, CONFIRM)
    assert desk.post(page, {**link, "case": case.pk + 1}).status_code == 422
    assert desk.post(page, link).status_code == 302
    assert "Mismo teléfono." in desk.get(page).text
    assert "Se le unió un anuncio" in desk.get(reverse("staff_case", args=[case.pk])).text


def test_staff_write_down_what_they_saw(desk):
    answer = desk.post(reverse("staff_post_new"), {"where": ADDRESS, "words": WORDS})
    notice = PostNotice.objects.get()
    assert (answer.status_code, notice.source, notice.told_by is not None) == (302, "staff", True)
    assert desk.post(reverse("staff_post_new"), {}).status_code == 422


def test_agent_writes_down_what_a_caller_tells_and_reads_the_number_out():
    agent = client_of(Role.PHONE_AGENT)
    assert reverse("staff_post_new") in agent.get(reverse("staff_console")).text
    page = agent.post(reverse("staff_post_new"), {"where": ADDRESS}, follow=True)
    assert page.redirect_chain == [(reverse("staff_post_new"), 302)]
    number = re.search(r"AV-\w{5}-\w{5}", page.text).group()
    assert came_of(number).state == "received"
    assert agent.get(reverse("staff_post", args=[Post.objects.get().pk])).status_code == 403


def test_list_asks_as_many_queries_for_one_as_for_three(desk):
    counts = []
    desk.get(reverse("staff_posts"))
    for number in range(3):
        post_of(where=f"x.com/a/status/{number}")
        with CaptureQueriesContext(connection) as asked:
            desk.get(reverse("staff_posts"))
        counts.append(len(asked))
    assert counts[0] == counts[2]


def test_web_server_lets_a_picture_through():
    """The body of both forms is larger than what the web server takes elsewhere."""
    config = (settings.BASE_DIR / "docker" / "nginx.conf").read_text()
    assert "location ~ ^/(avisar-anuncio|personal/anuncios/nuevo)/$" in config
    assert (reverse("advert_tell"), reverse("staff_post_new")) == ("/avisar-anuncio/", "/personal/anuncios/nuevo/")
