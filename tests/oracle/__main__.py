"""`python -m tests.oracle`: tell the oracle and the core 10,000 random stories, and report.

There are stories of one loan, and of one borrower with several.
"""

import os
import secrets
import sys
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from time import monotonic

from hypothesis import HealthCheck, Verbosity, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from tests.oracle.borrower_stories import BorrowerStory, borrower_stories
from tests.oracle.comparing import Disagreement, Seen, compare
from tests.oracle.comparing_borrowers import compare_borrower
from tests.oracle.deals import deals
from tests.oracle.moves import Move, moves
from tests.oracle.story import Deal

#: So many stories are searched at a time: each search begins anew with its own seed.
A_SEARCH = 100
MOST_MOVES = 14


def main() -> int:
    """Run the searches, print what they held, and return 1 where the two disagree."""
    options = _options()
    console, began = Console(), monotonic()
    many = f"{options.loans:,} loans and {options.borrowers:,} borrowers"
    console.print(f"{many} from seed {options.seed}, {options.workers} at a time")
    seen = Seen()
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(TextColumn("stories"), *columns, console=console) as bar:
        task = bar.add_task("stories", total=options.loans + options.borrowers)
        for counts, story in _searches(options):
            seen.counts.update(counts)
            bar.advance(task, counts["loans"] + counts["borrowers"])
            if story:
                console.print("\n[bold red]The oracle and the core disagree:[/]")
                console.print(story, markup=False, highlight=False, soft_wrap=True)
                return 1
    console.print(_report(seen))
    told = f"{seen.counts['loans']:,} loans and {seen.counts['borrowers']:,} borrowers"
    console.print(f"They agree about {told} ({monotonic() - began:.0f} s).")
    return 0


def _options() -> Namespace:
    parser = ArgumentParser(prog="python -m tests.oracle", description=__doc__)
    parser.add_argument("--loans", type=int, default=10_000)
    parser.add_argument("--borrowers", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    return parser.parse_args()


def _searches(options: Namespace) -> Iterator[tuple[Counter[str], str]]:
    with ProcessPoolExecutor(options.workers) as pool:
        searches = [
            pool.submit(search, kind, options.seed * 10_000 + number, A_SEARCH)
            for kind, stories in (("loans", options.loans), ("borrowers", options.borrowers))
            for number in range(-(-stories // A_SEARCH))
        ]
        try:
            for done in as_completed(searches):
                yield done.result()
        finally:
            pool.shutdown(cancel_futures=True)


def search(kind: str, seed: int, stories: int) -> tuple[Counter[str], str]:
    """Tell so many stories; return what they held, and the shortest that divides the two."""
    seen = Seen()
    tell = _of_borrowers(seen) if kind == "borrowers" else _of_loans(seen)
    alone = settings(
        max_examples=stories,
        deadline=None,
        database=None,
        derandomize=False,
        report_multiple_bugs=False,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    try:
        seeded(seed)(alone(tell))()
    except Disagreement as found:
        return seen.counts, f"{found}\n({kind}, seed {seed})"
    return seen.counts, ""


def _of_loans(seen: Seen) -> Callable[[], None]:
    @given(deals(), moves(MOST_MOVES), st.integers(0, 120), st.booleans())
    def tell(deal: Deal, done: list[Move], then_days: int, ended: bool) -> None:
        compare(deal, done, then_days=then_days, ended=ended, seen=seen)

    return tell


def _of_borrowers(seen: Seen) -> Callable[[], None]:
    @given(borrower_stories())
    def tell(story: BorrowerStory) -> None:
        compare_borrower(story, seen)

    return tell


def _report(seen: Seen) -> Table:
    table = Table("what the stories held", "times")
    for what, times in sorted(seen.counts.items(), key=lambda one: (-one[1], one[0])):
        table.add_row(what, f"{times:,}")
    return table


if __name__ == "__main__":
    sys.exit(main())
