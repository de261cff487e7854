"""The date from which what happens to a loan now counts."""

from datetime import date

from bright_credit.common.business_day import day_after
from loan.models import Loan


def standing_date(loan: Loan, open_date: date) -> date:
    """Return the date from which an event counts that comes now: the open one, or a later one.

    It is later when a payment of the next day overtook this one at midnight, when the clock has
    stepped back, or when the day's end has made the loan non-performing and the day closes next.
    """
    marked = loan.npa_since
    return max(open_date, loan.position_date, *(() if marked is None else (day_after(marked),)))
