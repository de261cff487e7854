"""The whole audit of the books, as `verify_books` and the tests make it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from bright_credit.common.audit_trail.chain import chain_faults
from bright_credit.common.postgresql.snapshot import Readers, one_snapshot, usable_cores
from ledger.checks import run_ledger_checks
from ledger.selectors import TrialBalance, trial_balance
from loan.models import Loan
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

#: Fewer loans are folded sooner than another process has started.
LOANS_A_PROCESS = 5_000


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


def fitting_processes() -> int:
    """Return by how many processes the book is audited soonest here: at most one a core."""
    return max(1, min(usable_cores(), Loan.objects.count() // LOANS_A_PROCESS))


def audit(
    progress: Callable[[int, int], None] = no_progress, *, processes: int | None = 1
) -> Audit:
    """Check the journal, the subledger against it, every loan's fold, the seals and the trail.

    All of it as of one instant, whatever is posted meanwhile. Loans are folded by that many
    `processes`; by as many as fit where it is None.
    """
    with one_snapshot(processes=processes or fitting_processes()) as readers:
        balance = trial_balance(as_of=date.max)
        accounts = control_accounts(balance)
        apart = quarantined_loans()
        return Audit(
            balance=balance,
            accounts=accounts,
            findings=tuple(_findings(readers, accounts, progress, apart=apart)),
            quarantined=apart,
        )


def _findings(
    readers: Readers,
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
    yield from fold_findings(readers, progress, apart={held.loan_key for held in apart})
    yield from class_findings(readers, apart={held.loan_key for held in apart})
    yield from accrual_findings()
    yield from chain_findings()
    for subject, detail in chain_faults():
        yield Finding(check="audit trail", subject=subject, detail=detail)
