"""PostgreSQL itself refuses to change a score or a bank transaction once it is written."""

from django.db import migrations

from bright_credit.common.append_only import refuse_changes


class Migration(migrations.Migration):
    dependencies = [("credit", "0001_transactions_and_scores")]

    operations = [
        refuse_changes("credit_creditscore"),
        refuse_changes("credit_banktransaction"),
    ]
