"""The register of adverts: addresses, phrases, pictures, and what may become of a post."""

import csv
import io
import json
import zlib
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from PIL import Image, PngImagePlugin

from antifraud.adverts import exporting, figures, phrases, pictures, receipts, rules, triage
from antifraud.adverts.addresses import normalised, platform_of
from antifraud.adverts.errors import ChangedMeanwhile, InOtherHands, MovedOn, NoGround, NoSuchCase, NoSuchStep
from antifraud.adverts.likeness import alike
from antifraud.adverts.personal_data import forget, own_data
from antifraud.adverts.resealing import reseal
from antifraud.adverts.shown import came_of
from antifraud.adverts.telling import Told, tell
from antifraud.models import (
    CaseEvent,
    NoticeSource,
    Platform,
    Post,
    PostCapture,
    PostEvent,
    PostNotice,
    PostState,
)
from antifraud.models.adverts import IN_HAND, TRANSITIONS
from antifraud.services.cases import open_case
from mexitel.utils.crypto import open_bytes
from mexitel.utils.retention import apply
from mexitel.utils.time import now as clock
from tests.factories.accounts import UserFactory
from tests.factories.cases import FOUND

NOW = datetime(2026, 11, 24, 18, tzinfo=UTC)  # a Tuesday
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
WORDS = "Vendo citas para el consulado, 80 dólares por persona. Info por WhatsApp."
ADDRESS = "https://www.facebook.com/groups/ejemplo/posts/1"
S = PostState


def post_of(*, now=NOW, where=ADDRESS, words=WORDS, **more):
    return tell(told=Told(where=where, words=words, **more), source=NoticeSource.PAGE, now=now)[1].post


def moved(post, *states, by, now=NOW):
    """The post after these steps, each a decision or a file."""
    was = S(Post.objects.get(pk=post.pk).state)
    for became in states:
        if became == S.REPORTED:
            exporting.make(platform=Platform(post.platform), by=by, now=now)
        else:
            triage.decide(post_id=post.pk, was=was, became=became, reason="-", by=by, now=now, ground="sells")
        was = became
    return Post.objects.get(pk=post.pk)


@pytest.fixture
def by(db):
    return UserFactory(staff=True, second_factor=False)


# Addresses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("https://m.facebook.com/groups/1/posts/2/?mibextid=Nif5oz&fbclid=x#comments", "facebook.com/groups/1/posts/2"),
        ("facebook.com/groups/1/posts/2", "facebook.com/groups/1/posts/2"),
        ("https://FB.com/Groups/1", "facebook.com/Groups/1"),
        ("https://www.facebook.com/story.php?story_fbid=7&id=9", "facebook.com/story.php?id=9&story_fbid=7"),
        ("https://www.facebook.com/story.php?id=9&story_fbid=7&ref=share", "facebook.com/story.php?id=9&story_fbid=7"),
        ("https://twitter.com/a/status/1?s=20&t=zz", "x.com/a/status/1"),
        ("https://youtu.be/AbC?si=1", "youtube.com/watch?v=AbC"),
        ("https://www.google.com/search?q=citas+consulado&ei=1&ved=2", "google.com/search?q=citas+consulado"),
        ("http://citas-rápidas.example:8080/a%20b", "xn--citas-rpidas-ibb.example:8080/a%20b"),
        ("https://t.me/s/citas", "t.me/s/citas"),
    ],
)
def test_one_post_has_one_address(typed, kept):
    assert normalised(typed) == kept


@pytest.mark.parametrize(
    "typed",
    ["", "en la esquina de la oficina", "ventas@citas.example", "ftp://a.example/x", "javascript:alert(1)", "https://",
     "https://u:p@a.example/", "https://a.example:99999999/", "http://[::1", "a\nb.example", "https://" + "a" * 3000,
     "localhost", "323 555 0171"],
)  # fmt: skip
def test_words_are_no_address(typed):
    assert normalised(typed) is None


def test_posts_that_differ_stay_apart():
    """The control: what tells posts apart is not stripped with what tells who shared them."""
    told = ["x.com/a/status/1", "x.com/a/status/2", "youtube.com/watch?v=a", "youtube.com/watch?v=A", "t.me/a?s=1"]
    assert len({normalised(one) for one in told}) == len(told)


def test_platform_is_of_the_host_and_not_of_a_likeness():
    assert platform_of("facebook.com/x") == Platform.FACEBOOK
    assert platform_of("maps.google.com/x") == Platform.GOOGLE
    assert platform_of("notfacebook.com/x") == Platform.WEB
    assert platform_of("facebook.com.venta.example/x") == Platform.WEB


# Phrases ----------------------------------------------------------------------------------------------------------


def found(text):
    return phrases.matches(text, phrases.seed()[0])


def test_offers_weigh_more_than_warnings_in_both_languages():
    offers = [WORDS, "¡¡VENDÓ   CITAS!!", "Le consigo su cita rápido", "Guaranteed appointments, deposit required",
              "Selling consulate appointments"]  # fmt: skip
    warnings = ["Las citas son gratis. No paguen a quien vende citas.", "Appointments are free, do not pay."]
    assert [one for one in offers if phrases.points_of(found(one)) < 6] == []
    assert [one for one in warnings if phrases.points_of(found(one)) > 0] == []


def test_every_point_has_the_words_that_gave_it():
    assert found("TE CONSIGO tu próxima cita") == [("te consigo ... cita*", 7, "te consigo tu proxima cita")]
    assert found("te consigo lo que quieras en tu siguiente cita") == []  # more than three words between


def test_seed_can_be_edited_as_lines_and_read_back():
    seed, note = phrases.seed()
    assert note
    assert phrases.from_lines(phrases.as_lines(seed)) == seed
    assert {one.language for one in seed} == {"es", "en"}
    assert all(one.note for one in seed)


@pytest.mark.parametrize(
    ("lines", "code", "line"),
    [("", "none", 0), ("vendo cita", "shape", 1), ("5 | es | vendo\n0 | es | cita", "points", 2),
     ("11 | es | vendo", "points", 1), ("5 | fr | vendo", "language", 1), ("5 | es | ... cita", "words", 1),
     ("5 | es | a*", "words", 1), ("5 | es | vendo\n\n3 | es | VENDO", "twice", 3),
     ("5 | es | .* (a+)+$", "words", 1), ("\n".join(f"1 | es | frase{n}" for n in range(301)), "many", 301)],
)  # fmt: skip
def test_bad_line_is_named(lines, code, line):
    with pytest.raises(phrases.BadPhrase) as bad:
        phrases.from_lines(lines)
    assert (bad.value.code, bad.value.line) == (code, line)


def test_publishing_weighs_what_nobody_has_read_and_nothing_else(by):
    unread, read = post_of(), moved(post_of(where="x.com/a/status/1"), S.CONFIRMED, by=by)
    first = rules.in_force()

    made = rules.publish(after=first.number, phrases=[phrases.Phrase("vendo", "es", 2, "")], note="-", by=by, now=NOW)

    posts = {one.pk: (one.points, one.rules) for one in Post.objects.all()}
    assert posts[unread.pk] == (2, made.number)
    assert posts[read.pk] == (read.points, first.number)
    with pytest.raises(ChangedMeanwhile):
        rules.publish(after=first.number, phrases=[phrases.Phrase("cita", "es", 1, "")], note="-", by=by, now=NOW)


# Pictures ---------------------------------------------------------------------------------------------------------


def picture_bytes(kind, size=(40, 30), **options):
    made = io.BytesIO()
    Image.new("RGB", size, "white").save(made, kind, **options)
    return made.getvalue()


def test_picture_loses_all_but_its_pixels():
    exif = Image.Exif()
    exif[0x010E] = "tomada en casa de Rosa"
    exif[0x0112] = 6  # lies on its side
    content = picture_bytes("JPEG", exif=exif, comment=b"tomada en casa de Rosa")
    assert b"Rosa" in content  # the control: it was there

    made = pictures.redrawn(content)

    with Image.open(io.BytesIO(made.content)) as image:
        assert (image.format, image.size, dict(image.getexif())) == ("JPEG", (30, 40), {})
    assert b"Rosa" not in made.content


def test_png_and_webp_are_taken_and_a_large_one_is_made_smaller():
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", "Rosa")
    made = pictures.redrawn(picture_bytes("PNG", (3200, 800), pnginfo=text))
    assert (made.wide, made.high, b"Rosa" in made.content) == (1600, 400, False)
    assert pictures.redrawn(picture_bytes("WEBP"))[1:] == (40, 30)


def bomb():
    """A PNG of a few hundred bytes that claims 900 million pixels."""
    chunk = lambda kind, data: (  # noqa: E731
        len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)
    )
    head = (30_000).to_bytes(4) * 2 + bytes([8, 2, 0, 0, 0])
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(90_001))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "empty"), (b"no es una imagen", "not_readable"), (b"<svg onload='x'/>", "not_readable"),
     (picture_bytes("GIF"), "not_readable"), (picture_bytes("PNG")[:60], "not_readable"),
     (b"%PDF-1.4", "not_readable"),
     (b"\xff\xd8\xff\xe0" + b"\0" * 50, "not_readable"), (bomb(), "too_many_pixels")],
    ids=["empty", "text", "svg", "gif", "cut", "pdf", "noise", "bomb"],
)  # fmt: skip
def test_what_is_no_picture_is_refused(content, code):
    with pytest.raises(pictures.BadPicture) as bad:
        pictures.redrawn(content)
    assert bad.value.code == code


def test_picture_is_sealed_where_it_lies_and_sealed_again_under_a_new_key(db, settings):
    made = pictures.redrawn(picture_bytes("PNG"))
    post_of(picture=made)
    kept = bytes(PostCapture.objects.get().content)
    assert made.content not in kept
    assert open_bytes(kept) == made.content

    settings.FIELD_KEYS = ["q" * 43 + "=", *settings.FIELD_KEYS]
    assert (reseal(), reseal()) == (1, 0)
    settings.FIELD_KEYS = settings.FIELD_KEYS[:1]
    assert open_bytes(bytes(PostCapture.objects.get().content)) == made.content


# Telling ----------------------------------------------------------------------------------------------------------


def test_one_address_is_one_post_however_it_is_passed_on(db):
    first = post_of(words="", now=NOW)
    again = post_of(where="facebook.com/groups/ejemplo/posts/1?fbclid=1", price=Decimal(80), now=NOW + DAY)

    post = Post.objects.get()
    assert first.pk == again.pk == post.pk
    assert (post.told, post.first_told_at, post.last_told_at) == (2, NOW, NOW + DAY)
    assert (post.words, post.price, post.points > 0) == (WORDS, 80, True)


def test_without_an_address_the_same_contact_and_words_meet_and_others_do_not(db):
    def in_a_chat(words, contact):
        return post_of(where="", words=words, contact=contact, platform=Platform.WHATSAPP)

    other = "Se rentan cuartos cerca del centro, amueblados, informes por la tarde con Lupita."
    first = in_a_chat(WORDS, "(323) 555-0171")
    assert in_a_chat(WORDS.replace("80", "95"), "323 555 0171").pk == first.pk
    assert in_a_chat(WORDS, "323 555 0172").pk != first.pk
    assert in_a_chat(other, "323 555 0171").pk != first.pk
    assert in_a_chat(WORDS, "").pk != first.pk


def test_similar_words_at_other_addresses_are_shown_and_not_joined(db):
    first = post_of()
    near = post_of(where="x.com/a/status/1", words=WORDS.replace("80", "120") + " ¡Llame!")
    post_of(where="x.com/a/status/2", words="Tamales y atole los domingos frente a la parroquia de San José.")
    assert [one.pk for one, _score in triage.similar(first)] == [near.pk]
    assert alike("corto", [(1, "corto")]) == []


def test_receipt_tells_what_became_of_it_and_only_its_own(db, by):
    number, notice = tell(told=Told(where=ADDRESS), source=NoticeSource.PAGE, now=NOW)
    spoken = number.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert came_of(spoken).state == S.RECEIVED
    moved(notice.post, S.CONFIRMED, S.REPORTED, S.REMOVED, by=by, now=NOW + 3 * DAY)
    came = came_of(number)
    assert (came.state, came.told_on, came.since) == (S.REMOVED, NOW.date(), (NOW + 3 * DAY).date())
    assert came_of(receipts.new()) is None
    assert came_of("AV-<script>") is None
    assert number.encode() not in bytes(PostNotice.objects.get().receipt_key)


# Steps ------------------------------------------------------------------------------------------------------------


def test_whole_way_is_events_with_their_authors(by):
    post = post_of()
    way = [S.CONFIRMED, S.REPORTED, S.REMOVED, S.REAPPEARED, S.REPORTED, S.KEPT, S.CONFIRMED]
    way += [S.REPORTED, S.DECLINED, S.REMOVED]
    assert moved(post, *way, by=by).state == S.REMOVED
    events = list(PostEvent.objects.order_by("pk").values_list("was", "became", "actor"))
    assert events == [(was, became, by.pk) for was, became in zip([S.RECEIVED, *way], way, strict=False)]


@pytest.mark.parametrize("was", list(S))
def test_database_takes_no_step_that_is_not_drawn(by, was):
    """With the service's own checks left out."""
    ways = {S.RECEIVED: [], S.REFUSED: [S.REFUSED], S.CONFIRMED: [S.CONFIRMED]}
    ways |= {one: [S.CONFIRMED, S.REPORTED, one] for one in (S.REMOVED, S.KEPT, S.DECLINED)}
    ways |= {S.REPORTED: [S.CONFIRMED, S.REPORTED], S.REAPPEARED: [*ways[S.REMOVED], S.REAPPEARED]}
    post = post_of()
    if was == S.JOINED:
        other = post_of(where="x.com/a/status/9")
        triage.decide(post_id=post.pk, was=S.RECEIVED, became=was, reason="-", by=by, now=NOW, joined_to=other.pk)
    else:
        assert moved(post, *ways[was], by=by).state == was
    for became in set(S) - TRANSITIONS[was]:
        with pytest.raises(IntegrityError, match=r"post_event_is_a_step|post_event_joins_to_one"), transaction.atomic():
            PostEvent.objects.create(post=post, at=NOW, was=was, became=became, actor=by, reason="-")
    assert Post.objects.get(pk=post.pk).state == was


def test_nothing_but_an_event_moves_a_post_and_an_event_stands(by):
    post = post_of()
    with pytest.raises(IntegrityError, match="moves by an event alone"), transaction.atomic():
        Post.objects.filter(pk=post.pk).update(state=S.REFUSED)
    with pytest.raises(IntegrityError, match="moves by an event alone"), transaction.atomic():
        Post.objects.filter(pk=post.pk).update(changed_at=NOW + DAY)
    with pytest.raises(IntegrityError, match="does not stand at"), transaction.atomic():
        PostEvent.objects.create(post=post, at=NOW, was=S.REPORTED, became=S.REMOVED, actor=by, reason="-")
    moved(post, S.REFUSED, by=by)
    for change in (PostEvent.objects.all().delete, lambda: PostEvent.objects.update(reason="otra")):
        with pytest.raises(Exception, match=r"written once|permission denied"), transaction.atomic():
            change()


def test_confirming_needs_a_ground_and_a_stale_page_changes_nothing(by):
    post = post_of()
    step = {"post_id": post.pk, "reason": "-", "by": by, "now": NOW}
    with pytest.raises(NoGround):
        triage.decide(was=S.RECEIVED, became=S.CONFIRMED, **step)
    with pytest.raises(NoSuchStep):
        triage.decide(was=S.CONFIRMED, became=S.REPORTED, **step)
    moved(post, S.REFUSED, by=by)
    with pytest.raises(MovedOn):
        triage.decide(was=S.RECEIVED, became=S.CONFIRMED, ground="sells", **step)
    assert Post.objects.get().state == S.REFUSED


def test_what_is_in_a_colleagues_hand_waits_until_its_time_is_over(by):
    post, colleague = post_of(), UserFactory(staff=True, second_factor=False)
    assert triage.take_next(by=colleague, now=NOW).pk == post.pk
    assert triage.take_next(by=by, now=NOW) is None
    step = {"post_id": post.pk, "was": S.RECEIVED, "became": S.REFUSED, "reason": "-", "by": by}
    with pytest.raises(InOtherHands):
        triage.decide(now=NOW, **step)
    triage.decide(now=NOW + IN_HAND, **step)
    assert Post.objects.get().taken_by is None


def test_most_likely_comes_first_and_what_is_told_again_comes_back(by):
    quiet = post_of(where="x.com/a/status/1", words="hola")
    loud = post_of(where="x.com/a/status/2")
    assert [one.pk for one in Post.objects.to_triage().by_urgency()] == [loud.pk, quiet.pk]
    moved(quiet, S.REFUSED, by=by)
    moved(loud, S.CONFIRMED, S.REPORTED, S.REMOVED, by=by)
    assert not Post.objects.to_triage().exists()
    for where in ("x.com/a/status/1", "x.com/a/status/2"):
        post_of(where=where, now=NOW + DAY)
    assert [one.pk for one in Post.objects.to_triage()] == [loud.pk]
    moved(loud, S.REMOVED, by=by, now=NOW + 2 * DAY)  # looked at, and still gone
    assert not Post.objects.to_triage().exists()


def test_joined_post_hands_on_its_notices_and_new_ones_find_the_one_that_stands(by):
    number, notice = tell(told=Told(where="x.com/a/status/1", words=WORDS), source=NoticeSource.PAGE, now=NOW)
    kept = moved(post_of(), S.CONFIRMED, by=by)
    triage.decide(
        post_id=notice.post_id, was=S.RECEIVED, became=S.JOINED, reason="-", by=by, now=NOW, joined_to=kept.pk
    )
    assert post_of(where="twitter.com/a/status/1").pk == kept.pk
    assert Post.objects.get(pk=kept.pk).told == 3
    assert came_of(number).state == S.CONFIRMED


# Export, cases, figures, time -------------------------------------------------------------------------------------


def test_file_has_what_a_platform_needs_and_nothing_of_who_told(by):
    told = Told(
        where=ADDRESS, words=WORDS + " Soy Rosa, mi hermana pagó.", reporter="rosa@correo.example", price=Decimal(80),
        contact="323 555 0171", seen_on=date(2026, 11, 20),
    )  # fmt: skip
    number, notice = tell(told=told, source=NoticeSource.PAGE, now=NOW)
    other = post_of(where="x.com/a/status/1")
    for post in (notice.post, other):
        triage.decide(
            post_id=post.pk, was=S.RECEIVED, became=S.CONFIRMED, reason="Lo vi.", by=by, now=NOW, ground="sells",
            excerpt='=HYPERLINK("x") ' + WORDS,
        )  # fmt: skip

    made = exporting.make(platform=Platform.FACEBOOK, by=by, now=NOW + DAY)

    [row] = csv.DictReader(io.StringIO(exporting.as_file(made, "csv").decode("utf-8-sig")))
    assert (row["url"], row["first_seen"], row["reason"]) == (
        ADDRESS,
        "2026-11-20",
        "sells a free consular appointment",
    )
    assert row["text"].startswith("'=HYPERLINK")
    told = json.loads(exporting.as_file(made, "json"))
    assert [one["url"] for one in told["posts"]] == [ADDRESS]
    letter = exporting.as_file(made, "txt").decode()
    assert letter.startswith("1 posts on Facebook")
    assert f"1. {ADDRESS}\n   sells a free consular appointment, asks for 80.00 US dollars; known" in letter
    files = "".join(exporting.as_file(made, kind).decode() for kind in exporting.FORMATS)
    assert [secret for secret in ("Rosa", "rosa@", "0171", number, by.email, "Lo vi.") if secret in files] == []
    assert [one.state for one in Post.objects.order_by("first_told_at", "pk")] == [S.REPORTED, S.CONFIRMED]
    assert exporting.waiting() == {Platform.TWITTER: 1}


def test_advert_goes_to_a_case_only_by_a_reviewer_and_only_where_its_contact_is_known(by):
    seller = UserFactory(with_phone=True)
    case = open_case(found=FOUND, account_ids=[seller.pk], appointment_ids=[], now=NOW)
    strange = open_case(found=FOUND, account_ids=[UserFactory(with_phone=True).pk], appointment_ids=[], now=NOW)
    post = post_of(contact=seller.phone)
    assert not CaseEvent.objects.filter(kind="advert_linked").exists()
    assert triage.cases_near(post, reader_id=by.pk) == [case]
    act = {"post_id": post.pk, "grade": 4, "reason": "Mismo teléfono.", "by": by, "now": NOW}
    with pytest.raises(NoSuchStep):  # nobody has confirmed the advert
        triage.link(case_id=case.pk, **act)
    moved(post, S.CONFIRMED, by=by)
    with pytest.raises(NoSuchCase):
        triage.link(case_id=strange.pk, **act)

    triage.link(case_id=case.pk, **act)

    event = CaseEvent.objects.get(kind="advert_linked")
    assert (event.case_id, event.actor, event.detail) == (case.pk, by, {"advert": str(post.pk), "grade": 4})
    case.refresh_from_db()
    assert (case.score, case.state) == (FOUND.score, "open")


def test_figures_count_by_the_week_of_the_first_notice(by):
    monday = date(2026, 11, 2)
    at = datetime(2026, 11, 2, tzinfo=UTC)
    gone = post_of(where="x.com/a/status/1", now=at)
    back = post_of(where="x.com/a/status/2", now=at)
    post_of(where="x.com/a/status/3", now=at + WEEK - timedelta(seconds=1))  # unread, on Sunday
    moved(post_of(where="x.com/a/status/4", now=at + DAY), S.REFUSED, by=by, now=at + DAY)
    moved(post_of(where="x.com/a/status/5", now=at + WEEK), S.CONFIRMED, by=by, now=at + WEEK)
    for post in (gone, back):
        moved(post, S.CONFIRMED, by=by, now=at + DAY)
    exporting.make(platform=Platform.TWITTER, by=by, now=at + 2 * DAY)
    moved(gone, S.REMOVED, by=by, now=at + 5 * DAY)
    moved(gone, S.REMOVED, by=by, now=at + 9 * DAY)  # looked at once more: it was gone since the first look
    moved(back, S.REMOVED, S.REAPPEARED, by=by, now=at + 6 * DAY)

    first, second = figures.weeks(first=monday, last=monday + WEEK)

    assert first == (monday, 4, 1, 2, 2, 1, 3.0)
    assert (first.share, second.confirmed, second.share) == (50, 1, 0)


def confirmed_in(number, at, *, by):
    """So many confirmed posts first told of at that moment, written as the service would."""
    told = {"platform": Platform.OTHER, "changed_at": at, "first_told_at": at, "last_told_at": at, "ground": "sells"}
    step = {"at": at, "was": S.RECEIVED, "became": S.CONFIRMED, "actor": by, "reason": "-"}
    posts = Post.objects.bulk_create(Post(pk=uuid4(), **told) for _ in range(number))
    PostEvent.objects.bulk_create(PostEvent(post=post, **step) for post in posts)


def test_change_is_against_stated_weeks_and_only_where_there_is_enough(by):
    for number, weeks in ((10, 10), (10, 9), (12, 2)):
        confirmed_in(number, NOW - weeks * WEEK, by=by)
    assert figures.compared(now=NOW) is None
    figures.choose_baseline(first=(NOW - 10 * WEEK).date(), last=(NOW - 9 * WEEK).date(), note="-", by=by, now=NOW)
    told = figures.compared(now=NOW)
    assert (told.base, told.since, told.change, told.first.weekday()) == (10.0, 3.0, -70, 0)
    read = figures.figures(now=NOW)
    assert figures.of_json(figures.as_json(read)) == read

    ten = (NOW - 10 * WEEK).date()
    figures.choose_baseline(first=ten, last=ten, note="-", by=by, now=NOW + DAY)
    assert figures.compared(now=NOW).change is None  # ten are too few
    figures.choose_baseline(first=ten, last=NOW.date(), note="-", by=by, now=NOW + 2 * DAY)
    assert (figures.compared(now=NOW).change, figures.compared(now=NOW).overlaps) == (None, True)


def test_time_takes_words_and_pictures_and_leaves_the_figures(by):
    made = pictures.redrawn(picture_bytes("PNG"))
    post = post_of(picture=made, contact="323 555 0171", reporter="rosa@correo.example", now=NOW)
    moved(post, S.CONFIRMED, S.REPORTED, S.REMOVED, by=by, now=NOW + DAY)
    before = figures.weeks(first=figures.monday(NOW.date()), last=figures.monday(NOW.date()))
    tables = {"antifraud_post", "antifraud_postnotice", "antifraud_postcapture", "antifraud_postexport"}

    apply(now=NOW + 91 * DAY, tables=tables)
    assert (PostNotice.objects.get().reporter, PostCapture.objects.count()) == ("", 1)
    apply(now=NOW + 181 * DAY, tables=tables)
    assert (PostNotice.objects.get().words, PostCapture.objects.count()) == (WORDS, 0)
    apply(now=NOW + 367 * DAY, tables=tables)

    kept, notice = Post.objects.get(), PostNotice.objects.get()
    assert [kept.words, kept.address, kept.contact, kept.excerpt, kept.matches] == ["", "", "", "", []]
    assert [kept.address_key, kept.contact_key, notice.words, notice.address, notice.reporter_key] == [
        None, None, "", "", None,
    ]  # fmt: skip
    assert figures.weeks(first=figures.monday(NOW.date()), last=figures.monday(NOW.date())) == before


def test_who_left_a_contact_finds_it_in_their_data_and_can_have_it_forgotten(db):
    user = UserFactory(email="rosa@correo.example")
    post_of(reporter="Rosa@correo.example")
    post_of(where="x.com/a/status/1", reporter="otra@correo.example")
    [told] = own_data(user)["notices_of_adverts"]
    assert (told["where"], told["own_contact"]) == (ADDRESS, "Rosa@correo.example")

    forget(user, clock())

    assert own_data(user)["notices_of_adverts"] == []
    assert sorted(one.reporter for one in PostNotice.objects.all()) == ["", "otra@correo.example"]
