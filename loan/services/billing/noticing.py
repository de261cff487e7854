"""What borrowers are told by mail as the calendar goes on, set by set.

Due dates that come near, that have come, and that have passed are told in the morning of the day,
by the calendar, whether the billing run was made or not. The keys of notices are unique, so a
morning may be run again.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from django.conf import settings

from loan.services.billing.announcing import LOAN_ID
from users.domain.notices import DAYS_AHEAD, OVERDUE_TOLD_WITHIN_DAYS
from users.services.notices import write_set

# Instalments of the schedule in force that nothing held in advance will meet.
_REMINDERS: Final = f"""
    SELECT l.borrower_id, %(kind)s AS kind, {LOAN_ID} AS loan_id,
           %(kind)s || '/' || l.id || '/' || i.due_date AS key,
           jsonb_build_object('instalment_number', i.number, 'due_date', i.due_date,
               'amount_paise', i.principal_paise + i.interest_paise - l.advance_paise
                   - CASE WHEN i.number = l.next_number
                          THEN l.next_principal_paid_paise + l.next_interest_paid_paise
                          ELSE 0 END) AS data
    FROM loan_instalment i
    JOIN loan_loan l ON l.id = i.loan_id AND l.schedule_version = i.version
    WHERE i.due_date = %(due_date)s AND l.status = 'ACTIVE' AND i.number >= l.next_number
      AND i.principal_paise + i.interest_paise - l.advance_paise
          - CASE WHEN i.number = l.next_number
                 THEN l.next_principal_paid_paise + l.next_interest_paid_paise ELSE 0 END > 0
"""  # noqa: S608 - made of the constants above

_OVERDUE: Final = f"""
    SELECT l.borrower_id, 'OVERDUE' AS kind, {LOAN_ID} AS loan_id,
           'OVERDUE/' || l.id || '/' || l.oldest_unpaid_due_date AS key,
           jsonb_build_object('instalment_number', i.number, 'due_date', i.due_date,
               'overdue_paise', i.principal_paise + i.interest_paise
                   - l.next_principal_paid_paise - l.next_interest_paid_paise) AS data
    FROM loan_loan l
    JOIN loan_instalment i
      ON i.loan_id = l.id AND i.version = l.schedule_version AND i.number = l.next_number
    WHERE l.status = 'ACTIVE' AND l.advance_paise = 0
      AND l.oldest_unpaid_due_date BETWEEN %(since)s AND %(until)s
"""  # noqa: S608 - made of the constants above

# Loans that money held in advance closed in a billing run.
_CLOSED: Final = f"""
    SELECT l.borrower_id, 'CLOSED' AS kind, {LOAN_ID} AS loan_id,
           'CLOSED/' || l.id || '/' || l.closed_on AS key,
           jsonb_build_object('closed_on', l.closed_on) AS data
    FROM loan_loan l
    WHERE l.id = ANY(%(met)s::bigint[]) AND l.status = 'CLOSED'
"""  # noqa: S608 - made of the constants above


def write_notices(today: date) -> dict[str, int]:
    """Write the notices of a morning; return how many of each kind are new."""
    written = {
        kind.lower(): write_set(_REMINDERS, {"kind": kind, "due_date": due_date})
        for kind, due_date in (("DUE_SOON", today + timedelta(days=DAYS_AHEAD)), ("DUE", today))
    }
    past: Mapping[str, Any] = {
        "since": today - timedelta(days=OVERDUE_TOLD_WITHIN_DAYS),
        "until": today - timedelta(days=1),
    }
    return written | {"overdue": write_set(_OVERDUE, past)}


def notice_closed(met: list[int]) -> None:
    """Write the notices of loans that a chunk closed, among those it met dues of from advance."""
    if met and settings.BORROWER_NOTICES:
        write_set(_CLOSED, {"met": met})
