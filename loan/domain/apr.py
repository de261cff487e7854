"""The annual percentage rate: what the loan costs a year, fees included.

RBI's Key Facts Statement (15 April 2024, Annex B): the monthly internal rate of return of the cash
flows, times twelve, nominal. The illustration there (19,600 received, 24 unrounded instalments for
20,000 at 15 %) comes to 17.07 %; with the instalment rounded to 970 it would be 17.10 %.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import lcm

from bright_credit.common.errors import InvalidInput
from bright_credit.common.money import BPS_PER_WHOLE
from loan.domain.schedule import MONTHS_PER_YEAR

# Rates are tried at odd half basis points: the rounded rate is the one between two of them.
_HALF_BPS_MONTHLY = 2 * BPS_PER_WHOLE * MONTHS_PER_YEAR


class NoAnnualPercentageRate(InvalidInput):
    """The cash flows have no rate of return: nothing is paid out, or less comes back than went."""

    code = "no_annual_percentage_rate"


def annual_percentage_rate_bps(
    net_disbursed_paise: int, instalments: Sequence[int | Fraction]
) -> int:
    """Return the yearly rate in basis points, rounded half up, of monthly instalments.

    `instalments` are in paise, one a month from the month after disbursement; `Fraction` ones serve
    schedules that were never rounded. The present value falls as the rate rises, so the answer is
    the largest whole basis point whose lower half-point edge still leaves the present value at or
    above the net disbursement; the comparison is exact. Raises `NoAnnualPercentageRate`.
    """
    if net_disbursed_paise <= 0:
        raise NoAnnualPercentageRate("nothing is paid out", field="amount")
    if min(instalments, default=0) < 0 or sum(instalments) < net_disbursed_paise:
        raise NoAnnualPercentageRate("less is paid back than was paid out", field="instalments")
    flows = _whole_flows(net_disbursed_paise, instalments)
    too_high = 1
    while _rate_is_at_least(2 * too_high - 1, flows):
        too_high *= 2
    found = too_high // 2
    while too_high - found > 1:
        middle = (found + too_high) // 2
        if _rate_is_at_least(2 * middle - 1, flows):
            found = middle
        else:
            too_high = middle
    return found


def _whole_flows(net_disbursed_paise: int, instalments: Sequence[int | Fraction]) -> list[int]:
    """Return the disbursement and the instalments in one unit in which all of them are whole."""
    exact = [Fraction(amount) for amount in (net_disbursed_paise, *instalments)]
    unit = lcm(*(amount.denominator for amount in exact))
    return [int(amount * unit) for amount in exact]


def _rate_is_at_least(half_bps: int, flows: Sequence[int]) -> bool:
    """Return whether the rate of return is this many half basis points a year, or more.

    With growth g = numerator/denominator a month, this asks whether the disbursement, grown and
    reduced month by month by the instalments, ends at or below zero; multiplied through by the
    denominators to stay whole.
    """
    numerator, denominator = _HALF_BPS_MONTHLY + half_bps, _HALF_BPS_MONTHLY
    owed, scale = flows[0], 1
    for instalment in flows[1:]:
        scale *= denominator
        owed = owed * numerator - instalment * scale
    return owed <= 0
