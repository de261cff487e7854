"""Setting aside a loan that cannot be billed, and bringing it back."""

from datetime import date

from django.db import connection, transaction
from django.utils import timezone

from bright_credit.common.errors import Conflict, DomainError, RuleViolated
from loan.models import BillingChunk, Loan, QuarantinedLoan
from loan.services.billing.steps import bring_to_end
from loan.services.business_day import brought_through, hold_open_date
from loan.services.happening import lock_loan
from loan.services.impairment import classify_after_calendar

#: When so many loans of one run cannot be billed, it is not the loans.
MAX_A_RUN = 100

_LOANS = """
SELECT l.id FROM loan_loan l
WHERE l.id BETWEEN %(low)s AND %(high)s AND l.status = 'ACTIVE' AND NOT EXISTS (
    SELECT 1 FROM loan_quarantinedloan q WHERE q.loan_id = l.id AND q.released_at IS NULL
)
ORDER BY l.id
"""


class BillingHalted(RuleViolated):
    """The run stopped: what fails is not a loan here and there, and setting more aside is wrong."""

    code = "billing_halted"


class LoanNotInQuarantine(Conflict):
    """The loan has been released from quarantine already."""

    code = "loan_not_in_quarantine"


class StillNotBillable(RuleViolated):
    """The loan still cannot be billed, and stays in quarantine."""

    code = "still_not_billable"


def divide(chunk_id: int, *, reason: str, attempts: int) -> None:
    """Cut a chunk that fails in two of as many loans each, or set its only loan aside.

    Inside a transaction that holds the chunk's row. `attempts` is what the parts count as tried.
    Raises `BillingHalted`.
    """
    chunk = BillingChunk.objects.select_related("run").get(pk=chunk_id)
    with connection.cursor() as cursor:
        cursor.execute(_LOANS, {"low": chunk.low, "high": chunk.high})
        keys = [key for (key,) in cursor.fetchall()]
    if not keys:
        raise BillingHalted(f"Billing fails without any loan: {reason}")
    if len(keys) == 1:
        _set_aside(keys[0], chunk, reason=reason)
        return
    middle = keys[len(keys) // 2 - 1]
    BillingChunk.objects.create(run=chunk.run, low=middle + 1, high=chunk.high, attempts=attempts)
    chunk.high, chunk.attempts = middle, attempts
    chunk.token += 1
    chunk.claimed_at = None
    chunk.save(update_fields=["high", "attempts", "token", "claimed_at"])


def _set_aside(loan_key: int, chunk: BillingChunk, *, reason: str) -> None:
    if QuarantinedLoan.objects.filter(run=chunk.run).count() >= MAX_A_RUN:
        raise BillingHalted(
            f"{MAX_A_RUN} loans of {chunk.run.business_date} cannot be billed; the last: {reason}"
        )
    QuarantinedLoan.objects.create(
        loan_id=loan_key,
        run=chunk.run,
        business_date=chunk.run.business_date,
        reason=reason[:500],
    )
    chunk.status = BillingChunk.Status.DONE
    chunk.finished_at = timezone.now()
    chunk.save(update_fields=["status", "finished_at"])


def release(quarantine_id: int, *, as_of: date) -> Loan:
    """Bring a loan in quarantine to the date of the book, and let it be billed with the others.

    Raises `LoanNotInQuarantine`, and `StillNotBillable` with the reason when it fails again.
    """
    with transaction.atomic():
        open_date = hold_open_date(as_of=as_of)
        held = (
            QuarantinedLoan.objects.select_for_update(of=("self",))
            .select_related("loan")
            .get(pk=quarantine_id)
        )
        if held.released_at is not None:
            raise LoanNotInQuarantine("The loan has been released already.")
        loan = lock_loan(held.loan.public_id)
        try:
            with transaction.atomic():
                bring_to_end(loan, brought_through(as_of=as_of))
                classify_after_calendar(loan, open_date=open_date)
        except DomainError as error:
            raise StillNotBillable(f"{loan} still cannot be billed: {error.message}") from error
        except Exception as error:
            first_line = str(error).partition("\n")[0]
            raise StillNotBillable(f"{loan} still cannot be billed: {first_line}") from error
        held.released_at = timezone.now()
        held.save(update_fields=["released_at"])
    return loan
