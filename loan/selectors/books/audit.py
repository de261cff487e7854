"""The whole audit of the books, as `verify_books` and the tests make it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction

from bright_credit.common.audit_trail.chain import chain_faults
from ledger.checks import run_ledger_checks
from ledger.selectors import TrialBalance, trial_balance
from loan.selectors.books.accruals import accrual_findings
from loan.selectors.books.chain import chain_findings
from loan.selectors.books.classes import class_findings
from loan.selectors.books.control_accounts import (
    ControlAccount,
    contradiction_findings,
    control_accounts,
    control_findings,
)
from loan.selectors.books.findings import Finding
from loan.selectors.books.folds import fold_findings
from loan.selectors.quarantine import Quarantined, quarantined_loans


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """The trial balance, the control accounts beside the loans, and every difference found.

    Loans in quarantine are no difference: they are behind, and said to be.
    """

    balance: TrialBalance
    accounts: tuple[ControlAccount, ...]
    findings: tuple[Finding, ...]
    quarantined: tuple[Quarantined, ...]


def no_progress(done: int, total: int) -> None:
    """Report to nobody."""


def audit(progress: Callable[[int, int], None] = no_progress) -> Audit:
    """Check the journal, the subledger against it, every loan's fold, the seals and the trail."""
    with _one_snapshot():
        balance = trial_balance(as_of=date.max)
        accounts = control_accounts(balance)
        apart = quarantined_loans()
        return Audit(
            balance=balance,
            accounts=accounts,
            findings=tuple(_findings(accounts, progress, apart=apart)),
            quarantined=apart,
        )


@contextmanager
def _one_snapshot() -> Iterator[None]:
    """Let every check see the books as of one instant, whatever is posted meanwhile.

    Inside a transaction that has begun already its own isolation stays.
    """
    begun = connection.in_atomic_block
    with transaction.atomic():
        if not begun:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _findings(
    accounts: tuple[ControlAccount, ...],
    progress: Callable[[int, int], None],
    *,
    apart: tuple[Quarantined, ...],
) -> Iterator[Finding]:
    for check in run_ledger_checks():
        for fault in check.faults:
            yield Finding(check="journal", subject=check.name, detail=fault)
    yield from control_findings(accounts)
    yield from contradiction_findings()
    yield from fold_findings(progress, apart={held.loan_key for held in apart})
    yield from class_findings(apart={held.loan_key for held in apart})
    yield from accrual_findings()
    yield from chain_findings()
    for subject, detail in chain_faults():
        yield Finding(check="audit trail", subject=subject, detail=detail)
