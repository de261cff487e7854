"""Room on the pages of loans, so that a position that moves stays where it is.

A penal charge and a payment that pays no instalment whole change no column that an index holds;
with room on its page the row's new version then costs no index anything.
"""

from django.db import migrations

ROOM = "ALTER TABLE loan_loan SET (fillfactor = 90)"
NO_ROOM = "ALTER TABLE loan_loan RESET (fillfactor)"


class Migration(migrations.Migration):
    dependencies = [("loan", "0008_due_day_only_by_months")]

    operations = [migrations.RunSQL(ROOM, NO_ROOM)]
