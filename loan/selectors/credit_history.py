"""What a score needs to know of a borrower's loans, for many borrowers in two statements."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import connection

from bright_credit.common.business_day import add_months
from credit.domain.history import NO_HISTORY, CreditHistory
from loan.domain.frequency import Frequency

_WINDOW_MONTHS = 24
_RECENT_MONTHS = 6
_ENQUIRY_DAYS = 90

# The lateness of a due is counted to the day it was paid in full, or to today while it is not. A
# due counts while any of its lateness lies within the window.
_DUES = """
WITH settled AS (
    SELECT a.loan_id, a.instalment_number AS number, max(a.value_date) AS settled_on
    FROM loan_allocation a
    JOIN loan_loan l ON l.id = a.loan_id
    WHERE l.borrower_id = ANY(%(borrowers)s) AND a.instalment_number IS NOT NULL
      AND a.undoes_id IS NULL
      AND NOT EXISTS (SELECT 1 FROM loan_allocation u WHERE u.undoes_id = a.id)
    GROUP BY a.loan_id, a.instalment_number
)
SELECT l.borrower_id,
       count(*),
       coalesce(max(ended.on_date - d.due_date) FILTER (WHERE ended.on_date >= %(window_from)s), 0)
FROM loan_due d
JOIN loan_loan l ON l.id = d.loan_id
JOIN loan_instalment i ON i.loan_id = d.loan_id AND i.version = l.schedule_version
                      AND i.number = d.number AND i.revision = d.revision
LEFT JOIN settled s ON s.loan_id = d.loan_id AND s.number = d.number
CROSS JOIN LATERAL (
    SELECT greatest(d.due_date,
        CASE WHEN d.number < l.next_number THEN s.settled_on ELSE %(as_of)s END) AS on_date
) ended
WHERE l.borrower_id = ANY(%(borrowers)s) AND d.due_date <= %(as_of)s
GROUP BY l.borrower_id
"""

_LOANS = """
SELECT b.id,
       coalesce(bool_or(l.npa_since IS NOT NULL OR l.borrower_npa_since IS NOT NULL
                        OR l.written_off_on IS NOT NULL), false),
       coalesce(array_agg(l.instalment_paise) FILTER (WHERE l.status = 'ACTIVE'), '{}'),
       coalesce(array_agg(l.frequency::text) FILTER (WHERE l.status = 'ACTIVE'), '{}'),
       min(l.disbursed_on),
       count(l.id) FILTER (WHERE l.disbursed_on > %(recent_from)s),
       (SELECT CASE WHEN count(*) = 0 THEN NULL
                    ELSE count(*) FILTER (WHERE a.submitted_on > %(enquiries_from)s) END
        FROM loan_loanapplication a WHERE a.borrower_id = b.id)
FROM users_borrower b
LEFT JOIN loan_loan l ON l.borrower_id = b.id
WHERE b.id = ANY(%(borrowers)s)
GROUP BY b.id
"""


def credit_histories(borrower_ids: Collection[int], *, as_of: date) -> dict[int, CreditHistory]:
    """Return each borrower's history with this lender on a date, by borrower key.

    Enquiries are the borrower's own applications of the last 90 days; a borrower who never applied
    has no enquiry data, which scores differently from none in 90 days.
    """
    parameters: dict[str, Any] = {
        "borrowers": list(borrower_ids),
        "as_of": as_of,
        "window_from": add_months(as_of, -_WINDOW_MONTHS),
        "recent_from": add_months(as_of, -_RECENT_MONTHS),
        "enquiries_from": date.fromordinal(as_of.toordinal() - _ENQUIRY_DAYS),
    }
    with connection.cursor() as cursor:
        cursor.execute(_DUES, parameters)
        dues = {borrower: (count, worst) for borrower, count, worst in cursor.fetchall()}
        cursor.execute(_LOANS, parameters)
        rows = cursor.fetchall()
    histories = dict.fromkeys(borrower_ids, NO_HISTORY)
    for borrower, npa, instalments, frequencies, opened_on, recent, enquiries in rows:
        count, worst = dues.get(borrower, (0, 0))
        histories[borrower] = CreditHistory(
            worst_days_past_due_24m=worst,
            npa_or_written_off=npa,
            dues_observed=count,
            monthly_obligations_paise=sum(
                Frequency(frequency).a_month(paise)
                for paise, frequency in zip(instalments, frequencies, strict=True)
            ),
            instalment_amounts_paise=tuple(
                paise
                for paise, frequency in zip(instalments, frequencies, strict=True)
                for _ in range(Frequency(frequency).most_in_a_month)
            ),
            oldest_line_opened_on=opened_on,
            accounts_opened_6m=recent,
            enquiries_90d=enquiries,
        )
    return histories
