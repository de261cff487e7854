from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Built while payers go on: the table may hold millions of loans."""

    atomic = False

    dependencies = [("loan", "0030_holidays_that_capitalise")]

    operations = [
        AddIndexConcurrently(
            model_name="loan",
            index=models.Index(
                condition=models.Q(("borrower_npa_since__isnull", False), ("status", "ACTIVE")),
                fields=["id"],
                name="loan_to_suspend",
            ),
        ),
        AddIndexConcurrently(
            model_name="loan",
            index=models.Index(
                condition=models.Q(("borrower_npa_since__isnull", True), ("status", "WRITTEN_OFF")),
                fields=["borrower"],
                name="loan_off_books_to_classify",
            ),
        ),
    ]
