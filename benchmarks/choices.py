"""Which loan is of what kind, due when, and how well it is paid: drawn once, from a seed."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeAlias

import numpy as np
import pandas as pd

from benchmarks.shapes import PENAL_GRACE_DAYS
from loan.domain.delinquency import NPA_DAYS

#: Of every thousand loans: so many have unpaid dues (one, two, three, four of them), so many hold
#: money for dues to come. Together 9 % are overdue and 2 % in advance.
UNPAID_PER_MILLE = (40, 20, 15, 15)
ADVANCE_PER_MILLE = 20

#: What an advance holds, in quarters of the next instalment: half of it, or all.
_ADVANCE_QUARTERS = (2, 4)
_DAYS_IN_CYCLE = 30

#: A loan in order has from none up to so many dues behind it.
_MAX_PAID = 3

Numbers: TypeAlias = np.ndarray[tuple[int], np.dtype[np.int64]]


class Layout(StrEnum):
    """How due days lie in the month."""

    SPREAD = "SPREAD"  # one thirtieth due a day
    ONE_DATE = "ONE_DATE"  # all due on one date


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioSpec:
    """A portfolio as of the morning of `day`, with the day before closed.

    Under `SPREAD` one thirtieth of the loans is due on `day`, and `constant_dues` of them, however
    large the portfolio is, on the day after it; nothing else happens on that day.
    """

    loans: int
    day: date
    layout: Layout = Layout.SPREAD
    constant_dues: int = 100
    seed: int = 20260616

    @property
    def constant_day(self) -> date:
        """Return the day that has the same number of dues in a portfolio of any size."""
        return self.day + timedelta(days=1)


def draw(spec: PortfolioSpec, *, shapes: int) -> pd.DataFrame:
    """Return a row for each loan: its kind, due day, dues behind it, unpaid ones, advance."""
    random = np.random.default_rng(spec.seed)
    due_day = _due_days(spec, random)
    unpaid = _unpaid(spec, due_day, random)
    billed = np.maximum(random.integers(0, _MAX_PAID + 1, spec.loans), unpaid)
    return pd.DataFrame(
        {
            "loan_id": np.arange(1, spec.loans + 1),
            "shape": random.integers(0, shapes, spec.loans),
            "due_day": due_day,
            "billed": billed,
            "unpaid": unpaid,
            "advance_quarters": _advances(spec, unpaid, random),
        }
    )


def _due_days(spec: PortfolioSpec, random: np.random.Generator) -> Numbers:
    if spec.layout is Layout.ONE_DATE:
        return np.full(spec.loans, spec.day.day)
    on_day = spec.loans // _DAYS_IN_CYCLE
    constant = min(spec.constant_dues, on_day)
    others = [
        day
        for day in range(1, _DAYS_IN_CYCLE + 1)
        if day not in (spec.day.day, spec.constant_day.day)
    ]
    rest = np.resize(np.array(others), spec.loans - on_day - constant)
    days = np.concatenate(
        [np.full(on_day, spec.day.day), np.full(constant, spec.constant_day.day), rest]
    )
    return random.permutation(days)


def _unpaid(spec: PortfolioSpec, due_day: Numbers, random: np.random.Generator) -> Numbers:
    """Return how many dues each loan has unpaid; none where the constant day would meet them."""
    levied = spec.constant_day - timedelta(days=PENAL_GRACE_DAYS + 1)
    crossing = spec.constant_day - timedelta(days=NPA_DAYS)
    quiet = () if spec.layout is Layout.ONE_DATE else (levied.day, crossing.day)
    candidates = random.permutation(np.flatnonzero(~np.isin(due_day, quiet)))
    unpaid = np.zeros(spec.loans, dtype=np.int64)
    taken = 0
    for dues, per_mille in enumerate(UNPAID_PER_MILLE, start=1):
        count = spec.loans * per_mille // 1000
        unpaid[candidates[taken : taken + count]] = dues
        taken += count
    return unpaid


def _advances(spec: PortfolioSpec, unpaid: Numbers, random: np.random.Generator) -> Numbers:
    """Return what each loan holds for its next due; those in arrears hold nothing."""
    candidates = random.permutation(np.flatnonzero(unpaid == 0))
    chosen = candidates[: spec.loans * ADVANCE_PER_MILLE // 1000]
    quarters = np.zeros(spec.loans, dtype=np.int64)
    quarters[chosen] = random.choice(np.array(_ADVANCE_QUARTERS), len(chosen))
    return quarters
