"""Celery tasks: the clock's way into the loan app."""

import logging
from datetime import date, timedelta
from typing import Any

from celery import shared_task
from django.conf import settings
from kombu.exceptions import OperationalError

from bright_credit.common import business_day
from bright_credit.common.errors import InvalidInput
from loan.models import BillingRun
from loan.services.accruing import post_accruals
from loan.services.billing.noticing import write_notices
from loan.services.billing.run import carry_on, run_billing, sweep

log = logging.getLogger(__name__)


class BusinessDateMalformed(InvalidInput):
    """A business date is written YYYY-MM-DD."""

    code = "business_date_malformed"


@shared_task(name="loan.tasks.process_daily_billing")
def process_daily_billing(
    business_date: str | date | None = None, **_unknown: Any
) -> dict[str, Any]:
    """Close every open day up to `business_date` (default: yesterday, the last day that has ended).

    Does the work itself, and tells idle workers that they may take their part of it. Reads the
    bank-transaction file first and refreshes scores after. Running it again, or twice at once,
    changes nothing more. Returns the days closed with their manifests. Arguments it does not know
    are let pass, so that a worker of an older release survives a newer message.
    """
    today = business_day.today()
    report = run_billing(
        today - timedelta(days=1) if business_date is None else _date(business_date),
        today=today,
        may_run_ahead=not settings.LIVE,
        transactions=settings.TRANSACTIONS_FILE,
        announce=_tell_workers,
    )
    return {
        "business_date": report.business_date.isoformat(),
        "days_closed": {run.business_date.isoformat(): run.manifest for run in report.closed},
        "transaction_file": report.transaction_file and report.transaction_file.pk,
        "scores_refreshed": report.rescored,
    }


@shared_task(name="loan.tasks.bill_chunks")
def bill_chunks(run_id: int | None = None, **_unknown: Any) -> int:
    """Do chunks of the run under way, whichever it is by now; return how many days this closed.

    The message is a hint: lost, late or doubled, it changes nothing, for the database says what is
    to be done.
    """
    return len(carry_on())


@shared_task(name="loan.tasks.sweep_billing")
def sweep_billing(**_unknown: Any) -> int:
    """Finish what dead workers left of a billing run; return how many days this closed."""
    return len(sweep(today=business_day.today()))


@shared_task(name="loan.tasks.post_accruals")
def post_nightly_accruals(**_unknown: Any) -> dict[str, int]:
    """Book the interest that has run unbilled, of every closed day that has no accrual yet.

    Returns the paise of each day booked. A day that the night's billing has not closed by then is
    booked the next time, as if it had been in time.
    """
    made = post_accruals(today=business_day.today(), actor="system")
    return {accrual.as_of.isoformat(): accrual.accrued_paise for accrual in made}


@shared_task(name="loan.tasks.write_notices")
def write_morning_notices(**_unknown: Any) -> dict[str, int]:
    """Write the notices of a morning: EMIs due in three days, due today, and overdue since.

    Returns how many of each are new; a second time on a day there are none. They are sent by
    `users.tasks.send_notices`.
    """
    if not settings.BORROWER_NOTICES:
        return {}
    written = write_notices(business_day.today())
    log.info("notices written: %s", written)
    return written


def _tell_workers(run: BillingRun, chunks: int) -> None:
    """Send a hint for each worker that could help. Without a broker there is nobody to tell."""
    try:
        for _ in range(min(chunks - 1, settings.BILLING_HINTS)):
            bill_chunks.apply_async((run.pk,), retry=False, expires=3_600)
    except OperationalError as error:
        log.warning("No worker could be told of the run of %s: %s", run.business_date, error)


def _date(text: str | date) -> date:
    if isinstance(text, date):
        return text
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BusinessDateMalformed(
            "A business date is written YYYY-MM-DD.", field="business_date"
        ) from error
