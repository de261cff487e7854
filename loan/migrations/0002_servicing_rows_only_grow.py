"""What happened to a loan is never changed in place: PostgreSQL itself refuses."""

from django.db import migrations

from bright_credit.common.append_only import refuse_changes


class Migration(migrations.Migration):
    dependencies = [("loan", "0001_products_loans_and_billing")]

    operations = [
        refuse_changes("loan_instalment"),
        refuse_changes("loan_due"),
        refuse_changes("loan_payment"),
        refuse_changes("loan_allocation"),
        refuse_changes("loan_applicationdecision"),
    ]
