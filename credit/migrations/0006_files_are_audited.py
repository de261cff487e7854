"""What becomes of a bank-transaction file is in the audit trail; its rows have its manifest."""

from django.db import migrations

from bright_credit.common.audit_trail.triggers import audited


class Migration(migrations.Migration):
    dependencies = [
        ("credit", "0005_shares_of_files"),
        ("audit_trail", "0001_entries_and_their_chain"),
    ]

    operations = [audited("credit_transactionfile")]
