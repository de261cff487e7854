"""Foreign keys of bank transactions, checked once a statement instead of once a row.

Each row needs its borrower and its file, as a foreign key would demand, and neither can be deleted
while a transaction names it. Row by row these checks doubled the time of a large load; as a set they
cost a few hundredths of it.
"""

from django.db import migrations

PARENTS_EXIST = """
CREATE FUNCTION credit_transactions_have_parents() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT borrower_id FROM fresh) AS named
         WHERE NOT EXISTS (SELECT FROM users_borrower WHERE id = named.borrower_id)
    ) THEN
        RAISE EXCEPTION 'a bank transaction names a borrower that does not exist'
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT file_id FROM fresh) AS named
         WHERE NOT EXISTS (SELECT FROM credit_transactionfile WHERE id = named.file_id)
    ) THEN
        RAISE EXCEPTION 'a bank transaction names a file that does not exist'
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER bank_transactions_have_parents AFTER INSERT ON credit_banktransaction
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION credit_transactions_have_parents();
"""
NO_PARENTS_EXIST = """
DROP TRIGGER bank_transactions_have_parents ON credit_banktransaction;
DROP FUNCTION credit_transactions_have_parents();
"""

BORROWERS_STAY = """
CREATE FUNCTION credit_borrower_has_transactions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM credit_banktransaction WHERE borrower_id = OLD.id) THEN
        RAISE EXCEPTION 'borrower % has bank transactions', OLD.id
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER borrower_with_transactions_stays BEFORE DELETE ON users_borrower
    FOR EACH ROW EXECUTE FUNCTION credit_borrower_has_transactions();
"""
BORROWERS_GO = """
DROP TRIGGER borrower_with_transactions_stays ON users_borrower;
DROP FUNCTION credit_borrower_has_transactions();
"""

FILES_STAY = """
CREATE TRIGGER transaction_file_is_kept BEFORE DELETE ON credit_transactionfile
    FOR EACH ROW EXECUTE FUNCTION brightlend_refuse_change();
"""
FILES_GO = "DROP TRIGGER transaction_file_is_kept ON credit_transactionfile;"


class Migration(migrations.Migration):
    dependencies = [("credit", "0002_rows_only_grow")]

    operations = [
        migrations.RunSQL(PARENTS_EXIST, NO_PARENTS_EXIST),
        migrations.RunSQL(BORROWERS_STAY, BORROWERS_GO),
        migrations.RunSQL(FILES_STAY, FILES_GO),
    ]
