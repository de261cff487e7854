"""The annual percentage rate: what the loan costs a year, fees included.

RBI's Key Facts Statement (15 April 2024, Annex B): the monthly internal rate of return of the cash
flows, times twelve, nominal. The illustration there (19,600 received, 24 unrounded instalments for
20,000 at 15 %) comes to 17.07 %; with the instalment rounded to 970 it would be 17.10 %.

Instalments need not be a month apart. Every cash flow stands so many months, whole and a part,
after the disbursement; a part of a month is discounted as simple interest, the whole months as
compound. Counting whole months back from the flow, and the odd days before them, is how Regulation
Z (12 CFR 1026, Appendix J) treats odd first periods. The unit is a month for all, so that a weekly
loan and a quarterly one compare.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import lcm, prod

from bright_credit.common.business_day import add_months, days_between
from bright_credit.common.errors import InvalidInput
from bright_credit.common.money import BPS_PER_WHOLE
from loan.domain.frequency import MONTHS_PER_YEAR

# Rates are tried at odd half basis points: the rounded rate is the one between two of them.
_HALF_BPS_MONTHLY = 2 * BPS_PER_WHOLE * MONTHS_PER_YEAR
_DAYS_PER_YEAR = 365


class NoAnnualPercentageRate(InvalidInput):
    """The cash flows have no rate of return: nothing is paid out, or less comes back than went."""

    code = "no_annual_percentage_rate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repayment:
    """Money that comes back, in paise, so many months after the disbursement."""

    months: Fraction
    amount_paise: int | Fraction


def months_after(disbursed_on: date, day: date, *, anchor_day: int | None = None) -> Fraction:
    """Return the months from one date to another: whole ones back from the later, then days.

    `anchor_day` is the day of the month that due dates keep, so that from 31 January to 28 February
    is a month where the 31st was agreed. A day is a twelfth part of a 365th, as in the interest of
    a broken period.
    """
    whole = (day.year - disbursed_on.year) * MONTHS_PER_YEAR + day.month - disbursed_on.month
    if add_months(day, -whole, anchor_day=anchor_day) < disbursed_on:
        whole -= 1
    days = days_between(disbursed_on, add_months(day, -whole, anchor_day=anchor_day))
    return whole + Fraction(days * MONTHS_PER_YEAR, _DAYS_PER_YEAR)


def rate_of_return_bps(net_disbursed_paise: int, repayments: Sequence[Repayment]) -> int:
    """Return twelve times the monthly rate of return in basis points, rounded half up.

    The present value falls as the rate rises, so the answer is the largest whole basis point whose
    lower half-point edge still leaves the present value at or above the net disbursement; the
    comparison is exact. Raises `NoAnnualPercentageRate`.
    """
    amounts = [repayment.amount_paise for repayment in repayments]
    if net_disbursed_paise <= 0:
        raise NoAnnualPercentageRate("nothing is paid out", field="amount")
    if min(amounts, default=0) < 0 or sum(amounts) < net_disbursed_paise:
        raise NoAnnualPercentageRate("less is paid back than was paid out", field="instalments")
    if any(repayment.months <= 0 for repayment in repayments):
        raise NoAnnualPercentageRate("paid back before it was paid out", field="instalments")
    flows = _Flows(net_disbursed_paise, repayments)
    too_high = 1
    while flows.rate_is_at_least(2 * too_high - 1):
        too_high *= 2
    found = too_high // 2
    while too_high - found > 1:
        middle = (found + too_high) // 2
        if flows.rate_is_at_least(2 * middle - 1):
            found = middle
        else:
            too_high = middle
    return found


class _Flows:
    """The cash flows in whole numbers, gathered by the part of a month they stand at."""

    __slots__ = ("_by_part", "_net")

    def __init__(self, net_disbursed_paise: int, repayments: Sequence[Repayment]) -> None:
        exact = [Fraction(repayment.amount_paise) for repayment in repayments]
        unit = lcm(*(amount.denominator for amount in exact))
        self._net = net_disbursed_paise * unit
        by_part: dict[Fraction, list[int]] = {}
        for repayment, amount in zip(repayments, exact, strict=True):
            whole = int(repayment.months)
            column = by_part.setdefault(repayment.months - whole, [])
            column.extend([0] * (whole + 1 - len(column)))
            column[whole] += int(amount * unit)
        self._by_part: Mapping[Fraction, list[int]] = by_part

    def rate_is_at_least(self, half_bps: int) -> bool:
        """Return whether the rate of return is this many half basis points a year, or more.

        With growth g = 1 + i a month, a flow after m whole months and a part p of one is worth
        amount ÷ gᵐ ÷ (1 + p·i) at the disbursement; the question is whether together they are worth
        what was paid out. It is asked in whole numbers, multiplied through by all denominators.
        """
        numerator, denominator = _HALF_BPS_MONTHLY + half_bps, _HALF_BPS_MONTHLY
        longest = max(len(column) for column in self._by_part.values())
        parts = {part: _growth_of(part, half_bps, denominator) for part in self._by_part}
        common = prod(above for above, _ in parts.values())
        worth = 0
        for part, column in self._by_part.items():
            above, below = parts[part]
            worth += _worth(column, numerator, denominator, longest) * below * (common // above)
        paid_out: int = self._net * common * numerator ** (longest - 1)
        return worth >= paid_out


def _growth_of(part: Fraction, half_bps: int, denominator: int) -> tuple[int, int]:
    """Return the simple growth over a part of a month, as one whole number over another."""
    counted, of = part.as_integer_ratio()
    return of * denominator + counted * half_bps, of * denominator


def _worth(column: Sequence[int], numerator: int, denominator: int, longest: int) -> int:
    """Return what amounts at months 0, 1, 2 … are worth at month 0, times growth's last power.

    That is Σ amount·dᵐ·n^(longest−1−m), with growth n/d.
    """
    worth = 0
    for month in range(longest):
        amount = column[month] if month < len(column) else 0
        worth = worth * numerator + amount * denominator**month
    return worth
