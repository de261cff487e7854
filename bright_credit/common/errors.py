"""What can be refused, as one tree. Codes are stable; words may change.

    DomainError                      the request is understood and refused
    ├── InvalidInput                 a value breaks a rule; carries the field     (HTTP 400)
    ├── NotAuthenticated             what should prove who calls does not         (HTTP 401)
    ├── NotPermitted                 the caller may not do this                   (HTTP 403)
    ├── NotFound                     no such thing, or not the caller's           (HTTP 404)
    ├── Conflict                     it collides with what is already recorded    (HTTP 409)
    ├── RuleViolated                 it is well formed but lending rules refuse   (HTTP 422)
    └── TooMany                      it was tried too often; carries the wait     (HTTP 429)

The tree knows nothing of HTTP; `common/api/codes.py` holds the table from class to status. Each
app's own errors are subclasses with their own code, next to the code that raises them.
"""

from collections.abc import Mapping
from typing import ClassVar


class DomainError(Exception):
    """A refusal with a stable `code`, a sentence for people, and the field at fault, if any."""

    code: ClassVar[str] = "refused"

    def __init__(
        self, message: str, *, field: str | None = None, extra: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.extra = dict(extra or {})


class InvalidInput(DomainError):
    """A value breaks a stated rule."""

    code = "invalid"


class NotAuthenticated(DomainError):
    """What should prove who calls is not valid."""

    code = "authentication_failed"


class NotPermitted(DomainError):
    """The caller is known and may not do this."""

    code = "permission_denied"


class NotFound(DomainError):
    """There is no such thing, or it is not the caller's: the two look the same."""

    code = "not_found"


class Conflict(DomainError):
    """The request collides with what is already recorded."""

    code = "conflict"


class RuleViolated(DomainError):
    """The request is well formed, and a lending rule refuses it."""

    code = "rule_violated"


class TooMany(DomainError):
    """It was tried too often. Wait as long as the header `Retry-After` says."""

    code = "tried_too_often"

    def __init__(self, message: str, *, retry_after_seconds: int) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds
