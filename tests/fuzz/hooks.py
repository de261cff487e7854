"""What Schemathesis is told of this API: the checks that its own cannot make.

Its check that well-formed requests are accepted knows statuses only, and a 400 can have a reason
that no JSON schema can state: an amount the product does not lend, a wrong check digit. So that
check is replaced by one that looks at the reason.
"""

from typing import Any

import schemathesis

#: Reasons that the description states, so a request that follows it must never be refused for them.
STATED = frozenset(
    {
        "required",
        "null",
        "unknown_field",
        "not_a_string",
        "not_a_number",
        "not_a_boolean",
        "not_an_object",
        "not_a_list",
        "invalid_choice",
        "min_value",
        "max_value",
        "max_length",
        "malformed_json",
        "not_utf8",
        "idempotency_key_malformed",
        "method_not_allowed",
        "not_acceptable",
        "unsupported_media_type",
        "body_too_large",
    }
)


@schemathesis.check
def what_is_described_is_taken(ctx: Any, response: Any, case: Any) -> None:
    """Fail when a request made by the description is refused for what the description allows."""
    if not _has_problem(response, case) or not case.meta.generation.mode.is_positive:
        return
    problem = response.json()
    reasons = {problem["code"], *(error["code"] for error in problem.get("errors", ()))}
    assert not reasons & STATED, f"refused for {', '.join(sorted(reasons & STATED))}"


@schemathesis.check
def every_refusal_is_a_problem(ctx: Any, response: Any, case: Any) -> None:
    """Fail when a refusal is not an RFC 9457 problem that says the status it came with."""
    if not _has_problem(response, case):
        return
    assert response.headers["content-type"] == ["application/problem+json"]
    problem = response.json()
    assert problem["status"] == response.status_code
    assert problem["code"] in problem["type"]


@schemathesis.check
def every_answer_is_safe_for_browsers(ctx: Any, response: Any, case: Any) -> None:
    """Fail when an answer lacks its id, may be cached, or may be sniffed or framed."""
    headers = response.headers
    assert headers["x-request-id"]
    assert headers["cache-control"] == ["no-store"]
    assert headers["x-content-type-options"] == ["nosniff"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"][0]


def _has_problem(response: Any, case: Any) -> bool:
    return bool(response.status_code >= 400 and case.method.upper() != "HEAD")
