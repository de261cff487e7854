"""What partners are told of a billing run, set by set, in the transaction of the chunk.

Only loans whose partner has an endpoint that asked are looked at; a book that nobody listens to
costs one short question a chunk.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from users.domain.webhooks import EventType
from users.services.outbox import listening_partners, tell_set

#: Public ids as `Loan.public_id` and `borrower_public_id` write them.
LOAN_ID: Final = """
    'LN-' || to_char(l.disbursed_on, 'YYYY') || '-'
    || lpad(l.id::text, greatest(4, length(l.id::text)), '0')
"""
_IDS: Final = f"""
    'loan_id', {LOAN_ID},
    'user_id', 'BC-USER-' || lpad(b.id::text, greatest(3, length(b.id::text)), '0')
"""

# What this transaction billed: its bills bear the instant at which it began.
_DUES: Final = f"""
    SELECT row_number() OVER (ORDER BY d.loan_id, d.number) AS place,
           l.borrower_id, 'instalment.due' AS type,
           'instalment.due/' || d.loan_id || '/' || d.number || '/' || d.revision AS key,
           jsonb_build_object({_IDS},
               'instalment_number', d.number, 'due_date', d.due_date,
               'amount_paise', d.principal_paise + d.interest_paise,
               'principal_paise', d.principal_paise, 'interest_paise', d.interest_paise) AS data
    FROM loan_due d
    JOIN loan_loan l ON l.id = d.loan_id
    JOIN users_borrower b ON b.id = l.borrower_id
    WHERE d.loan_id BETWEEN %(low)s AND %(high)s AND d.billed_at = now()
      AND (d.due_date = %(day)s OR %(day)s::date IS NULL OR d.loan_id = ANY(%(apart)s::bigint[]))
      AND b.partner_id = ANY(%(partners)s)
"""  # noqa: S608 - made of the constants above

# A due of the day is overdue when the day's end finds it the oldest that is unpaid. Loans that the
# core brought here over a gap may have become overdue in it.
_OVERDUE: Final = f"""
    SELECT row_number() OVER (ORDER BY l.id) AS place,
           l.borrower_id, 'loan.overdue' AS type,
           'loan.overdue/' || l.id || '/' || l.oldest_unpaid_due_date AS key,
           jsonb_build_object({_IDS},
               'instalment_number', i.number, 'due_date', i.due_date,
               'overdue_paise', i.principal_paise + i.interest_paise
                   - l.next_principal_paid_paise - l.next_interest_paid_paise) AS data
    FROM loan_loan l
    JOIN users_borrower b ON b.id = l.borrower_id
    JOIN loan_instalment i
      ON i.loan_id = l.id AND i.version = l.schedule_version AND i.number = l.next_number
    WHERE l.status = 'ACTIVE' AND l.id BETWEEN %(low)s AND %(high)s
      AND (l.oldest_unpaid_due_date = %(day)s
           OR l.oldest_unpaid_due_date < %(day)s AND l.id = ANY(%(apart)s::bigint[]))
      AND l.id <> ALL(%(quarantined)s::bigint[])
      AND b.partner_id = ANY(%(partners)s)
"""  # noqa: S608 - made of the constants above

# Of the loans that were active when they were locked, those that are closed now.
_CLOSED: Final = f"""
    SELECT row_number() OVER (ORDER BY l.id) AS place,
           l.borrower_id, 'loan.closed' AS type,
           'loan.closed/' || l.id || '/' || %(day)s::date AS key,
           jsonb_build_object({_IDS}, 'closed_on', l.closed_on) AS data
    FROM loan_loan l
    JOIN users_borrower b ON b.id = l.borrower_id
    WHERE l.id = ANY(%(met)s::bigint[]) AND l.status = 'CLOSED'
      AND b.partner_id = ANY(%(partners)s)
"""  # noqa: S608 - made of the constants above


def tell_of_day(
    day: date, *, low: int, high: int, met: list[int], apart: list[int], quarantined: list[int]
) -> None:
    """Tell what a day brought to a range of loans: bills, who is overdue, who is done.

    `met` are the loans that money held in advance was applied to, or that the core brought to the
    day's end; `apart` the latter alone; `quarantined` those that were left alone.
    """
    partners = listening_partners(
        (EventType.INSTALMENT_DUE, EventType.LOAN_OVERDUE, EventType.LOAN_CLOSED)
    )
    if not partners:
        return
    values: Mapping[str, Any] = {
        "day": day,
        "low": low,
        "high": high,
        "met": met,
        "apart": apart,
        "quarantined": quarantined,
        "partners": partners,
    }
    for told in (_DUES, _OVERDUE, _CLOSED):
        tell_set(told, values)


def tell_of_dues(low: int, high: int) -> None:
    """Tell of whatever bills this transaction wrote for a range of loans, of whichever day."""
    partners = listening_partners((EventType.INSTALMENT_DUE,))
    if partners:
        tell_set(_DUES, {"day": None, "low": low, "high": high, "apart": [], "partners": partners})
