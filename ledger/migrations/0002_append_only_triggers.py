"""Make PostgreSQL itself refuse to change, delete or extend what is booked.

Entries and transfers only grow. And a transfer's line number lies within the count that its entry
states, while lines are unique: so an entry that has its lines can be given no more.
"""

from django.db import migrations

from bright_credit.common.append_only import refuse_changes

SEAL = """
CREATE FUNCTION ledger_refuse_added_transfer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1
        FROM added JOIN ledger_entry AS entry ON entry.id = added.entry_id
        WHERE added.line_number > entry.transfer_count
    ) THEN
        RAISE EXCEPTION 'INSERT on ledger_transfer refused: the entry is complete'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER ledger_transfer_is_within_its_entry AFTER INSERT ON ledger_transfer
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_added_transfer();
"""

UNSEAL = """
DROP TRIGGER ledger_transfer_is_within_its_entry ON ledger_transfer;
DROP FUNCTION ledger_refuse_added_transfer();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_accounts_and_journal")]

    operations = [
        refuse_changes("ledger_entry"),
        refuse_changes("ledger_transfer"),
        migrations.RunSQL(SEAL, UNSEAL),
    ]
