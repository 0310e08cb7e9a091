from datetime import timedelta

from mexitel.accounts.models import CodeRequest, User
from mexitel.api.models import IDLE, ApiToken
from mexitel.api.tokens import find_token
from mexitel.utils.time import now as clock
from tests.api.conftest import Api


def ask(anybody, email: str):
    return anybody.post("/sign-in-codes", {"email": email}, key="")


def sent_code(asked) -> str:
    return CodeRequest.objects.get(pk=asked.json()["request"]).code


def enter(anybody, asked, code: str):
    return anybody.post("/sessions", {"request": asked.json()["request"], "code": code}, key="")


def test_code_opens_a_session_that_signing_out_ends(anybody):
    asked = ask(anybody, "Nueva@Example.org")
    opened = enter(anybody, asked, sent_code(asked))
    assert opened.status_code == 201
    assert opened["Cache-Control"] == "no-store"
    mine = Api(opened.json()["token"])
    assert mine.get("/appointments").status_code == 200
    assert mine.delete("/sessions").status_code == 204
    assert mine.get("/appointments").json()["code"] == "token_invalid"
    assert User.objects.get().email == "nueva@example.org"


def test_phone_signs_in_somebody_without_email(anybody):
    asked = anybody.post("/sign-in-codes", {"phone": "(213) 555-0142"}, key="")
    assert enter(anybody, asked, sent_code(asked)).status_code == 201


def test_code_is_used_once(anybody):
    asked = ask(anybody, "rosa@example.org")
    code = sent_code(asked)
    enter(anybody, asked, code)
    assert enter(anybody, asked, code).json()["code"] == "code_expired"


def test_wrong_code_counts_tries(anybody):
    asked = ask(anybody, "rosa@example.org")
    wrong = f"{(int(sent_code(asked)) + 1) % 10**6:06}"
    first = enter(anybody, asked, wrong).json()
    assert (first["status"], first["code"], first["attempts_left"]) == (403, "code_wrong", 4)
    for _try in range(4):
        last = enter(anybody, asked, wrong)
    assert last.json()["code"] == "code_expired"
    assert enter(anybody, asked, sent_code(asked)).json()["code"] == "code_expired"


def test_answer_tells_nothing_about_the_address(anybody):
    User.objects.create_user("conocida@example.org")
    User.objects.create_user("personal@example.org", is_staff=True)
    answers = [ask(anybody, f"{who}@example.org") for who in ("conocida", "nadie", "personal")]
    ids = [answer.json().pop("request") for answer in answers]
    shown = {answer.content.replace(pk.encode(), b"") for answer, pk in zip(answers, ids, strict=True)}
    assert len(shown) == 1
    assert {answer.status_code for answer in answers} == {202}
    headers = [{k: v for k, v in one.items() if k != "RateLimit"} for one in answers]
    assert headers[0] == headers[1] == headers[2]


def test_staff_get_no_token(anybody):
    User.objects.create_user("personal@example.org", is_staff=True)
    asked = ask(anybody, "personal@example.org")
    assert sent_code(asked) == ""
    assert enter(anybody, asked, "000000").status_code == 403
    assert not ApiToken.objects.exists()


def test_token_ends_when_nobody_uses_it(api):
    ApiToken.objects.update(seen_at=clock() - IDLE)
    assert api.get("/appointments").status_code == 401


def test_token_ends_after_twelve_hours(api):
    ApiToken.objects.update(expires_at=clock())
    assert api.get("/appointments").status_code == 401


def test_token_is_kept_as_a_hash_only(api):
    [row] = ApiToken.objects.values()
    assert api.token not in str(row)
    assert find_token(api.token, now=clock()).account == api.account


def test_suspended_and_deleted_accounts_lose_their_tokens(api):
    User.objects.update(is_active=False)
    assert api.get("/appointments").status_code == 401
    User.objects.update(is_active=True, deleted_at=clock())
    assert api.get("/appointments").status_code == 401


def test_sign_of_life_is_noted_once_a_minute(api, django_assert_num_queries):
    with django_assert_num_queries(2):  # the token, the list; no write
        api.get("/applicants")
    early = clock() - timedelta(minutes=2)
    ApiToken.objects.update(seen_at=early)
    api.get("/applicants")
    assert ApiToken.objects.get().seen_at > early


def test_cookie_of_the_pages_opens_nothing_here(client, db):
    client.force_login(User.objects.create_user("rosa@example.org"))
    assert client.get("/api/v1/appointments").status_code == 401
