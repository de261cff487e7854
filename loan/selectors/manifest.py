"""What a day brought, counted from the rows themselves, so that a resumed run counts right.

No statement reads the whole book: each finds its rows, or their number, in an index.
"""

import json
from datetime import date
from typing import TypeAlias

from django.db import connection

from loan.models import BillingRun, QuarantinedLoan

Manifest: TypeAlias = dict[str, dict[str, int | dict[str, int]]]

# What the run billed. Amounts in paise. Nothing is added to it once every chunk is done.
_BILLED = """
SELECT jsonb_build_object(
    'dues', (SELECT jsonb_build_object('count', count(*),
                'principal_paise', coalesce(sum(principal_paise), 0),
                'interest_paise', coalesce(sum(interest_paise), 0))
             FROM loan_due WHERE due_date = %(day)s),
    'advances_applied', (SELECT jsonb_build_object('count', count(*),
                'amount_paise', coalesce(sum(principal_paise + interest_paise), 0))
             FROM loan_allocation a
             WHERE value_date = %(day)s AND source = 'ADVANCE' AND undoes_id IS NULL
               AND NOT EXISTS (SELECT 1 FROM loan_allocation u WHERE u.undoes_id = a.id)),
    'penal_charges', (SELECT jsonb_build_object('count', count(*),
                'amount_paise', coalesce(sum(amount_paise), 0))
             FROM loan_charge
                        WHERE levied_on = %(day)s AND kind = 'PENAL' AND cancelled_by_id IS NULL),
    'interest_capitalised', (SELECT jsonb_build_object('count', count(*),
                'amount_paise', coalesce(sum(paise), 0))
             FROM (SELECT moratorium_interest_paise AS paise FROM loan_loan
                   WHERE capitalises_on = %(day)s AND capitalised_paise > 0
                   UNION ALL
                   SELECT (h->>3)::bigint FROM loan_scheduleversion v
                   JOIN loan_loan l ON l.id = v.loan_id AND l.schedule_version = v.version
                                   AND l.holiday_ends_on IS DISTINCT FROM %(day)s
                   CROSS JOIN LATERAL jsonb_array_elements(v.holidays) h
                   WHERE v.holidays <> '[]' AND (h->>1)::date = %(day)s) capitalised),
    'borrowers', (SELECT jsonb_build_object(
                'became_npa', count(*) FILTER (WHERE npa_since = effective_on),
                'sub_class_changed',
                    count(*) FILTER (WHERE npa_since IS NOT NULL AND npa_since < effective_on),
                'became_standard', count(*) FILTER (WHERE npa_since IS NULL))
            FROM loan_assetclasschange WHERE booked_on = %(day)s AND event_id IS NULL),
    'income_suspended', (SELECT jsonb_build_object(
                'amount_paise', coalesce(sum(CASE WHEN t.credit_id = '2400' THEN t.amount_paise
                                                  ELSE -t.amount_paise END), 0))
            FROM ledger_entry e JOIN ledger_transfer t ON t.entry_id = e.id
            WHERE e.value_date = %(day)s AND e.kind = 'INCOME_SUSPENDED'
              AND (starts_with(e.reference, 'SUSPENSE/' || %(day)s::date || '/')
                   OR starts_with(e.reference, e.kind || '/' || %(day)s::date || '/'))),
    'run', (SELECT jsonb_build_object('chunks', count(*), 'claims', coalesce(sum(token), 0),
                'loans_seen', coalesce(sum(loans_seen), 0),
                'dues', coalesce(sum(dues), 0),
                'advances_applied', coalesce(sum(advances_applied), 0),
                'penal_charges', coalesce(sum(penal_charges), 0),
                'became_npa', coalesce(sum(became_npa), 0))
            FROM loan_billingchunk WHERE run_id = %(run)s),
    'loans', jsonb_build_object(
        'overdue', (SELECT count(*) FROM loan_loan
                    WHERE status = 'ACTIVE' AND oldest_unpaid_due_date <= %(day)s),
        'npa', (SELECT count(*) FROM loan_loan WHERE npa_since IS NOT NULL),
        'became_npa', (SELECT count(*) FROM loan_loan WHERE npa_since = %(day)s),
        'closed', (SELECT count(*) FROM loan_loan WHERE closed_on = %(day)s))
)
"""

# What was paid and taken back, which goes on until the very moment the day closes. It counts on the
# day that it was booked: a payment of an earlier day is that day's no longer.
_PAID = """
SELECT count(*) FILTER (WHERE e.kind = 'PAYMENT'),
       coalesce(sum(p.amount_paise) FILTER (WHERE e.kind = 'PAYMENT'), 0)::bigint,
       count(*) FILTER (WHERE e.kind = 'REVERSAL'),
       coalesce(sum(p.amount_paise) FILTER (WHERE e.kind = 'REVERSAL'), 0)::bigint
FROM loan_event e
LEFT JOIN loan_event taken ON taken.id = e.reverses_id
LEFT JOIN loan_payment p ON p.id = coalesce(e.payment_id, taken.payment_id)
WHERE e.booked_on = %(day)s
"""


def billed_totals(run: BillingRun) -> Manifest:
    """Return the counts and control totals of what a run, all its chunks done, has billed."""
    with connection.cursor() as cursor:
        cursor.execute(_BILLED, {"day": run.business_date, "run": run.pk})
        (text,) = cursor.fetchone()
    # Django leaves jsonb as text on a plain cursor.
    totals: Manifest = json.loads(text)
    return totals


def paid_totals(day: date) -> Manifest:
    """Return count and sum of the payments booked on a business date, and of those reversed."""
    with connection.cursor() as cursor:
        cursor.execute(_PAID, {"day": day})
        count, amount_paise, reversed_count, reversed_paise = cursor.fetchone()
    return {
        "payments": {"count": count, "amount_paise": amount_paise},
        "payments_reversed": {"count": reversed_count, "amount_paise": reversed_paise},
    }


def skipped_loans() -> Manifest:
    """Return how many loans were left out, by the reason of each."""
    reasons: dict[str, int] = {}
    held = QuarantinedLoan.objects.filter(released_at__isnull=True)
    for reason in held.values_list("reason", flat=True):
        reasons[reason] = reasons.get(reason, 0) + 1
    return {"skipped": {"count": sum(reasons.values()), "reasons": reasons}}
