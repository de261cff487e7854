"""What must be true of the journal, each as one question put to the database.

PostgreSQL already refuses nearly all of it; these checks are the second pair of eyes, for books
that were restored, repaired by hand, or loaded from elsewhere. They know nothing of loans: whether
the control accounts agree with them is asked by those who know both.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Count, F, Max, Q, Sum

from ledger.domain.chart import CHART, CONTROL_ACCOUNTS, AccountCode, Side, account_spec
from ledger.domain.entries import mirrors
from ledger.models import Account, Entry, Transfer
from ledger.selectors import entry_draft

MAX_FAULTS = 20


@dataclass(frozen=True, slots=True)
class LedgerCheck:
    """A rule of the journal: its name, its sentence, and the search for what breaks it."""

    name: str
    rule: str
    find_faults: Callable[[], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The outcome of one check; at most `MAX_FAULTS` faults are named."""

    name: str
    rule: str
    faults: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Return whether the rule holds."""
        return not self.faults


def run_ledger_checks() -> tuple[CheckResult, ...]:
    """Return the outcome of every check of the journal."""
    return tuple(
        CheckResult(check.name, check.rule, check.find_faults()) for check in LEDGER_CHECKS
    )


def _trial_balance_is_not_zero() -> tuple[str, ...]:
    """Add up through the table of accounts: a side whose account is gone is not in the sum."""
    known = Account.objects.values("code")
    sides = Transfer.objects.aggregate(
        debits=Sum("amount_paise", filter=Q(debit_id__in=known)),
        credits=Sum("amount_paise", filter=Q(credit_id__in=known)),
    )
    difference = int(sides["debits"] or 0) - int(sides["credits"] or 0)
    return (f"debits exceed credits by {difference} paise",) if difference else ()


def _entries_without_their_transfers() -> tuple[str, ...]:
    entries = Entry.objects.annotate(
        lines=Count("transfers"), last_line=Max("transfers__line_number")
    ).exclude(lines=F("transfer_count"), last_line=F("transfer_count"))
    return tuple(
        f"{entry.reference} states {entry.transfer_count} transfers and has {entry.lines}"
        for entry in entries.order_by("id")[:MAX_FAULTS]
    )


def _entries_of_two_loans() -> tuple[str, ...]:
    entries = (
        Entry.objects.annotate(
            loans=Count("transfers__loan_id", distinct=True),
            lines=Count("transfers"),
            lines_of_loans=Count("transfers__loan_id"),
        )
        .filter(Q(loans__gt=1) | Q(loans=1, lines_of_loans__lt=F("lines")))
        .order_by("id")
    )
    return tuple(f"{entry.reference} concerns more than one loan" for entry in entries[:MAX_FAULTS])


def _reversals_that_do_not_mirror() -> tuple[str, ...]:
    faults: list[str] = []
    reversals = (
        Entry.objects.filter(reverses__isnull=False)
        .select_related("reverses", "reverses__reverses")
        .prefetch_related("transfers", "reverses__transfers")
        .order_by("id")
    )
    for reversal in reversals.iterator(chunk_size=1_000):
        original = reversal.reverses
        if original is None or not (reversal.transfers.all() and original.transfers.all()):
            continue
        if original.reverses_id is not None:
            faults.append(f"{reversal.reference} reverses a reversal")
        elif not mirrors(entry_draft(reversal), original=entry_draft(original)):
            faults.append(f"{reversal.reference} does not mirror {original.reference}")
        if len(faults) == MAX_FAULTS:
            break
    return tuple(faults)


def _accounts_that_differ_from_the_chart() -> tuple[str, ...]:
    booked = {
        (account.code, account.name, account.type, account.normal_side, account.is_control)
        for account in Account.objects.all()
    }
    chart = {
        (str(spec.code), spec.name, str(spec.type), str(spec.normal_side), spec.is_control)
        for spec in CHART
    }
    return tuple(f"account {line[0]} differs from the chart" for line in sorted(booked ^ chart))


def _control_accounts_on_the_wrong_side() -> tuple[str, ...]:
    faults: list[str] = []
    for code in CONTROL_ACCOUNTS:
        if (balance := _control_balance(code)) < 0:
            faults.append(f"account {code} stands at {balance} paise on its normal side")
    return tuple(faults)


def _control_balance(code: AccountCode) -> int:
    sums = Transfer.objects.aggregate(
        debits=Sum("amount_paise", filter=Q(debit=code)),
        credits=Sum("amount_paise", filter=Q(credit=code)),
    )
    surplus = int(sums["debits"] or 0) - int(sums["credits"] or 0)
    return surplus if account_spec(code).normal_side is Side.DEBIT else -surplus


LEDGER_CHECKS: tuple[LedgerCheck, ...] = (
    LedgerCheck(
        "trial_balance_is_zero",
        "All debits together equal all credits together.",
        _trial_balance_is_not_zero,
    ),
    LedgerCheck(
        "entries_have_their_transfers",
        "Every entry has exactly the transfers it states, at least one.",
        _entries_without_their_transfers,
    ),
    LedgerCheck(
        "entries_concern_one_loan",
        "All transfers of an entry concern the same loan, or none.",
        _entries_of_two_loans,
    ),
    LedgerCheck(
        "reversals_mirror_their_originals",
        "Every reversal undoes an original entry line by line.",
        _reversals_that_do_not_mirror,
    ),
    LedgerCheck(
        "accounts_follow_the_chart",
        "The table of accounts is the chart of accounts.",
        _accounts_that_differ_from_the_chart,
    ),
    LedgerCheck(
        "control_accounts_keep_their_side",
        "No receivable is owed by us, and no borrower's money by the borrower.",
        _control_accounts_on_the_wrong_side,
    ),
)
