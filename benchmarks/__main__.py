"""`python -m benchmarks`: build portfolios, measure, print the figures, and write the page."""

import shlex
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from benchmarks.choices import Layout, PortfolioSpec
from benchmarks.days import measure_days
from benchmarks.figures import DayFigures, IngestionFigures
from benchmarks.ingestion import measure_ingestion
from benchmarks.late_payments import measure_late_payments
from benchmarks.machine import machine
from benchmarks.report import in_one_line, markdown, show, tables
from benchmarks.server import database, running_server, stated_settings

DAY = date(2026, 6, 16)
DATABASE = "brightlend_bench"

Say = Callable[[str], None]


def main() -> None:
    """Measure what the command line asks for."""
    options = _options()
    console = Console()
    command = shlex.join(["python", "-m", "benchmarks", *sys.argv[1:]])
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with running_server() as server_url, Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=None)

        def say(text: str) -> None:
            bar.update(task, description=text)

        days = []
        for figures in _days(server_url, options, say=say):
            days.append(figures)
            bar.console.print(*map(in_one_line, figures.beside_floor), sep="\n")
        ingestion = _ingestion(server_url, options, say=say)
        with database(server_url, DATABASE) as url:
            late_payments = measure_late_payments(url, rounds=options.rounds, say=say)
        settings = stated_settings(server_url)
    report = tables(days, ingestion, late_payments, machine=machine(), settings=settings)
    show(report, console)
    if options.report:
        page = markdown(report, command=command, rounds=options.rounds)
        options.report.write_text(page, encoding="utf-8")


def _options() -> Namespace:
    parser = ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--loans", type=_numbers, default=(10_000, 100_000, 1_000_000))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sample", type=int, default=500, help="loans of the per-loan loop")
    parser.add_argument("--bank-rows", type=int, default=1_000_000)
    parser.add_argument("--memory-rows", type=_numbers, default=(5_000_000,))
    parser.add_argument("--report", type=Path, help="the page to write, in Markdown")
    return parser.parse_args()


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number.replace("_", "")) for number in text.split(","))


def _days(server_url: str, options: Namespace, *, say: Say) -> Iterator[DayFigures]:
    """Measure the average day at every size, and the worst day at the largest."""
    largest = max(options.loans)
    # As many as the smallest portfolio has on an average day, so that every size can have them.
    constant_dues = min(options.loans) // 30
    specs = [
        PortfolioSpec(loans=loans, day=DAY, constant_dues=constant_dues)
        for loans in sorted(options.loans)
    ]
    specs.append(replace(specs[-1], layout=Layout.ONE_DATE))
    for spec in specs:
        with database(server_url, DATABASE) as url:
            yield measure_days(
                url,
                spec,
                rounds=options.rounds,
                workers=(1, 2) if spec.loans == largest else (1,),
                sample=min(options.sample, spec.loans // 30),
                judged=spec.loans == largest,
                say=partial(_say_of, spec, say),
            )


def _say_of(spec: PortfolioSpec, say: Say, text: str) -> None:
    say(f"{spec.loans:,} loans, {spec.layout.value}: {text}")


def _ingestion(server_url: str, options: Namespace, *, say: Say) -> IngestionFigures:
    with database(server_url, DATABASE) as url, TemporaryDirectory() as folder:
        return measure_ingestion(
            url,
            Path(folder),
            rows=options.bank_rows,
            rounds=options.rounds,
            memory_rows=options.memory_rows,
            ends_on=DAY,
            say=say,
        )


if __name__ == "__main__":
    main()
