"""What a borrower's bank transactions say, over the last full calendar months.

The months are summed up where the rows are (`MonthlyFlow`); this module draws the figures that the
scorecard and underwriting use from those sums. Whole paise and counts only: a ratio is compared by
multiplying across, never by dividing into a float.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bright_credit.common.business_day import add_months, first_of_month, months_between

#: The trailing full months that are looked at, and how many of them say what is owed elsewhere.
WINDOW_MONTHS = 6
OBLIGATION_MONTHS = 3

#: Fewer months than this say too little about habits for points to be given or taken.
ENOUGH_MONTHS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Full calendar months: from `start`, the first day of the first, to before `end`."""

    start: date
    end: date


def trailing_window(as_of: date) -> Window:
    """Return the full months before the month of `as_of`."""
    end = first_of_month(as_of)
    return Window(start=add_months(end, -WINDOW_MONTHS), end=end)


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthlyFlow:
    """One borrower's month: what was earned, spent, owed and bounced.

    `income_paise` and `spending_paise` leave out money that only passes through (own transfers,
    reversals, loans paid out). `instalments_paise` are the single debits that pay a loan somewhere.
    """

    month: date
    income_paise: int
    spending_paise: int
    salary_credits: int
    instalments_paise: tuple[int, ...] = ()
    bounces: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CashFlow:
    """The figures drawn from a borrower's months; all zero when no full month is known.

    `months_covered` runs from the first to the last month with a transaction, quiet ones between
    included. `average_balance_paise` is the mean of the month-ends of the running net flow, which
    stands for the balance that the file does not carry. `outside_obligations_paise` is what the
    heaviest of the last three months paid to other lenders.
    """

    months_covered: int = 0
    income_months: int = 0
    salary_months: int = 0
    salary_credits: int = 0
    income_paise: int = 0
    spending_paise: int = 0
    average_balance_paise: int = 0
    outside_obligations_paise: int = 0
    bounces: int = 0

    @property
    def monthly_income_paise(self) -> int:
        """What was earned in a month on average, in whole paise, rounded down."""
        return self.income_paise // self.months_covered if self.months_covered else 0

    @property
    def is_telling(self) -> bool:
        """Whether enough months are covered to judge habits by."""
        return self.months_covered >= ENOUGH_MONTHS


NO_CASH_FLOW = CashFlow()


def cash_flow(
    flows: Sequence[MonthlyFlow], *, as_of: date, own_instalments_paise: Sequence[int] = ()
) -> CashFlow:
    """Return the figures of a borrower's months; months outside the trailing window are ignored.

    `own_instalments_paise` are the instalments of our own loans: in each month one debit of exactly
    that amount is taken for ours and not for an obligation elsewhere.
    """
    window = trailing_window(as_of)
    months = sorted(
        (flow for flow in flows if window.start <= flow.month < window.end),
        key=lambda flow: flow.month,
    )
    if not months:
        return NO_CASH_FLOW
    obligations_from = add_months(window.end, -OBLIGATION_MONTHS)
    return CashFlow(
        months_covered=_months_covered(months),
        income_months=sum(flow.income_paise > 0 for flow in months),
        salary_months=sum(flow.salary_credits > 0 for flow in months),
        salary_credits=sum(flow.salary_credits for flow in months),
        income_paise=sum(flow.income_paise for flow in months),
        spending_paise=sum(flow.spending_paise for flow in months),
        average_balance_paise=_average_balance(months),
        outside_obligations_paise=max(
            (
                _paid_elsewhere(flow.instalments_paise, own=own_instalments_paise)
                for flow in months
                if flow.month >= obligations_from
            ),
            default=0,
        ),
        bounces=sum(flow.bounces for flow in months),
    )


def _months_covered(months: Sequence[MonthlyFlow]) -> int:
    return months_between(months[0].month, months[-1].month) + 1


def _average_balance(months: Sequence[MonthlyFlow]) -> int:
    """Return the mean month-end of the running net flow, rounded down; a quiet month counts."""
    net_of = {flow.month: flow.income_paise - flow.spending_paise for flow in months}
    covered = _months_covered(months)
    running, total = 0, 0
    for index in range(covered):
        running += net_of.get(add_months(months[0].month, index), 0)
        total += running
    return total // covered


def _paid_elsewhere(debits: Sequence[int], *, own: Sequence[int]) -> int:
    """Return the sum of a month's instalment debits without those that pay our own instalments."""
    return sum((Counter(debits) - Counter(own)).elements())
