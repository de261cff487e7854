"""Reading the business calendar."""

from datetime import date

from bright_credit.common.business_day import day_after
from bright_credit.common.postgresql.messages import ReadyQuery, Rows, send
from loan.models import BusinessDay

#: The last closed day, if the calendar has been opened.
CLOSED_THROUGH: ReadyQuery[BusinessDay] = ReadyQuery(
    BusinessDay.objects.order_by("pk").values_list("closed_through_date")[:1]
)


def current_date(*, today: date) -> date:
    """Return the date that counts as today: the calendar's, or the open business date if later."""
    (days,) = send(CLOSED_THROUGH.asking())
    return date_in(days, today=today)


def date_in(days: Rows, *, today: date) -> date:
    """Return `current_date`, when `CLOSED_THROUGH` was asked already and gave these rows."""
    return max(today, day_after(days[0][0])) if days else today
