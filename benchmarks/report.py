"""The tables of a run: the same ones for the terminal and for the documentation."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from rich.console import Console
from rich.table import Table as RichTable

from benchmarks.choices import Layout
from benchmarks.figures import MEGABYTE, Comparison, DayFigures, IngestionFigures

_PREAMBLE = """# Performance

Written by `{command}`; every figure is of that one run. **Read the ratios, not the seconds**: each
subject was run right after its own floor, in the same round, and the ratio is taken inside the
round. Times and ratios are medians of {rounds} rounds; the spread is the smallest and the largest
ratio. Every run's rows were compared with the floor's, row by row.

* The floor of a day is one raw `INSERT … SELECT` of as many finished rows into a table with the
  same columns, keys, indexes and foreign keys as the dues, in one transaction. The run bills the
  same rows, meets those it can from advances, levies penal charges, marks NPAs, books the ledger,
  and closes the day with its manifest and its seal.
* The floor of ingestion is one plain `COPY` of the same rows into a staging table and one
  `INSERT … SELECT` of them into a table with the same unique key and indexes.
* The portfolio: 24 instalments a loan, 9 % overdue, 2 % holding an advance, drawn from a seed, with
  schedules computed by the core and books that verify.
* The goals are for the largest portfolio: what a close costs whatever the size of the book weighs
  the more, the smaller the book is.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table of the report, all of it text, with what is to be said below it."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def tables(
    days: Sequence[DayFigures],
    ingestion: IngestionFigures,
    late_payments: Sequence[Comparison],
    *,
    machine: dict[str, str],
    settings: dict[str, str],
) -> tuple[Table, ...]:
    """Return the tables of a run."""
    return (
        _beside_floor(days),
        _repeats(days),
        _by_loan(days),
        *_growth(days),
        _ingestion(ingestion),
        _late_payments(late_payments),
        _sizes(days, ingestion),
        _facts("Machine", machine),
        _facts("PostgreSQL settings", settings),
    )


def in_one_line(comparison: Comparison) -> str:
    """Return a comparison as it is told while the rest is being measured."""
    subject, rows, floor, run, ratio, spread, verdict = _cells(comparison)
    return f"{subject}: {rows} rows, {run} s, {ratio} of its floor ({floor} s; {spread}) {verdict}"


def show(report: Sequence[Table], console: Console) -> None:
    """Print the tables."""
    for table in report:
        shown = RichTable(*table.columns, title=table.title, caption=table.note or None)
        for row in table.rows:
            shown.add_row(*row)
        console.print(shown)


def markdown(report: Sequence[Table], *, command: str, rounds: int) -> str:
    """Return the report as a page of documentation."""
    parts = [_PREAMBLE.format(command=command, rounds=rounds)]
    for table in report:
        head = f"| {' | '.join(table.columns)} |\n|{' --- |' * len(table.columns)}"
        body = "\n".join(f"| {' | '.join(row)} |" for row in table.rows)
        note = f"\n\n{table.note}" if table.note else ""
        parts.append(f"## {table.title}\n\n{head}\n{body}{note}\n")
    return "\n".join(parts)


def _beside_floor(days: Sequence[DayFigures]) -> Table:
    return Table(
        title="A day beside its floor",
        columns=("loans", "subject", "dues", "floor s", "run s", "ratio", "spread", "goal"),
        rows=tuple(
            (f"{figures.loans:,}", *_cells(comparison))
            for figures in days
            for comparison in figures.beside_floor
        ),
        note="The floor comes first after a checkpoint and logs whole pages, among them those of "
        "the loans whose rows its foreign keys lock; the run that follows it need not log these "
        "again. After a checkpoint of its own it logs them too, as the first close after a "
        "scheduled checkpoint does.",
    )


def _cells(comparison: Comparison) -> tuple[str, ...]:
    return (
        comparison.subject,
        f"{comparison.rows:,}",
        f"{comparison.floor_seconds:.3f}",
        f"{comparison.subject_seconds:.3f}",
        f"{comparison.ratio:.2f}",
        comparison.spread,
        comparison.verdict,
    )


def _repeats(days: Sequence[DayFigures]) -> Table:
    return Table(
        title="The same day again",
        columns=("loans", "first run s", "again s", "share", "goal"),
        rows=tuple(
            (
                f"{figures.loans:,} {_kind(figures)}",
                f"{figures.close_seconds:.3f}",
                f"{median(figures.repeats):.4f}",
                f"{figures.repeat_share:.1%}",
                _repeat_verdict(figures),
            )
            for figures in days
        ),
    )


def _repeat_verdict(figures: DayFigures) -> str:
    if not figures.judged:
        return "—"
    return f"≤ 5 %: {'yes' if figures.repeat_share <= 0.05 else 'no'}"


def _by_loan(days: Sequence[DayFigures]) -> Table:
    return Table(
        title="The usual way: loan by loan through the ORM (extrapolated)",
        columns=("loans", "sample", "ms a loan", "whole day s, extrapolated", "run", "s", "times"),
        rows=tuple(
            (
                f"{figures.loans:,} {_kind(figures)}",
                f"{figures.by_loan.done:,}",
                f"{figures.by_loan.seconds / figures.by_loan.done * 1000:.2f}",
                f"{figures.by_loan_seconds:.1f}",
                comparison.subject,
                f"{comparison.subject_seconds:.3f}",
                f"{figures.by_loan_seconds / comparison.subject_seconds:.0f}",
            )
            for figures in days
            for comparison in figures.comparisons
        ),
        note="The loop was run on the sample alone; the whole day is the sample's time a loan "
        "times the dues. It is one process: a loop has no other way to share its loans. Goal: the "
        "run with as many workers as the machine has cores is at least 500 times as fast on the "
        "worst day.",
    )


def _growth(days: Sequence[DayFigures]) -> Iterator[Table]:
    spread = [figures for figures in days if figures.layout == Layout.SPREAD]
    first = spread[0]
    yield Table(
        title="Growth",
        columns=("loans", "dues", "average day s", "times", "constant dues", "day s", "times"),
        rows=tuple(
            (
                f"{figures.loans:,}",
                f"{figures.dues:,}",
                f"{figures.close_seconds:.3f}",
                f"{figures.close_seconds / first.close_seconds:.1f}",
                f"{figures.constant_dues:,}",
                f"{median(figures.constant_days):.3f}",
                f"{median(figures.constant_days) / median(first.constant_days):.2f}",
            )
            for figures in spread
        ),
        note=_constant_dues_note(spread),
    )


def _constant_dues_note(spread: Sequence[DayFigures]) -> str:
    if len(spread) < 2:
        return ""
    smaller, largest = spread[-2:]
    ratio = median(largest.constant_days) / median(smaller.constant_days)
    return (
        f"With dues held constant, {largest.loans:,} loans take {ratio:.2f} times as long as "
        f"{smaller.loans:,} (goal: at most 1.5 for ten times the loans)."
    )


def _ingestion(figures: IngestionFigures) -> Table:
    return Table(
        title="Bank-transaction file",
        columns=("rows", "subject", "rows", "floor s", "run s", "ratio", "spread", "goal"),
        rows=tuple(
            (f"{figures.rows:,}", *_cells(comparison)) for comparison in figures.comparisons
        ),
        note="Floor 1 copies the file and reckons the keys in its INSERT … SELECT, where numbering "
        "identical rows sorts them; floor 2 copies rows whose keys were reckoned beforehand, in "
        f"the order of the file. The same file again: {median(figures.repeat_seconds):.2f} s. New "
        f"scores of all {figures.borrowers:,} touched borrowers, a step of the billing run: "
        f"{figures.score_seconds:.2f} s.",
    )


def _late_payments(comparisons: Sequence[Comparison]) -> Table:
    return Table(
        title="A payment of an earlier day",
        columns=("request", "events", "plain s", "late s", "ratio", "spread", "goal"),
        rows=tuple(_cells(comparison) for comparison in comparisons),
        note="The whole request beside that of a plain payment on the same loan: five years, paid "
        "in parts, so that money of an earlier day moves all that came after it.",
    )


def _sizes(days: Sequence[DayFigures], ingestion: IngestionFigures) -> Table:
    rows = [
        (
            f"{figures.loans:,} loans, {_kind(figures)}",
            f"{figures.peak_bytes / MEGABYTE:.0f}",
            f"{figures.wal_bytes / figures.dues:.0f}",
            f"{figures.wal_bytes / figures.loans:.0f}",
            f"{figures.disk_bytes / figures.loans:,.0f}",
            f"{figures.build_seconds:.0f}",
        )
        for figures in days
    ]
    rows += [
        (f"file of {count:,} rows", f"{peak / MEGABYTE:.0f}", "—", "—", "—", "—")
        for count, peak in ingestion.peak_bytes
    ]
    return Table(
        title="Memory, log and disk",
        columns=(
            "subject",
            "peak memory MB",
            "WAL bytes a due",
            "WAL bytes a loan",
            "disk bytes a loan",
            "built in s",
        ),
        rows=tuple(rows),
        note="Peak memory is that of the Python process, with Django and pandas in it. Disk holds "
        "loans, instalments, dues, payments, allocations and charges with their indexes. WAL is "
        "that of the close with one worker.",
    )


def _facts(title: str, facts: dict[str, str]) -> Table:
    return Table(title=title, columns=("", " "), rows=tuple(facts.items()))


def _kind(figures: DayFigures) -> str:
    return "worst" if figures.layout == Layout.ONE_DATE else "average"
