"""Billing the dues of a day for a range of loans, in one set-based statement."""

from datetime import date

from django.db import connection, transaction

from ledger.domain.entries import EntryDraft
from ledger.services import post_entries
from loan.domain.posting_rules import interest_billed_transfers
from loan.services.business_day import hold_open_date

# Loans that hold an advance are left to the core, which bills them and meets the due in one step.
# A due that a payment has billed already is left alone: the key decides, not a look beforehand.
_BILL = """
WITH billed AS (
    INSERT INTO loan_due (loan_id, number, due_date, principal_paise, interest_paise, billed_at)
    SELECT i.loan_id, i.number, i.due_date, i.principal_paise, i.interest_paise, now()
    FROM loan_instalment i
    JOIN loan_loan l ON l.id = i.loan_id
    WHERE i.due_date = %(day)s AND i.loan_id BETWEEN %(low)s AND %(high)s
      AND l.status = 'ACTIVE' AND l.advance_paise = 0
    ORDER BY i.loan_id
    ON CONFLICT DO NOTHING
    RETURNING loan_id, interest_paise
)
SELECT l.product_id, min(l.id), count(*), sum(b.interest_paise)::bigint
FROM billed b JOIN loan_loan l ON l.id = b.loan_id
GROUP BY l.product_id ORDER BY l.product_id
"""


@transaction.atomic
def bill_range(day: date, *, low: int, high: int) -> int:
    """Bill what falls due on `day` for loans `low` to `high`; return how many dues were written.

    The interest goes to the books as one entry a product, with the dues as its proof. The entry is
    named after the first loan it bills: a due is billed once, so no two entries share the name. A
    day that another run has closed meanwhile is left alone.
    """
    if hold_open_date(as_of=day) > day:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_BILL, {"day": day, "low": low, "high": high})
        rows = cursor.fetchall()
    post_entries(
        [
            EntryDraft(
                value_date=day,
                kind="INTEREST_DUE",
                reference=f"DUES/{day}/{product}/{first_loan}",
                transfers=interest_billed_transfers(interest),
                narrative=f"{count} dues of {product}",
            )
            for product, first_loan, count, interest in rows
            if interest > 0
        ]
    )
    return sum(count for _, _, count, _ in rows)
