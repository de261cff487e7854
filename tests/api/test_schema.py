"""The OpenAPI description: whole, with the problems of every operation; its pages work offline."""

import re
from contextlib import closing
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

_ANSWERING_A_SECRET = r"/api/v1/auth/|/api/v1/webhooks/endpoints(?:$|/.*rotate-secret$)"
ELSEWHERE = re.compile(r"""(?:src|href|url)\s*[=(]\s*["']?(?:https?:)?//""", re.IGNORECASE)


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    """Return the description as it is served."""
    response = Client().get("/api/schema", HTTP_ACCEPT="application/json")
    assert response.status_code == 200
    described: dict[str, Any] = response.json()
    return described


def operations(schema: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    ]


def test_every_operation_says_how_it_refuses(schema: dict[str, Any]) -> None:
    assert len(operations(schema)) >= 7
    for path, method, operation in operations(schema):
        expected = {"400", "401", "403", "404", "405", "406", "429", "500", "503"}
        if method in {"post", "put", "patch"}:
            expected |= {"409", "413", "415", "422"}
        assert operation["responses"].keys() >= expected, (path, method)
        for status in expected:
            (media_type,) = operation["responses"][status]["content"]
            assert media_type == "application/problem+json"


def test_every_operation_has_an_id_of_its_own_and_says_who_may_call(
    schema: dict[str, Any],
) -> None:
    ids = [operation["operationId"] for _, _, operation in operations(schema)]
    assert len(ids) == len(set(ids))
    unsaid = {
        path for path, _, operation in operations(schema) if not any(operation.get("security", []))
    }
    assert unsaid == {
        "/api/v1/auth/codes",
        "/api/v1/auth/tokens",
        "/api/v1/auth/tokens/refresh",
    }


def test_every_answer_is_described_with_its_headers(schema: dict[str, Any]) -> None:
    for path, method, operation in operations(schema):
        for status, response in operation["responses"].items():
            headers = response["headers"].keys()
            assert headers >= {"X-Request-ID", "RateLimit", "RateLimit-Policy"}, (path, status)
            assert ("Retry-After" in headers) == (status in {"429", "503"})
            assert ("ETag" in headers) == (method == "get" and status in {"200", "304"})
            # Those that answer with a secret, which is kept nowhere, take no key.
            keyed = method == "post" and not re.match(_ANSWERING_A_SECRET, path)
            assert ("Idempotent-Replayed" in headers) == (keyed and status[0] == "2")


def test_a_sandbox_says_that_anybody_on_its_machine_may_call_and_the_kept_description_does_not(
    schema: dict[str, Any],
) -> None:
    kept = SchemaGenerator(api_version="v1").get_schema(public=True)
    assert all({} in operation["security"] for _, _, operation in operations(schema))
    assert all({} not in operation.get("security", []) for _, _, operation in operations(kept))


def test_a_list_is_described_as_the_page_it_is(schema: dict[str, Any]) -> None:
    page = schema["components"]["schemas"]["LoanPage"]
    assert set(page["required"]) == {"results", "next", "previous"}
    parameters = schema["paths"]["/api/v1/loans"]["get"]["parameters"]
    limits = {each["name"]: each["schema"] for each in parameters}["limit"]
    assert (limits["minimum"], limits["maximum"], limits["default"]) == (1, 100, 20)


def test_the_description_bears_the_date_of_the_newest_change(schema: dict[str, Any]) -> None:
    text = (settings.BASE_DIR / "docs" / "api-changelog.md").read_text(encoding="utf-8")
    dates = re.findall(r"^## ([0-9]{4}-[0-9]{2}-[0-9]{2})$", text, re.MULTILINE)
    assert dates == sorted(set(dates), reverse=True)
    assert schema["info"]["version"] == f"{dates[0]} (v1)"


def test_a_problem_is_described_with_its_errors(schema: dict[str, Any]) -> None:
    problem = schema["components"]["schemas"]["Problem"]
    assert problem["properties"]["errors"]["items"] == {
        "$ref": "#/components/schemas/ProblemFieldError"
    }
    assert "errors" not in problem["required"]
    assert {"type", "title", "status", "code", "detail", "instance"} == set(problem["required"])


def test_a_request_is_described_with_its_bounds_and_nothing_else_allowed(
    schema: dict[str, Any],
) -> None:
    operation = schema["paths"]["/api/v1/loans/payments"]["post"]
    reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    request = schema["components"]["schemas"][reference.rpartition("/")[2]]
    assert request["additionalProperties"] is False
    assert request["properties"]["amount"] == {
        "type": "number",
        "multipleOf": 0.01,
        "exclusiveMinimum": 0,
        "maximum": 10_000_000_000_000,
    }
    assert request["properties"]["reference_id"]["maxLength"] > 0


def test_every_reference_leads_somewhere(schema: dict[str, Any]) -> None:
    references: set[tuple[str, ...]] = set()

    def collect(node: Any) -> None:
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                references.add(tuple(node["$ref"].removeprefix("#/components/").split("/")))
            for inner in node.values():
                collect(inner)
        elif isinstance(node, list):
            for inner in node:
                collect(inner)

    collect(schema)
    assert {kind for kind, _ in references} == {"schemas", "headers"}
    for kind, name in references:
        assert name in schema["components"][kind]


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/api/docs", "/api/redoc", "/api/docs/errors"])
def test_the_pages_need_nothing_but_this_machine(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 200
    page = response.content.decode()
    assert not ELSEWHERE.search(page)
    for asset in re.findall(r'(?:src|href)="(/static/[^"]+)"', page):
        with closing(client.get(asset)) as served:
            assert served.status_code == 200, asset
