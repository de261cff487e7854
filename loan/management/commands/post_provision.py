"""`post_provision`: set aside for loans that may not be repaid, as of a day that is closed."""

from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.table import Table

from bright_credit.common import business_day
from bright_credit.common.errors import DomainError
from bright_credit.common.money import format_rupees, percent
from bright_credit.common.terminal import report_console
from loan.services.provisioning import Provisioned, post_provision, preview_provision


class Command(BaseCommand):
    """Reckon a provision, and book it."""

    help = (
        "Reckon what is to be set aside by asset class, and book the difference to the last time. "
        "By default as of the end of last month."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the day, and whether to look only."""
        parser.add_argument("--as-of", type=date.fromisoformat, metavar="YYYY-MM-DD")
        parser.add_argument("--dry-run", action="store_true", help="show it, and book nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Reckon, book unless told not to, and show it by product and class."""
        today = business_day.today()
        day = options["as_of"] or business_day.first_of_month(today) - timedelta(days=1)
        try:
            if options["dry_run"]:
                made = preview_provision(day, today=today)
            else:
                made = post_provision(day, today=today, actor="command")
        except DomainError as refusal:
            raise CommandError(refusal.message) from refusal
        _show(made, booked=not options["dry_run"])


def _show(made: Provisioned, *, booked: bool) -> None:
    console = report_console()
    table = Table("product", "class", "loans", "exposure", "rate", "provision")
    table.title = f"Provision as of {made.as_of}"
    for line in made.lines:
        table.add_row(
            line.exposure.product,
            line.exposure.asset_class.value,
            str(line.exposure.loans),
            format_rupees(line.exposure.exposure_paise),
            f"{percent(line.rate_bps)} %",
            format_rupees(line.provision_paise),
        )
    console.print(table)
    difference = format_rupees(made.provision_paise - made.before_paise)
    console.print(
        f"{format_rupees(made.provision_paise)} in all, {difference} more than the last time: "
        f"{'booked' if booked else 'not booked'}."
    )
