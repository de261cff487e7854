"""Make PostgreSQL itself refuse to change, delete or extend what is booked.

- A row of an entry or a transfer is never updated (an update that changes nothing passes, so that a
  fixture can be loaded again) and never deleted.
- The tables are not truncated, except in a session that says `brightlend.allow_truncate = on`: the
  test databases', which are emptied between tests.
- A transfer's line number lies within the count that its entry states, and lines are unique: so an
  entry that has its lines can be given no more.
"""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD IS NOT DISTINCT FROM NEW THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '% on % refused: what is booked is never changed or deleted', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', HINT = 'Post a reversal.';
END $$;

CREATE FUNCTION ledger_refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('brightlend.allow_truncate', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'TRUNCATE on % refused: what is booked is never deleted', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION ledger_refuse_added_transfer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1
        FROM added JOIN ledger_entry AS entry ON entry.id = added.entry_id
        WHERE added.line_number > entry.transfer_count
    ) THEN
        RAISE EXCEPTION 'INSERT on ledger_transfer refused: the entry is complete'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER entry_is_never_changed BEFORE UPDATE OR DELETE ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER transfer_is_never_changed BEFORE UPDATE OR DELETE ON ledger_transfer
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER entry_is_never_truncated BEFORE TRUNCATE ON ledger_entry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_truncate();
CREATE TRIGGER transfer_is_never_truncated BEFORE TRUNCATE ON ledger_transfer
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_truncate();
CREATE TRIGGER transfer_is_within_its_entry AFTER INSERT ON ledger_transfer
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_added_transfer();
"""

BACKWARDS = """
DROP TRIGGER transfer_is_within_its_entry ON ledger_transfer;
DROP TRIGGER transfer_is_never_truncated ON ledger_transfer;
DROP TRIGGER entry_is_never_truncated ON ledger_entry;
DROP TRIGGER transfer_is_never_changed ON ledger_transfer;
DROP TRIGGER entry_is_never_changed ON ledger_entry;
DROP FUNCTION ledger_refuse_added_transfer();
DROP FUNCTION ledger_refuse_truncate();
DROP FUNCTION ledger_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_accounts_and_journal")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
