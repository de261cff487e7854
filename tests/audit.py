"""The audit that `verify_books` makes, for tests to end with."""

from datetime import date

from ledger.selectors import trial_balance
from loan.selectors.books.chain import chain_findings
from loan.selectors.books.control_accounts import (
    contradiction_findings,
    control_accounts,
    control_findings,
)
from loan.selectors.books.findings import Finding
from loan.selectors.books.folds import fold_findings


def findings() -> list[Finding]:
    """Return every difference in the books."""
    accounts = control_accounts(trial_balance(as_of=date.max))
    return [
        *control_findings(accounts),
        *contradiction_findings(),
        *fold_findings(lambda done, total: None),
        *chain_findings(),
    ]


def assert_books_verify() -> None:
    """Fail with every difference, if there is one."""
    assert findings() == []
