"""What a file brought whom, added up by a trigger that checks the parents of transactions, too.

It replaces the trigger of migration 0003: one pass over a statement's rows does for both.
"""

from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models


PARENTS_EXIST = import_module("credit.migrations.0003_transactions_have_parents").PARENTS_EXIST

EARLIER_SHARES = """
INSERT INTO credit_fileshare (file_id, borrower_id, rows, amount_paise)
SELECT file_id, borrower_id, count(*), sum(amount_paise)::bigint
  FROM credit_banktransaction GROUP BY file_id, borrower_id
"""
ADD_UP = """
CREATE FUNCTION credit_add_up_shares() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    strange_borrower boolean;
    strange_file boolean;
BEGIN
    WITH share AS (
        INSERT INTO credit_fileshare AS known (file_id, borrower_id, rows, amount_paise)
        SELECT file_id, borrower_id, count(*), sum(amount_paise)::bigint
          FROM fresh GROUP BY file_id, borrower_id ORDER BY file_id, borrower_id
        ON CONFLICT (file_id, borrower_id) DO UPDATE
           SET rows = known.rows + EXCLUDED.rows,
               amount_paise = known.amount_paise + EXCLUDED.amount_paise
        RETURNING file_id, borrower_id
    )
    SELECT bool_or(b.id IS NULL), bool_or(f.id IS NULL) INTO strange_borrower, strange_file
      FROM share
      LEFT JOIN users_borrower b ON b.id = share.borrower_id
      LEFT JOIN credit_transactionfile f ON f.id = share.file_id;
    IF strange_borrower THEN
        RAISE EXCEPTION 'a bank transaction names a borrower that does not exist'
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    IF strange_file THEN
        RAISE EXCEPTION 'a bank transaction names a file that does not exist'
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER bank_transactions_add_up AFTER INSERT ON credit_banktransaction
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION credit_add_up_shares();
DROP TRIGGER bank_transactions_have_parents ON credit_banktransaction;
DROP FUNCTION credit_transactions_have_parents();
"""
ADD_UP_NO_MORE = (
    PARENTS_EXIST
    + """
DROP TRIGGER bank_transactions_add_up ON credit_banktransaction;
DROP FUNCTION credit_add_up_shares();
"""
)


class Migration(migrations.Migration):

    dependencies = [
        ('credit', '0004_scores_refreshed_after_a_file'),
        ('users', '0001_borrowers_and_vault'),
    ]

    operations = [
        migrations.CreateModel(
            name='FileShare',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rows', models.BigIntegerField()),
                ('amount_paise', models.BigIntegerField()),
                ('borrower', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='file_shares', to='users.borrower')),
                ('file', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='shares', to='credit.transactionfile')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('file', 'borrower'), name='file_has_one_share_for_a_borrower'), models.CheckConstraint(condition=models.Q(('amount_paise__gt', 0), ('rows__gt', 0)), name='file_share_is_not_empty')],
            },
        ),
        migrations.RunSQL(EARLIER_SHARES, migrations.RunSQL.noop),
        migrations.RunSQL(ADD_UP, ADD_UP_NO_MORE),
    ]
