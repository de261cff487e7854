"""Reading the business calendar."""

from datetime import date

from bright_credit.common.business_day import day_after
from loan.models import BusinessDay


def current_date(*, today: date) -> date:
    """Return the date that counts as today: the calendar's, or the open business date if later."""
    day = BusinessDay.objects.first()
    return today if day is None else max(today, day_after(day.closed_through_date))
