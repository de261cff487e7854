"""What a day brought, counted from the rows themselves, so that a resumed run counts right."""

import json
from datetime import date

from django.db import connection

# Every figure is read back from what was written. Amounts in paise.
_MANIFEST = """
SELECT jsonb_build_object(
    'dues', (SELECT jsonb_build_object('count', count(*),
                'principal_paise', coalesce(sum(principal_paise), 0),
                'interest_paise', coalesce(sum(interest_paise), 0))
             FROM loan_due WHERE due_date = %(day)s),
    'advances_applied', (SELECT jsonb_build_object('count', count(*),
                'amount_paise', coalesce(sum(principal_paise + interest_paise), 0))
             FROM loan_allocation WHERE value_date = %(day)s AND source = 'ADVANCE'),
    'penal_charges', (SELECT jsonb_build_object('count', count(*),
                'amount_paise', coalesce(sum(amount_paise), 0))
             FROM loan_charge WHERE levied_on = %(day)s AND kind = 'PENAL'),
    'payments', (SELECT jsonb_build_object('count', count(*),
                'amount_paise', coalesce(sum(amount_paise), 0))
             FROM loan_payment WHERE value_date = %(day)s),
    'loans', (SELECT jsonb_build_object(
                'active', count(*) FILTER (WHERE status = 'ACTIVE'),
                'overdue', count(*) FILTER (WHERE status = 'ACTIVE'
                    AND oldest_unpaid_due_date <= %(day)s),
                'npa', count(*) FILTER (WHERE npa_since IS NOT NULL),
                'became_npa', count(*) FILTER (WHERE npa_since = %(day)s),
                'closed', count(*) FILTER (WHERE closed_on = %(day)s))
              FROM loan_loan WHERE disbursed_on <= %(day)s)
)
"""


def day_manifest(day: date) -> dict[str, dict[str, int]]:
    """Return the counts and control totals of a business date."""
    with connection.cursor() as cursor:
        cursor.execute(_MANIFEST, {"day": day})
        (manifest,) = cursor.fetchone()
    # Django leaves jsonb as text on a plain cursor.
    counted: dict[str, dict[str, int]] = json.loads(manifest)
    return counted
