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
    (SELECT coalesce(sum(principal_paise + capitalised_paise - principal_paid_paise), 0)
     FROM loan_loan WHERE written_off_on IS NULL),
    (SELECT coalesce(sum(d.interest_paise), 0)
     FROM loan_due d
     JOIN loan_loan l ON l.id = d.loan_id
     WHERE l.written_off_on IS NULL AND (l.schedule_version = 1 OR EXISTS (
         SELECT 1 FROM loan_instalment i
         WHERE (i.loan_id, i.version, i.number, i.revision)
             = (d.loan_id, l.schedule_version, d.number, d.revision))))
        - (SELECT coalesce(sum(interest_paid_paise), 0) FROM loan_loan
           WHERE written_off_on IS NULL),
    (SELECT coalesce(sum(c.amount_paise - c.paid_paise), 0)
     FROM loan_charge c JOIN loan_loan l ON l.id = c.loan_id
     WHERE c.cancelled_by_id IS NULL AND c.kind <> 'PENAL' AND l.written_off_on IS NULL),
    (SELECT coalesce(sum(c.amount_paise - c.paid_paise), 0)
     FROM loan_charge c JOIN loan_loan l ON l.id = c.loan_id
     WHERE c.cancelled_by_id IS NULL AND c.kind = 'PENAL' AND l.written_off_on IS NULL),
    (SELECT coalesce(sum(advance_paise), 0) FROM loan_loan),
    (SELECT coalesce(sum(excess_paise), 0) FROM loan_loan),
    (SELECT coalesce(sum(suspended_interest_paise + suspended_charges_paise
                         + suspended_penal_paise + suspended_fees_paise), 0)
     FROM loan_loan WHERE borrower_npa_since IS NOT NULL),
    (SELECT coalesce(sum(written_off_principal_paise + written_off_interest_paise
                         + written_off_charges_paise + written_off_other_paise
                         + written_off_penal_paise + written_off_fees_paise
                         - given_up_paise), 0)
     FROM loan_loan WHERE written_off_on IS NOT NULL)
        - (SELECT coalesce(sum(interest_paise + principal_paise + charge_paise), 0)
           FROM loan_allocation WHERE is_recovery),
    coalesce((SELECT provision_paise FROM loan_provision ORDER BY as_of DESC LIMIT 1), 0),
    coalesce((SELECT accrued_paise FROM loan_accrual ORDER BY as_of DESC LIMIT 1), 0)
"""

_CONTROL_ACCOUNTS = (
    AccountCode.LOAN_PRINCIPAL,
    AccountCode.INTEREST_RECEIVABLE,
    AccountCode.CHARGES_RECEIVABLE,
    AccountCode.PENAL_RECEIVABLE,
    AccountCode.BORROWER_ADVANCES,
    AccountCode.REFUNDABLE_EXCESS,
    AccountCode.INCOME_SUSPENSE,
    AccountCode.WRITTEN_OFF_CLAIMS,
    AccountCode.LOAN_PROVISIONS,
    AccountCode.INTEREST_ACCRUED,
)

# Rows that contradict each other, each with the sentence that says so.
_CONTRADICTIONS = (
    (
        "allocations of a payment",
        """
        WITH used AS (
            SELECT p.id, p.reference_id, p.amount_paise, taken_back.id IS NOT NULL AS is_reversed,
                   coalesce(r.interest_paise, p.interest_paise) AS interest,
                   coalesce(r.principal_paise, p.principal_paise) AS principal,
                   coalesce(r.charges_paise + r.penal_paise, p.charges_paise + p.penal_paise)
                       AS charges,
                   coalesce(r.advance_paise + r.excess_paise, p.advance_paise + p.excess_paise)
                       AS held
            FROM loan_payment p
            LEFT JOIN loan_event e ON e.payment_id = p.id
            LEFT JOIN loan_event taken_back ON taken_back.reverses_id = e.id
            LEFT JOIN LATERAL (SELECT * FROM loan_paymentrevision r WHERE r.payment_id = p.id
                               ORDER BY r.id DESC LIMIT 1) r ON true
        )
        SELECT 'payment ' || u.reference_id,
               'allocated '
               || coalesce(sum(a.interest_paise + a.principal_paise + a.charge_paise), 0)
               || ' paise and ' || u.held || ' held, of ' || u.amount_paise
               || CASE WHEN u.is_reversed THEN ' reversed' ELSE '' END
        FROM used u LEFT JOIN loan_allocation a ON a.payment_id = u.id
        GROUP BY u.id, u.reference_id, u.amount_paise, u.is_reversed, u.interest, u.principal,
                 u.charges, u.held
        HAVING coalesce(sum(a.interest_paise), 0) <> u.interest
            OR coalesce(sum(a.principal_paise), 0) <> u.principal
            OR coalesce(sum(a.charge_paise), 0) <> u.charges
            OR u.interest + u.principal + u.charges + u.held
               <> CASE WHEN u.is_reversed THEN 0 ELSE u.amount_paise END
        """,
    ),
    (
        "undone allocations",
        """
        SELECT 'allocation ' || u.id, 'is not the opposite of the one it undoes'
        FROM loan_allocation u JOIN loan_allocation a ON a.id = u.undoes_id
        WHERE a.undoes_id IS NOT NULL
           OR (a.loan_id, a.source, a.value_date, -a.interest_paise, -a.principal_paise,
               -a.charge_paise, -a.gst_paise)
              <> (u.loan_id, u.source, u.value_date, u.interest_paise, u.principal_paise,
                  u.charge_paise, u.gst_paise)
           OR (a.payment_id, a.instalment_number, a.charge_id, a.waiver_key)
              IS DISTINCT FROM (u.payment_id, u.instalment_number, u.charge_id, u.waiver_key)
        """,
    ),
    (
        "events",
        """
        SELECT 'payment ' || p.reference_id, 'is not the event that its loan has of it'
        FROM loan_payment p LEFT JOIN loan_event e ON e.payment_id = p.id
        WHERE (e.loan_id, e.value_date) IS DISTINCT FROM (p.loan_id, p.value_date)
        UNION ALL
        SELECT 'event ' || e.sequence || ' of loan ' || e.loan_id, 'an event before it is missing'
        FROM loan_event e
        WHERE e.sequence > 1 AND NOT EXISTS (
            SELECT 1 FROM loan_event b WHERE b.loan_id = e.loan_id AND b.sequence = e.sequence - 1)
        UNION ALL
        SELECT 'event ' || e.sequence || ' of loan ' || e.loan_id,
               'reverses what is not an earlier event of the loan, or a reversal'
        FROM loan_event e JOIN loan_event r ON r.id = e.reverses_id
        WHERE r.loan_id <> e.loan_id OR r.sequence >= e.sequence OR r.kind = 'REVERSAL'
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
            OR coalesce(sum(a.charge_paise) FILTER (WHERE a.source <> 'WAIVER'), 0)
               <> l.charges_paid_paise + l.penal_paid_paise
        """,
    ),
    (
        "allocations of a charge",
        """
        SELECT 'charge ' || c.key || ' of loan ' || c.loan_id,
               'allocations differ from what is paid or waived'
        FROM loan_charge c LEFT JOIN loan_allocation a ON a.charge_id = c.id
        GROUP BY c.id
        HAVING coalesce(sum(a.charge_paise), 0) <> c.paid_paise
        """,
    ),
    (
        "schedule",
        """
        SELECT 'loan ' || l.id, 'instalments do not add up to the principal'
        FROM loan_loan l
        LEFT JOIN loan_instalment i ON i.loan_id = l.id AND i.version = l.schedule_version
        GROUP BY l.id
        HAVING coalesce(sum(i.principal_paise), 0)
               <> l.principal_paise + CASE WHEN l.capitalises_on IS NULL
                                             OR l.status = 'CLOSED' AND l.capitalised_paise = 0
                                           THEN 0 ELSE l.moratorium_interest_paise END
                  + (SELECT coalesce(sum((h->>3)::bigint), 0) FROM loan_scheduleversion v
                     CROSS JOIN LATERAL jsonb_array_elements(v.holidays) h
                     WHERE v.loan_id = l.id AND v.version = l.schedule_version)
            OR count(i.number) <> coalesce(max(i.number), 0)
            OR l.schedule_version = 1 AND count(i.number)
               <> l.tenure_months * CASE l.frequency WHEN 'QUARTERLY' THEN 4
                                                     WHEN 'FORTNIGHTLY' THEN 26
                                                     WHEN 'WEEKLY' THEN 52 ELSE 12 END / 12
                  - l.interest_moratorium_periods
        """,
    ),
    (
        "dues",
        """
        SELECT 'due ' || d.number || ' of loan ' || d.loan_id, 'differs from its instalment'
        FROM loan_due d
        WHERE NOT EXISTS (
            SELECT 1 FROM loan_instalment i
            WHERE (i.loan_id, i.number, i.revision, i.version)
                = (d.loan_id, d.number, d.revision, d.revision)
              AND (i.due_date, i.principal_paise, i.interest_paise)
                = (d.due_date, d.principal_paise, d.interest_paise))
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
