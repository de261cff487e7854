"""The subledger against the general ledger: what loans owe, and what the control accounts say."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from ledger.domain.chart import AccountCode
from ledger.selectors import TrialBalance
from loan.selectors.books.findings import Finding

# One statement over each subledger. Amounts in paise.
_SUBLEDGER = """
SELECT
    (SELECT coalesce(sum(principal_paise - principal_paid_paise), 0) FROM loan_loan),
    (SELECT coalesce(sum(interest_paise), 0) FROM loan_due)
        - (SELECT coalesce(sum(interest_paid_paise), 0) FROM loan_loan),
    (SELECT coalesce(sum(amount_paise - paid_paise), 0) FROM loan_charge WHERE kind <> 'PENAL'),
    (SELECT coalesce(sum(amount_paise - paid_paise), 0) FROM loan_charge WHERE kind = 'PENAL'),
    (SELECT coalesce(sum(advance_paise), 0) FROM loan_loan),
    (SELECT coalesce(sum(excess_paise), 0) FROM loan_loan)
"""

_CONTROL_ACCOUNTS = (
    AccountCode.LOAN_PRINCIPAL,
    AccountCode.INTEREST_RECEIVABLE,
    AccountCode.CHARGES_RECEIVABLE,
    AccountCode.PENAL_RECEIVABLE,
    AccountCode.BORROWER_ADVANCES,
    AccountCode.REFUNDABLE_EXCESS,
)

# Rows that contradict each other, each with the sentence that says so.
_CONTRADICTIONS = (
    (
        "allocations of a payment",
        """
        SELECT 'payment ' || p.reference_id,
               'allocated '
               || coalesce(sum(a.interest_paise + a.principal_paise + a.charge_paise), 0)
               || ' paise, receipt says ' || (p.amount_paise - p.advance_paise - p.excess_paise)
        FROM loan_payment p LEFT JOIN loan_allocation a ON a.payment_id = p.id
        GROUP BY p.id
        HAVING coalesce(sum(a.interest_paise + a.principal_paise + a.charge_paise), 0)
               <> p.amount_paise - p.advance_paise - p.excess_paise
        """,
    ),
    (
        "allocations of a loan",
        """
        SELECT 'loan ' || l.id, 'allocations differ from what the loan says is paid'
        FROM loan_loan l LEFT JOIN loan_allocation a ON a.loan_id = l.id
        GROUP BY l.id
        HAVING coalesce(sum(a.principal_paise), 0) <> l.principal_paid_paise
            OR coalesce(sum(a.interest_paise), 0) <> l.interest_paid_paise
            OR coalesce(sum(a.charge_paise), 0) <> l.charges_paid_paise + l.penal_paid_paise
        """,
    ),
    (
        "allocations of a charge",
        """
        SELECT 'charge ' || c.key || ' of loan ' || c.loan_id,
               'allocations differ from what is paid'
        FROM loan_charge c LEFT JOIN loan_allocation a ON a.charge_id = c.id
        GROUP BY c.id
        HAVING coalesce(sum(a.charge_paise), 0) <> c.paid_paise
        """,
    ),
    (
        "schedule",
        """
        SELECT 'loan ' || l.id, 'instalments do not add up to the principal'
        FROM loan_loan l LEFT JOIN loan_instalment i ON i.loan_id = l.id
        GROUP BY l.id
        HAVING coalesce(sum(i.principal_paise), 0) <> l.principal_paise
            OR count(i.number) <> l.tenure_months
        """,
    ),
    (
        "dues",
        """
        SELECT 'due ' || d.number || ' of loan ' || d.loan_id, 'differs from its instalment'
        FROM loan_due d
        LEFT JOIN loan_instalment i ON i.loan_id = d.loan_id AND i.number = d.number
        WHERE (i.due_date, i.principal_paise, i.interest_paise)
              IS DISTINCT FROM (d.due_date, d.principal_paise, d.interest_paise)
        """,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlAccount:
    """A control account beside its subledger, in paise."""

    code: AccountCode
    ledger_paise: int
    subledger_paise: int


def control_accounts(balance: TrialBalance) -> tuple[ControlAccount, ...]:
    """Return each control account's balance beside the sum over the loans."""
    with connection.cursor() as cursor:
        cursor.execute(_SUBLEDGER)
        sums = cursor.fetchone()
    return tuple(
        ControlAccount(
            code=code, ledger_paise=balance.balance_paise(code), subledger_paise=int(total)
        )
        for code, total in zip(_CONTROL_ACCOUNTS, sums, strict=True)
    )


def control_findings(accounts: tuple[ControlAccount, ...]) -> Iterator[Finding]:
    """Yield the control accounts that differ from their subledger."""
    for account in accounts:
        if account.ledger_paise != account.subledger_paise:
            yield Finding(
                check="control account",
                subject=f"{account.code} {account.code.name}",
                detail=f"ledger {account.ledger_paise} paise, loans {account.subledger_paise}",
            )


def contradiction_findings() -> Iterator[Finding]:
    """Yield rows of the subledger that contradict each other."""
    for check, statement in _CONTRADICTIONS:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            for subject, detail in cursor.fetchall():
                yield Finding(check=check, subject=subject, detail=detail)
