"""What every problem must look like, asked once."""

from typing import Any

MEMBERS = {"type", "title", "status", "code", "detail", "instance"}


def problem_of(response: Any, *, status: int, code: str | None = None) -> dict[str, Any]:
    """Return the problem in an answer, having checked its shape."""
    assert response.status_code == status, response.content[:500]
    assert response.headers["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body.keys() >= MEMBERS
    assert body["status"] == status
    assert body["type"] == f"/api/docs/errors#{body['code']}"
    assert body["instance"] == response.wsgi_request.path
    assert all(body[name] for name in MEMBERS)
    if code is not None:
        assert body["code"] == code
    for error in body.get("errors", []):
        assert error.keys() == {"field", "code", "detail"}
    return body


def faults(body: dict[str, Any]) -> list[tuple[str | None, str]]:
    """Return field and code of each error of a problem."""
    return [(error["field"], error["code"]) for error in body["errors"]]
