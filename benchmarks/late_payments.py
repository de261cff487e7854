"""What a payment of an earlier day costs beside a plain one, on a loan with a long history.

Both are whole requests, from the call to the committed answer, in processes that have answered one
before. The plain payment is the floor, and comes first in each round.
"""

from collections.abc import Callable
from datetime import date

from benchmarks.figures import Comparison, Round
from benchmarks.race import race
from bright_credit.common.business_day import today

EVENTS = 1_000
GOAL = 20.0
BACK: tuple[tuple[str, int], ...] = (
    ("a month ago", 30),
    ("a year ago", 365),
    ("four years ago", 4 * 365),
)

Say = Callable[[str], None]


def measure_late_payments(
    url: str, *, events: int = EVENTS, rounds: int, say: Say, day: date | None = None
) -> tuple[Comparison, ...]:
    """Build the loan in an empty database and measure payments of earlier days."""
    race(url, "migrate")
    say(f"a loan with {events:,} events")
    day = today() if day is None else day
    built = race(url, "build-history", day, events).done
    taken: dict[str, list[Round]] = {name: [] for name, _ in BACK}
    for number in range(1, rounds + 1):
        for name, back_days in BACK:
            say(f"payments of {name}, round {number} of {rounds}")
            plain = race(url, "pay", day, 0).seconds
            late = race(url, "pay", day, back_days).seconds
            taken[name].append(Round(floor_seconds=plain, subject_seconds=late))
    return tuple(
        Comparison(subject=f"a payment of {name}", rows=built, rounds=tuple(figures), goal=GOAL)
        for name, figures in taken.items()
    )
