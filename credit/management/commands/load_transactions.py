"""Load a bank-transaction file, with a progress bar and an account of every row."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from bright_credit.common.business_day import today
from bright_credit.common.money import format_rupees
from credit.models import TransactionFile
from credit.services.transactions import LoadProgress, load_transaction_file

MAX_REJECTIONS_SHOWN = 20


class Command(BaseCommand):
    """`python manage.py load_transactions [path] [--date 2026-01-31]`."""

    help = "Load a bank-transaction file: new transactions are posted, bad rows set aside."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file, and the business date up to which transactions are believed."""
        parser.add_argument(
            "path", nargs="?", type=Path, default=settings.TRANSACTIONS_FILE, help="the CSV file"
        )
        parser.add_argument(
            "--date",
            type=date.fromisoformat,
            default=None,
            help="the business date; later transactions are rejected (default: today in India)",
        )

    def handle(self, *args: Any, path: Path, **options: Any) -> None:
        """Load the file; exit with an error when it is refused."""
        console = Console(file=self.stdout)  # type: ignore[arg-type]  # a text wrapper will do
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TextColumn("{task.fields[rows]:,} rows"),
            TimeElapsedColumn(),
            console=console,
        ) as bar:
            task = bar.add_task(path.name, total=None, rows=0)

            def report(progress: LoadProgress) -> None:
                bar.update(
                    task,
                    completed=progress.bytes_done,
                    total=progress.bytes_total,
                    rows=progress.rows,
                )

            loaded = load_transaction_file(
                path, name=path.name, as_of=options["date"] or today(), progress=report
            )
        if loaded.file.status == TransactionFile.Status.REFUSED:
            raise CommandError(f"{path}: {loaded.file.refusal_text}")
        console.print(_manifest(loaded.file))
        _show_rejections(console, loaded.file)


def _manifest(file: TransactionFile) -> Table:
    table = Table("", "rows", "amount", title=f"{file.name} · SHA-256 {file.sha256[:16]}…")
    for label, rows, amount_paise in (
        ("accepted", file.accepted_rows, file.accepted_amount_paise),
        ("duplicate", file.duplicate_rows, file.duplicate_amount_paise),
        ("rejected", file.rejected_rows, file.rejected_amount_paise),
        ("in the file", file.rows, file.amount_paise),
    ):
        table.add_row(label, f"{rows:,}", format_rupees(amount_paise))
    return table


def _show_rejections(console: Console, file: TransactionFile) -> None:
    for row in file.rejections.all()[:MAX_REJECTIONS_SHOWN]:
        console.print(f"line {row.line_number}: {row.code}: {row.reason}", markup=False)
    hidden = file.rejected_rows - MAX_REJECTIONS_SHOWN
    if hidden > 0:
        console.print(f"… and {hidden:,} more, all in the table of rejected rows.")
    if file.unreadable_amounts:
        console.print(f"amounts that cannot be read, all rejected: {file.unreadable_amounts:,}")
    for warning in file.warnings:
        console.print(f"warning: {warning}", markup=False)
