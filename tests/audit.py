"""The audit that `verify_books` makes, for tests to end with."""

from loan.selectors.books.audit import audit
from loan.selectors.books.findings import Finding


def findings() -> list[Finding]:
    """Return every difference in the books."""
    return list(audit().findings)


def assert_books_verify() -> None:
    """Fail with every difference, if there is one."""
    assert findings() == []
