"""The pages of reviewers and of those who are blocked, and that nothing shows before sign-in."""

import re

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from antifraud.models import Appeal, Block, BlockState
from antifraud.services.blocks import confirm_block
from consulates.models import Role
from mexitel.accounts.models import User
from mexitel.api.tokens import open_token
from tests.accounts.conftest import Sent
from tests.factories import appointments as make
from tests.factories.accounts import UserFactory, sign_in
from tests.factories.appointments import NOW, offered
from tests.factories.blocks import blocked, proposed, reviewer
from tests.factories.staff import staff_with

pytestmark = pytest.mark.django_db
NEW = {"kind": "mailbox", "name": "ana@gmail.com", "reason": "hoarded", "note": "Veinte cuentas, un buzón."}


@pytest.fixture
def sent():
    return Sent()


def client_of(role):
    return sign_in(Client(), staff_with(role))


@pytest.fixture
def desk():
    return client_of(Role.REVIEWER)


def ask(client, email):
    return client.post(reverse("sign_in"), {"email": email})


def plain(response, email):
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())
    return response.status_code, text.replace(email, "X")


@pytest.mark.parametrize("has_account", [True, False], ids=["account", "no-account"])
def test_before_sign_in_a_blocked_address_gets_the_same_bytes_and_the_same_queries(sent, has_account):
    names = ("blocked@venta.example", "free@correo.example")
    if has_account:
        for name in names:
            make.account(name)
    blocked("domain", "venta.example")
    ask(Client(), "warm@correo.example")
    told = []
    for email in names:
        client = Client()
        with CaptureQueriesContext(connection) as queries:
            asked = ask(client, email)
            page = client.get(asked.url)
            wrong = client.post(reverse("sign_in_code"), {"code": "000000"})
            again = client.post(reverse("sign_in_code"), {"again": "1"})
        assert not [
            query for query in queries if "antifraud_" in query["sql"] or "blocked" in query["sql"].split("'")[0]
        ]
        told.append((len(queries), [plain(one, email) for one in (asked, page, wrong, again)]))

    assert told[0] == told[1]


def test_blocked_person_signs_in_and_reads_why_until_when_and_how_to_appeal(client, sent):
    account = make.account("ana@venta.example")
    block = blocked("domain", "venta.example")
    ask(client, account.email)
    client.post(reverse("sign_in_code"), {"code": sent.code()})

    assert reverse("own_block") in client.get(reverse("my_appointments")).text
    page = client.get(reverse("own_block")).text
    assert "Con estos contactos se apartaron más lugares de los que puede tener una persona." in page
    assert str(block.ends_at.year) in page
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    assert (
        "More places were held with these contacts than one person may hold." in client.get(reverse("own_block")).text
    )

    sent_it = client.post(reverse("own_block"), {"words": "Es mi familia."})
    assert sent_it.url == reverse("own_block")
    assert Appeal.objects.get().words == "Es mi familia."
    assert '<textarea name="words"' not in client.get(reverse("own_block")).text


def test_nobody_else_sees_a_notice(client):
    blocked("domain", "venta.example")
    sign_in(client, make.account("ana@correo.example"))

    assert reverse("own_block") not in client.get(reverse("my_appointments")).text
    assert '<form method="post" novalidate' not in client.get(reverse("own_block")).text


def test_no_account_is_opened_for_a_blocked_contact_and_its_owner_can_appeal(client, sent):
    blocked("mailbox", "ana@gmail.com")
    ask(client, "a.na+9@gmail.com")
    refused = client.post(reverse("sign_in_code"), {"code": sent.code()})

    assert refused.url.startswith("/bloqueo/")
    assert not User.objects.filter(email__contains="+9").exists()
    assert client.post(refused.url, {"words": "Es mi correo de siempre."}).status_code == 302
    assert Appeal.objects.get().words == "Es mi correo de siempre."
    assert "espera respuesta" in client.get(refused.url).text.lower()


def test_forged_link_opens_nothing(client):
    assert client.get(reverse("block_by_link", args=["x:y:z"])).status_code == 404


def test_web_and_api_say_why_no_place_is_given(client):
    account, at = make.account("ana@venta.example"), make.slot()
    blocked("domain", "venta.example")
    sign_in(client, account)
    page = client.post(reverse("hold_create"), {"slots": f"{at.pk}:1", "procedure": offered(at).code})
    told = Client().post(
        "/api/v1/holds",
        {"procedure": offered(at).code, "slots": [{"slot": at.pk, "seats": 1}]},
        content_type="application/json",
        headers={"Authorization": f"Bearer {open_token(account=account, now=NOW).token}", "Idempotency-Key": "a" * 20},
    )

    assert (page.status_code, reverse("own_block") in page.text) == (409, True)
    assert (told.status_code, told.json()["code"]) == (409, "blocked")


def test_proposal_is_shown_with_whom_it_would_hit_before_it_is_kept(desk):
    for n in range(3):
        make.account(f"a.na+{n}@gmail.com")
    shown = desk.post(reverse("staff_block_new"), NEW)

    assert "3 cuentas lo tienen" in shown.text
    assert not Block.objects.exists()
    kept = desk.post(reverse("staff_block_new"), NEW | {"seguro": "1"})
    block = Block.objects.get()
    assert kept.url == reverse("staff_block", args=[block.pk])
    assert len(block.account_ids) == 3
    assert desk.get(kept.url).status_code == 200


@pytest.mark.parametrize(
    ("kind", "name"), [("domain", "gmail.com"), ("phone", "12"), ("account", "999999"), ("mailbox", "x")]
)
def test_what_cannot_be_blocked_is_refused_with_a_sentence(desk, kind, name):
    refused = desk.post(reverse("staff_block_new"), NEW | {"kind": kind, "name": name, "seguro": "1"})

    assert (refused.status_code, Block.objects.count()) == (422, 0)
    assert "govuk-error-summary" in refused.text


def test_batch_is_previewed_and_confirmed_with_one_key(desk):
    blocks = [proposed("mailbox", f"buzon{n}@gmail.com") for n in range(3)]
    domain = proposed("domain", "venta.example")
    chosen = {"bloqueo": [str(block.pk) for block in [*blocks, domain]]}
    shown = desk.post(reverse("staff_blocks_confirm"), chosen)

    assert shown.text.count("autofocus") == 1
    assert "venta.example" not in shown.text
    assert not Block.objects.filter(state=BlockState.CONFIRMED).exists()
    desk.post(reverse("staff_blocks_confirm"), chosen | {"seguro": "1"})
    assert Block.objects.filter(state=BlockState.CONFIRMED).count() == 3


def test_batch_goes_on_where_a_colleague_was_first(desk):
    first, second = (proposed("mailbox", f"buzon{n}@gmail.com") for n in range(2))
    confirm_block(block_id=first.pk, reviewer=reviewer(), now=NOW)
    desk.post(reverse("staff_blocks_confirm"), {"bloqueo": [str(first.pk), str(second.pk), "x"], "seguro": "1"})

    assert Block.objects.filter(state=BlockState.CONFIRMED).count() == 2


def test_domain_waits_for_a_senior_reviewer(desk):
    block = proposed("domain", "venta.example")
    url = reverse("staff_block", args=[block.pk])

    assert desk.post(url, {"accion": "confirmar"}).status_code == 403
    assert client_of(Role.SENIOR_REVIEWER).post(url, {"accion": "confirmar"}).status_code == 302
    assert Block.objects.get().state == BlockState.CONFIRMED


def test_reject_and_lift_need_a_reason(desk):
    waiting, standing = proposed("mailbox", "uno@gmail.com"), blocked("mailbox", "dos@gmail.com")
    for block, act, state in [(waiting, "rechazar", "rejected"), (standing, "levantar", "lifted")]:
        url = reverse("staff_block", args=[block.pk])
        assert desk.post(url, {"accion": act}).status_code == 422
        desk.post(url, {"accion": act, "why": "Es una familia."})
        block.refresh_from_db()
        assert (block.state, block.closed_why) == (state, "Es una familia.")


def test_list_filters_and_finds_by_contact_without_putting_it_in_the_address(desk):
    blocked("mailbox", "ana@gmail.com")
    proposed("domain", "venta.example")

    assert "an•••@gmail.com" not in desk.get(reverse("staff_blocks"), {"estado": "proposed"}).text
    found = desk.post(reverse("staff_blocks"), {"contact": "a.n.a@googlemail.com"}).text
    assert ("an•••@gmail.com" in found, "venta.example" in found) == (True, False)


def test_list_costs_the_same_for_one_and_for_three(desk):
    counts = []
    for n in range(3):
        proposed("mailbox", f"buzon{n}@gmail.com", by=reviewer())
        with CaptureQueriesContext(connection) as queries:
            desk.get(reverse("staff_blocks"))
        counts.append(len(queries))

    assert counts[1] == counts[2]


def test_appeal_is_answered_by_a_colleague_on_its_page(desk):
    account, author = UserFactory(), staff_with(Role.REVIEWER)
    blocked("account", str(account.pk), by=author)
    person = sign_in(Client(), account)
    person.post(reverse("own_block"), {"words": "Saco citas para mi mamá."})
    url = reverse("staff_appeal", args=[Appeal.objects.get().pk])
    answer = {"verdict": "overturn", "answer": "Lo revisamos. Fue un error."}

    assert "mi mamá" in desk.get(url).text
    assert sign_in(Client(), author).post(url, answer).status_code == 422
    assert url in desk.get(reverse("staff_appeals")).text
    assert desk.post(url, answer).status_code == 302
    assert "Fue un error" in person.get(reverse("own_block")).text
    assert Block.objects.get().state == BlockState.OVERTURNED
