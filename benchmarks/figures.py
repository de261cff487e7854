"""Figures taken in rounds: each subject beside its own floor, in the same round."""

from dataclasses import dataclass
from statistics import median

from benchmarks.race import Outcome

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One round: the floor, then the subject, in seconds."""

    floor_seconds: float
    subject_seconds: float

    @property
    def ratio(self) -> float:
        """How many times its floor the subject took."""
        return self.subject_seconds / self.floor_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The rounds of one subject; `goal` is the ratio it should not exceed."""

    subject: str
    rows: int
    rounds: tuple[Round, ...]
    goal: float | None = None

    @property
    def ratio(self) -> float:
        """Return the median of the ratios, each taken inside its round."""
        return median(each.ratio for each in self.rounds)

    @property
    def floor_seconds(self) -> float:
        """Return the median time of the floor."""
        return median(each.floor_seconds for each in self.rounds)

    @property
    def subject_seconds(self) -> float:
        """Return the median time of the subject."""
        return median(each.subject_seconds for each in self.rounds)

    @property
    def spread(self) -> str:
        """Return the smallest and the largest ratio."""
        ratios = sorted(each.ratio for each in self.rounds)
        return f"{ratios[0]:.2f}–{ratios[-1]:.2f}"

    @property
    def verdict(self) -> str:
        """Say whether the goal was reached."""
        if self.goal is None:
            return "—"
        return f"≤ {self.goal:g}: {'yes' if self.ratio <= self.goal else 'no'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFigures:
    """What was measured on one portfolio. Times in seconds, a figure for each round.

    `rested` is the day after a checkpoint of its own, which has no goal.
    """

    loans: int
    layout: str
    judged: bool
    dues: int
    build_seconds: float
    comparisons: tuple[Comparison, ...]
    repeats: tuple[float, ...]
    constant_days: tuple[float, ...]
    constant_dues: int
    by_loan: Outcome
    wal_bytes: int
    disk_bytes: int
    peak_bytes: int
    rested: Comparison | None = None

    @property
    def beside_floor(self) -> tuple[Comparison, ...]:
        """Return all that was measured beside the floor."""
        return self.comparisons if self.rested is None else (*self.comparisons, self.rested)

    @property
    def close_seconds(self) -> float:
        """Return the median time of the day's close with one worker."""
        return self.comparisons[0].subject_seconds

    @property
    def repeat_share(self) -> float:
        """Return a repeat of the day as a share of its first run."""
        return median(self.repeats) / self.close_seconds

    @property
    def by_loan_seconds(self) -> float:
        """Return the per-loan loop's time for all of the day's dues, extrapolated."""
        return self.by_loan.seconds / self.by_loan.done * self.dues


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestionFigures:
    """What was measured of bank-transaction files."""

    rows: int
    borrowers: int
    comparisons: tuple[Comparison, ...]
    repeat_seconds: tuple[float, ...]
    score_seconds: float
    peak_bytes: tuple[tuple[int, int], ...]
