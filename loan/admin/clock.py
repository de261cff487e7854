"""Where the admin reads the clock: once a request."""

from datetime import date

from django.http import HttpRequest

from bright_credit.common import business_day
from loan.selectors.calendar import current_date

_KEPT_AS = "_brightlend_business_date"


def business_date(request: HttpRequest) -> date:
    """Return the open business date, the same throughout a request."""
    kept: date | None = getattr(request, _KEPT_AS, None)
    if kept is None:
        kept = current_date(today=business_day.today())
        setattr(request, _KEPT_AS, kept)
    return kept
