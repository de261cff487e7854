"""The rate of return of the simplest flows: one instalment a month."""

from collections.abc import Sequence
from fractions import Fraction

from loan.domain.apr import Repayment, rate_of_return_bps


def monthly_rate_bps(net_disbursed_paise: int, instalments: Sequence[int | Fraction]) -> int:
    """Return the rate of instalments that come one a month, unrounded ones too."""
    return rate_of_return_bps(
        net_disbursed_paise,
        [
            Repayment(months=Fraction(place), amount_paise=amount)
            for place, amount in enumerate(instalments, start=1)
        ],
    )
