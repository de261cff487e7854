"""The events of loans that were there before: their payments, and charges levied by decisions.

The tables that grow by events only ever grow, like the others.
"""

from django.db import migrations

from bright_credit.common.append_only import refuse_changes

TELL = """
INSERT INTO loan_event (
    loan_id, sequence, kind, value_date, booked_on, booked_at, actor, reason, payload, payment_id
)
SELECT loan_id, row_number() OVER (PARTITION BY loan_id ORDER BY booked_at, rank, key),
       kind, value_date, value_date, booked_at, 'system', '', payload, payment_id
FROM (
    SELECT loan_id, 'PAYMENT' AS kind, value_date, received_at AS booked_at, 0 AS rank, id AS key,
           '{}'::jsonb AS payload, id AS payment_id
    FROM loan_payment
  UNION ALL
    SELECT loan_id, 'CHARGE', levied_on, levied_at, 1, id,
           jsonb_build_object('key', key, 'kind', kind, 'amount_paise', amount_paise), NULL
    FROM loan_charge WHERE kind <> 'PENAL'
) told
ORDER BY booked_at, rank, key;
"""


class Migration(migrations.Migration):
    dependencies = [("loan", "0010_events_and_corrections")]

    operations = [
        migrations.RunSQL(TELL, "DELETE FROM loan_event"),
        refuse_changes("loan_event"),
        refuse_changes("loan_paymentrevision"),
        refuse_changes("loan_scheduleversion"),
    ]
