"""Every stable code an answer can carry, with its status and meaning: one table, and its page.

Codes of the HTTP layer and of single fields are listed here. The codes of the lending rules are
declared where they are raised: each subclass of `DomainError` brings its own, its status follows
from its place in the tree, and its docstring is its entry. So no central list has to know the apps.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

from django.apps import apps
from django.conf import settings

from bright_credit.common.errors import (
    Conflict,
    DomainError,
    InvalidInput,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    RuleViolated,
    TooMany,
)

#: Where the page of codes is served; a problem's `type` is this address and the code as fragment.
CODES_PATH = "/api/docs/errors"

#: What a 401 asks for, in the header `WWW-Authenticate`.
BEARER_CHALLENGE = 'Bearer realm="BrightLend"'

DOMAIN_STATUS: tuple[tuple[type[DomainError], int], ...] = (
    (InvalidInput, 400),
    (NotAuthenticated, 401),
    (NotPermitted, 403),
    (NotFound, 404),
    (Conflict, 409),
    (RuleViolated, 422),
    (TooMany, 429),
    (DomainError, 422),
)


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """One stable code: the HTTP status it comes with, a title that never changes, its meaning."""

    code: str
    status: int
    title: str
    meaning: str


@dataclass(frozen=True, slots=True)
class FieldCode:
    """One stable code of a single field, as found in `errors[].code`."""

    code: str
    meaning: str


HTTP_CODES: tuple[ErrorCode, ...] = (
    ErrorCode("malformed_json", 400, "Malformed JSON", "The body is not JSON; the place is named."),
    ErrorCode("not_utf8", 400, "Body is not UTF-8", "JSON is sent in UTF-8, without exception."),
    ErrorCode("not_an_object", 400, "Body is not an object", "The body must be a JSON object."),
    ErrorCode("duplicate_key", 400, "Duplicate key", "A key is given twice in one object."),
    ErrorCode(
        "nesting_too_deep",
        400,
        "Nesting too deep",
        "Objects and lists are nested beyond 20 levels.",
    ),
    ErrorCode(
        "number_too_long",
        400,
        "Number too long",
        "A whole number has more than 16 digits, or another number more than 40 characters.",
    ),
    ErrorCode("number_not_finite", 400, "Number not finite", "NaN and Infinity are not numbers."),
    ErrorCode("nul_character", 400, "NUL in a text", "A text contains the character NUL."),
    ErrorCode("lone_surrogate", 400, "Lone surrogate", "A text has half of a surrogate pair."),
    ErrorCode("body_unreadable", 400, "Body incomplete", "The body broke off while it was read."),
    ErrorCode("bad_request", 400, "Bad request", "The request breaks a rule of HTTP itself."),
    ErrorCode(
        "idempotency_key_malformed",
        400,
        "Idempotency key malformed",
        "`Idempotency-Key` must be 1 to 255 printable ASCII characters, as a quoted string; "
        "without the quotes it has no space, comma or semicolon. Nothing was done.",
    ),
    ErrorCode("not_authenticated", 401, "Sign in first", "The call needs a signed-in caller."),
    ErrorCode(
        "csrf_failed",
        403,
        "CSRF check failed",
        "A call with a session cookie lacks its CSRF token.",
    ),
    ErrorCode("method_not_allowed", 405, "Method not allowed", "See the header `Allow`."),
    ErrorCode(
        "not_acceptable",
        406,
        "Not acceptable",
        "Answers are `application/json`, and documents `application/pdf` too.",
    ),
    ErrorCode(
        "idempotency_key_in_flight",
        409,
        "Request in progress",
        "A request with this idempotency key is being worked on. Ask again after `Retry-After`.",
    ),
    ErrorCode("body_too_large", 413, "Body too large", "The body is above the limit (1 MiB)."),
    ErrorCode(
        "unsupported_media_type",
        415,
        "Unsupported media type",
        "Bodies are `application/json` in UTF-8, uncompressed.",
    ),
    ErrorCode("uri_too_long", 414, "Address too long", "The address is above the limit (4 KiB)."),
    ErrorCode(
        "headers_too_large",
        431,
        "Headers too large",
        "A header is above the limit (8 KiB), or there are more than 100.",
    ),
    ErrorCode(
        "idempotency_key_reused",
        422,
        "Idempotency key reused",
        "This idempotency key stands for another request: another route, query or body. Nothing "
        "was done. A new request takes a new key.",
    ),
    ErrorCode(
        "throttled", 429, "Too many requests", "Wait as long as the header `Retry-After` says."
    ),
    ErrorCode("internal_error", 500, "Internal error", "Our fault. The cause is in our log."),
    ErrorCode(
        "try_again",
        503,
        "Try again",
        "Someone else held the same record too long. Nothing was changed; send the request again.",
    ),
    ErrorCode(
        "took_too_long",
        503,
        "Took too long",
        "The database needed longer than a request may take. Nothing was changed.",
    ),
    ErrorCode(
        "unavailable",
        503,
        "Unavailable",
        "The database cannot be reached. Send the same request again after `Retry-After`, a POST "
        "with the same `Idempotency-Key`: it may have been done, and is not done twice.",
    ),
)

FIELD_CODES: tuple[FieldCode, ...] = (
    FieldCode("required", "The field is missing."),
    FieldCode("null", "The field must not be null."),
    FieldCode("blank", "The text must not be empty."),
    FieldCode("unknown_field", "No such field is taken here."),
    FieldCode("repeated_parameter", "The query parameter is given more than once."),
    FieldCode("invalid", "The value breaks the rule that the detail states."),
    FieldCode("not_a_string", "The value must be a JSON string."),
    FieldCode("not_a_number", "The value must be a JSON number."),
    FieldCode("not_an_integer", "The value must be a whole JSON number."),
    FieldCode("not_a_boolean", "The value must be true or false."),
    FieldCode("not_an_object", "The value must be a JSON object."),
    FieldCode("not_a_list", "The value must be a JSON list."),
    FieldCode("invalid_amount", "The value must be rupees with at most two decimals."),
    FieldCode("invalid_percentage", "The value must be a percentage with at most two decimals."),
    FieldCode("invalid_date", "The value must be a date written YYYY-MM-DD that the calendar has."),
    FieldCode("invalid_instant", "The value must be an instant with its zone."),
    FieldCode("date_out_of_range", "The date is outside the range that the detail states."),
    FieldCode("invalid_choice", "The value is none of those that the detail lists."),
    FieldCode("invalid_characters", "The text has characters that are not allowed."),
    FieldCode("invalid_cursor", "The cursor is none that a page of this list has given."),
    FieldCode("min_value", "The number is below its minimum."),
    FieldCode("max_value", "The number is above its maximum."),
    FieldCode("min_length", "The text or list is too short."),
    FieldCode("max_length", "The text or list is too long."),
    FieldCode("empty", "The list must not be empty."),
)

_HTTP_BY_CODE = {entry.code: entry for entry in HTTP_CODES}


def domain_code(error: type[DomainError]) -> ErrorCode:
    """Return the entry of a class of refusals: code, status by ancestry, words by docstring."""
    meaning = " ".join((error.__doc__ or "").split())
    title = meaning.split(". ")[0].rstrip(".")
    status = next(status for base, status in DOMAIN_STATUS if issubclass(error, base))
    return ErrorCode(error.code, status, title, meaning)


def http_code(code: str) -> ErrorCode:
    """Return the entry of a code of the HTTP layer, or of a branch of the tree of refusals."""
    return _HTTP_BY_CODE.get(code) or _BRANCHES[code]


def known_code(code: str, *, status: int) -> ErrorCode:
    """Return the entry of a code; for one that no table holds, the general one of its status."""
    if code in _HTTP_BY_CODE or code in _BRANCHES:
        return http_code(code)
    return http_code(_GENERAL.get(status, "bad_request" if status < 500 else "internal_error"))


_BRANCHES = {base.code: domain_code(base) for base, _ in DOMAIN_STATUS}
_GENERAL = {
    400: "bad_request",
    401: "not_authenticated",
    403: "permission_denied",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    409: "conflict",
    413: "body_too_large",
    415: "unsupported_media_type",
    429: "throttled",
    503: "try_again",
}


def declared_errors(root: type[DomainError] = DomainError) -> Iterator[type[DomainError]]:
    """Yield every class of refusals that is loaded and names a code of its own."""
    if "code" in vars(root):
        yield root
    for child in root.__subclasses__():
        yield from declared_errors(child)


@cache
def load_declared_errors() -> None:
    """Import every module of the project's own apps: only a class that is loaded declares."""
    own = [config for config in apps.get_app_configs() if _is_own(Path(config.path))]
    for config in own:
        for module in walk_packages([config.path], f"{config.name}."):
            if ".migrations" not in module.name:
                import_module(module.name)


def _is_own(path: Path) -> bool:
    """Return whether an app is the project's; of its own package, only `common` declares codes."""
    return path.parent == settings.BASE_DIR and path.name != __name__.partition(".")[0]


def all_codes() -> tuple[ErrorCode, ...]:
    """Return the table of codes that a problem's `code` can have, by status and code."""
    load_declared_errors()
    domain = {error: domain_code(error) for error in declared_errors() if error is not DomainError}
    return tuple(
        sorted({*HTTP_CODES, *domain.values()}, key=lambda entry: (entry.status, entry.code))
    )


def render_codes() -> str:
    """Return the page of codes in Markdown, as kept in `docs/errors.md`."""
    lines = [
        "# Error codes",
        "",
        "Every refusal is an RFC 9457 problem (`application/problem+json`). `code` is stable and",
        "meant for programs; `title` says the same in words, `detail` what happened this time, and",
        "`errors` names the fields at fault.",
        "",
        "This page is written by `python manage.py render_error_codes`.",
        "",
        "| code | status | meaning |",
        "| --- | --- | --- |",
    ]
    lines += [f"| `{entry.code}` | {entry.status} | {entry.meaning} |" for entry in all_codes()]
    lines += ["", "## Codes of single fields", "", "| code | meaning |", "| --- | --- |"]
    lines += [f"| `{entry.code}` | {entry.meaning} |" for entry in FIELD_CODES]
    return "\n".join(lines) + "\n"
