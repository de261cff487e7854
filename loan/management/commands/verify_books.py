"""`verify_books`: the audit that anyone may run; exits 1 on any difference."""

import sys
from argparse import ArgumentParser, ArgumentTypeError
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bright_credit.common.money import format_rupees
from bright_credit.common.terminal import report_console
from ledger.selectors import TrialBalance
from loan.selectors.books.audit import Audit, audit
from loan.selectors.books.control_accounts import ControlAccount

SHOWN_FINDINGS = 50
MOST_PROCESSES = 64


class Command(BaseCommand):
    """Verify the books."""

    help = (
        "Print the trial balance; check the control accounts against the loans, every loan's "
        "position against its history, the seals of closed days, and the chain of the audit trail. "
        "Exits 1 on any difference."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take a number of processes."""
        parser.add_argument(
            "--processes",
            type=_processes,
            help="how many processes fold loans (one a core, fewer for a small book)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Check everything, then say what was found."""
        console = report_console()
        books = _audit(console, processes=options["processes"])
        _show_balance(console, books.balance)
        _show_accounts(console, books.accounts)
        for held in books.quarantined[:SHOWN_FINDINGS]:
            console.print(f"[yellow]IN QUARANTINE[/yellow] {held}", highlight=False)
        if books.quarantined:
            console.print(f"[yellow]{len(books.quarantined)} loans in quarantine.[/yellow]")
        for finding in books.findings[:SHOWN_FINDINGS]:
            console.print(f"[red]DIFFERENCE[/red] {finding}", highlight=False)
        if books.findings:
            console.print(f"[red]{len(books.findings)} differences.[/red]")
            sys.exit(1)
        console.print("[green]The books verify.[/green]")


def _processes(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= MOST_PROCESSES:
        raise ArgumentTypeError(f"{text!r} is no whole number from 1 to {MOST_PROCESSES}")
    return int(text)


def _audit(console: Console, *, processes: int | None) -> Audit:
    """Audit the books behind a progress bar."""
    with Progress(console=console, transient=True) as bars:
        task = bars.add_task("folding loans", total=None)
        try:
            return audit(
                lambda done, total: bars.update(task, completed=done, total=total),
                processes=processes,
            )
        except BrokenProcessPool as broken:
            raise CommandError(
                "a process that folded loans was ended from outside, as for want of memory; the "
                "books are not verified (--processes 1 needs the least)"
            ) from broken


def _show_balance(console: Console, balance: TrialBalance) -> None:
    table = Table("account", "", "debits", "credits", "balance", title="Trial balance")
    for column in table.columns[2:]:
        column.justify = "right"
    for row in balance.rows:
        table.add_row(
            row.account.code,
            row.account.name,
            format_rupees(row.debit_paise),
            format_rupees(row.credit_paise),
            format_rupees(row.balance_paise),
        )
    table.add_section()
    table.add_row(
        "",
        "Total",
        format_rupees(balance.total_debit_paise),
        format_rupees(balance.total_credit_paise),
        format_rupees(balance.difference_paise),
    )
    console.print(table)


def _show_accounts(console: Console, accounts: tuple[ControlAccount, ...]) -> None:
    table = Table("control account", "", "ledger", "loans", title="Subledger")
    for column in table.columns[2:]:
        column.justify = "right"
    for account in accounts:
        name = account.code.name.replace("_", " ").capitalize()
        ledger, loans = format_rupees(account.ledger_paise), format_rupees(account.subledger_paise)
        table.add_row(account.code, name, ledger, loans)
    console.print(table)
