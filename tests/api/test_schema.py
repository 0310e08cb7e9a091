import pytest
from django.conf import settings
from django.core.management import call_command
from drf_spectacular.validation import validate_schema

from mexitel.api.documents import committed, document

pytestmark = pytest.mark.contract
COMMITTED = settings.BASE_DIR / "docs" / "openapi.yaml"


def operations():
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_document_is_openapi_3_1():
    assert document()["openapi"].startswith("3.1")
    validate_schema(document())


def test_generator_has_nothing_to_complain_about(capsys):
    call_command("spectacular", "--fail-on-warn", "--file", "/dev/null")


def test_committed_document_is_the_one_that_is_served():
    """Run ``python3 manage.py openapi`` after changing an endpoint, and read the difference: who depends on it?"""
    assert COMMITTED.read_text("utf-8") == committed()


def test_every_operation_says_how_it_fails():
    for name, operation in operations():
        answers = operation["responses"]
        assert {"429", "503"} <= set(answers), name
        for status, answer in answers.items():
            if int(status) >= 400:
                assert set(answer["content"]) == {"application/problem+json"}, (name, status)


def test_every_body_has_an_example():
    for name, operation in operations():
        content = operation.get("requestBody", {}).get("content", {})
        if content:
            assert list(content) == ["application/json"], name
            assert content["application/json"].get("examples"), name


def test_keys_are_required_where_something_is_booked_moved_or_cancelled():
    keyed = {
        name
        for name, operation in operations()
        if any(one["name"] == "Idempotency-Key" and one["required"] for one in operation.get("parameters", []))
    }
    assert keyed == {
        "POST /api/v1/holds",
        "POST /api/v1/holds/{hold_id}/confirm",
        "POST /api/v1/appointments/cancel",
        "POST /api/v1/draw-applications/{application_id}/accept",
        "POST /api/v1/waiting-list/{entry_id}/accept",
    }


def test_schema_is_served_as_json_and_yaml(client, db):
    assert client.get("/api/schema/").json()["info"]["title"] == "Mexitel"
    as_yaml = client.get("/api/schema/", headers={"Accept": "application/yaml"})
    assert as_yaml["Content-Type"] == "application/yaml"
    assert client.get("/api/schema/", headers={"If-None-Match": client.get("/api/schema/")["ETag"]}).status_code == 304


def test_page_shows_every_operation_without_scripts_or_strangers(client, db):
    response = client.get("/api/docs/")
    assert response.status_code == 200
    html = response.content.decode()
    for name, operation in operations():
        assert f'id="{operation["operationId"]}"' in html, name
    main = html.partition("<main")[2].partition("</main>")[0]
    assert "<script" not in main
    assert "style=" not in main
    assert "https://" not in main.replace("https://citas.example.org", "")
