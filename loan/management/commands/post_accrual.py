"""`post_accrual`: book the interest that has run and is not billed, of every closed day."""

from typing import Any

from django.core.management.base import BaseCommand
from rich.table import Table

from bright_credit.common import business_day
from bright_credit.common.money import format_rupees
from bright_credit.common.terminal import report_console
from loan.services.accruing import post_accruals


class Command(BaseCommand):
    """Book what is to be accrued."""

    help = (
        "Book the interest that has run and is not billed, for every closed day that has no "
        "accrual yet. The worker does the same every night; again, it changes nothing."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Book, and show what each day came to."""
        made = post_accruals(today=business_day.today(), actor="command")
        console = report_console()
        if not made:
            console.print("Every closed day has its accrual.")
            return
        table = Table("as of", "accrued, not due", "booked on", title="Accruals")
        for accrual in made:
            amount = format_rupees(accrual.accrued_paise)
            table.add_row(str(accrual.as_of), amount, str(accrual.booked_on))
        console.print(table)
