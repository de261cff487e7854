"""Celery tasks: the clock's way into the loan app."""

from datetime import date, timedelta
from typing import Any

from celery import shared_task
from django.conf import settings

from bright_credit.common import business_day
from bright_credit.common.errors import InvalidInput
from loan.services.billing.run import run_billing


class BusinessDateMalformed(InvalidInput):
    """A business date is written YYYY-MM-DD."""

    code = "business_date_malformed"


@shared_task(name="loan.tasks.process_daily_billing")
def process_daily_billing(
    business_date: str | date | None = None, **_unknown: Any
) -> dict[str, Any]:
    """Close every open day up to `business_date` (default: yesterday, the last day that has ended).

    Reads the bank-transaction file first and refreshes scores after. Running it again, or twice at
    once, changes nothing more. Returns the days closed with their manifests. Arguments it does not
    know are let pass, so that a worker of an older release survives a newer message.
    """
    today = business_day.today()
    report = run_billing(
        today - timedelta(days=1) if business_date is None else _date(business_date),
        today=today,
        may_run_ahead=not settings.LIVE,
        transactions=settings.TRANSACTIONS_FILE,
    )
    return {
        "business_date": report.business_date.isoformat(),
        "days_closed": {run.business_date.isoformat(): run.manifest for run in report.closed},
        "transaction_file": report.transaction_file and report.transaction_file.pk,
        "scores_refreshed": report.rescored,
    }


def _date(text: str | date) -> date:
    if isinstance(text, date):
        return text
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BusinessDateMalformed(
            "A business date is written YYYY-MM-DD.", field="business_date"
        ) from error
