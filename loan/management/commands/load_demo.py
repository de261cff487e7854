"""`load_demo`: a believable book that ends today, to look around in. For the sandbox only."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from bright_credit.common import business_day
from loan.services.demo.book import DemoOrder, DemoReport, load_demo
from users.models import Borrower

_MOST_BORROWERS, _MOST_MONTHS = 20_000, 60


class Command(BaseCommand):
    """`python manage.py load_demo [--borrowers 200] [--months 18] [--seed 1]`."""

    help = (
        "Add made-up borrowers with bank accounts, loans and payments, and bring the book to "
        "today. Again: another batch of other people. Sandbox only."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--borrowers", type=int, default=200, help="how many people")
        parser.add_argument("--months", type=int, default=18, help="over how many months until now")
        parser.add_argument("--seed", type=int, default=1, help="what they are drawn from")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load the sample data into an empty book first; then the batch; then say what came."""
        if settings.LIVE:
            raise CommandError(
                "This is live mode: made-up borrowers are loaded into a sandbox only."
            )
        _require_within("--borrowers", options["borrowers"], most=_MOST_BORROWERS)
        _require_within("--months", options["months"], most=_MOST_MONTHS)
        console = Console(file=self.stdout)  # type: ignore[arg-type]  # a text wrapper will do
        if not Borrower.objects.exists():
            # Their numbers are fixed, and the transaction file at the root speaks of them.
            console.print("The book is empty: loading the sample data first.")
            call_command("loaddata", settings.BASE_DIR / "initial_data.json", verbosity=0)
        order = DemoOrder(
            borrowers=options["borrowers"],
            months=options["months"],
            seed=options["seed"],
            today=business_day.today(),
        )
        _show(console, _load(console, order))


def _require_within(option: str, value: int, *, most: int) -> None:
    if not 1 <= value <= most:
        raise CommandError(f"{option} must be from 1 to {most}.")


def _load(console: Console, order: DemoOrder) -> DemoReport:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as bars:
        stages: dict[str, Any] = {}

        def advance(stage: str, done: int, total: int) -> None:
            if stage not in stages:
                stages[stage] = bars.add_task(stage)
            bars.update(stages[stage], completed=done, total=total)

        return load_demo(order, progress=advance)


def _show(console: Console, report: DemoReport) -> None:
    table = Table("", "", title=f"Demo batch {report.batch}", show_header=False)
    table.columns[1].justify = "right"
    for label, figure in (
        ("borrowers", report.borrowers),
        ("bank transactions", report.bank_transactions),
        ("loans running", report.active),
        ("  of them overdue", report.overdue),
        ("  of them NPA", report.npa),
        ("loans repaid", report.closed),
        ("payments", report.payments),
        ("applications that wait for a person", report.referred),
        ("applications rejected", report.rejected),
    ):
        table.add_row(label, f"{figure:,}")
    console.print(table)
    console.print("Next: python manage.py verify_books")
