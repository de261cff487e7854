"""The calendar and a loan's position go forward only: PostgreSQL itself refuses the way back.

A fixture loaded over a book that has moved on would otherwise set positions back in silence.
"""

from django.db import migrations

GO_FORWARD = """
CREATE FUNCTION loan_refuse_going_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% cannot go back in time: % follows %', TG_TABLE_NAME, TG_ARGV[0], TG_ARGV[1]
        USING ERRCODE = 'integrity_constraint_violation',
              HINT = 'A fixture is not loaded over a book that has moved on.';
END $$;
CREATE TRIGGER loan_businessday_goes_forward BEFORE UPDATE ON loan_businessday
    FOR EACH ROW WHEN (NEW.closed_through_date < OLD.closed_through_date)
    EXECUTE FUNCTION loan_refuse_going_back('an earlier day', 'a closed one');
CREATE TRIGGER loan_loan_goes_forward BEFORE UPDATE ON loan_loan
    FOR EACH ROW WHEN (NEW.position_date < OLD.position_date)
    EXECUTE FUNCTION loan_refuse_going_back('an earlier position', 'a later one');
"""
GO_ANYWHERE = """
DROP TRIGGER loan_loan_goes_forward ON loan_loan;
DROP TRIGGER loan_businessday_goes_forward ON loan_businessday;
DROP FUNCTION loan_refuse_going_back();
"""


class Migration(migrations.Migration):
    dependencies = [("loan", "0003_daily_billing_schedule")]

    operations = [migrations.RunSQL(GO_FORWARD, GO_ANYWHERE)]
