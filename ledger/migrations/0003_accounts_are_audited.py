"""What changes of the chart of accounts is in the audit trail; the journal has its own chain."""

from django.db import migrations

from bright_credit.common.audit_trail.triggers import audited


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0002_append_only_triggers"),
        ("audit_trail", "0001_entries_and_their_chain"),
    ]

    operations = [audited("ledger_account", key="code")]
