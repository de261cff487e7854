"""`run_billing`: the daily billing run on a terminal, with its progress and its manifest."""

from argparse import ArgumentParser
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from bright_credit.common import business_day
from bright_credit.common.errors import DomainError
from bright_credit.common.money import format_rupees
from bright_credit.common.terminal import report_console
from loan.models import BillingRun
from loan.selectors.billing_preview import DayPreview, preview_days
from loan.services.billing.run import BillingReport, days_to_close, run_billing


class Command(BaseCommand):
    """Close every open day up to a date."""

    help = "Run the daily billing: close every open day up to a date (default: yesterday)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--date", type=_iso_date, help="business date to close, YYYY-MM-DD")
        parser.add_argument(
            "--dry-run", action="store_true", help="show what the run would post; write nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it, or show what it would do."""
        today = business_day.today()
        day = options["date"] or today - timedelta(days=1)
        console = report_console()
        try:
            if options["dry_run"]:
                days = days_to_close(day, today=today, may_run_ahead=not settings.LIVE)
                _show_preview(console, preview_days(days))
                return
            report = _run(console, day, today=today)
        except DomainError as error:
            raise CommandError(f"{error.message} [{error.code}]") from error
        _show_report(console, report)


def _iso_date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"'{text}' is not a date written YYYY-MM-DD") from error


def _run(console: Console, day: date, *, today: date) -> BillingReport:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bars:
        stages: dict[str, Any] = {}

        def advance(stage: str, done: int, total: int) -> None:
            name = stage.split(" of ")[0]
            if name not in stages:
                stages[name] = bars.add_task(stage)
            bars.update(stages[name], description=stage, completed=done, total=total)

        return run_billing(
            day,
            today=today,
            may_run_ahead=not settings.LIVE,
            transactions=settings.TRANSACTIONS_FILE,
            progress=advance,
        )


def _show_report(console: Console, report: BillingReport) -> None:
    file = report.transaction_file
    if file is not None:
        console.print(
            f"{file.name}: {file.status} — {file.accepted_rows} new, "
            f"{file.duplicate_rows} known, {file.rejected_rows} rejected"
        )
    if not report.closed:
        console.print(f"Nothing to do: every day up to {report.business_date} is closed.")
        return
    table = Table("day", "dues", "billed", "from advance", "penal charges", "overdue", "NPA", "ms")
    for run in report.closed:
        table.add_row(*_row(run))
    console.print(table)
    console.print(
        f"{len(report.closed)} days closed through {report.closed[-1].business_date}; "
        f"{report.rescored} scores refreshed."
    )


def _row(run: BillingRun) -> list[str]:
    manifest = run.manifest
    dues, loans = manifest["dues"], manifest["loans"]
    return [
        run.business_date.isoformat(),
        str(dues["count"]),
        format_rupees(dues["principal_paise"] + dues["interest_paise"]),
        format_rupees(manifest["advances_applied"]["amount_paise"]),
        str(manifest["penal_charges"]["count"]),
        str(loans["overdue"]),
        str(loans["npa"]),
        str(manifest["duration_ms"]),
    ]


def _show_preview(console: Console, days: list[DayPreview]) -> None:
    if not days:
        console.print("Nothing to do: the day is closed.")
        return
    table = Table(
        "day",
        "dues",
        "billed",
        "from advance",
        "penal charges",
        "capitalised",
        "NPA",
        title="Nothing is written",
    )
    for day in days:
        table.add_row(
            day.day.isoformat(),
            str(day.dues),
            format_rupees(day.billed_paise),
            format_rupees(day.from_advance_paise),
            str(day.penal_charges),
            format_rupees(day.capitalised_paise),
            str(day.became_npa),
        )
    console.print(table)
