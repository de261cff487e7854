"""Erasing a person's data, when nothing runs and the law no longer asks for it."""

from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q

from bright_credit.common.errors import Conflict
from loan.models import Loan
from loan.selectors.borrowing import is_borrowing
from users.domain.callers import SYSTEM, Caller
from users.domain.retention import erasable_from
from users.models import Borrower
from users.selectors import borrower_for
from users.services.erasure import erase


class StillBorrowing(Conflict):
    """A loan is open, an application waits, or money is held for the borrower."""

    code = "still_borrowing"


class ErasureTooEarly(Conflict):
    """The law still asks for the borrower's identity; the message says until when."""

    code = "erasure_too_early"


class AlreadyErased(Conflict):
    """The borrower's data were erased before."""

    code = "already_erased"


@transaction.atomic
def erase_personal_data(
    user_id: str, *, as_of: date, now: datetime, caller: Caller = SYSTEM
) -> Borrower:
    """Erase who a borrower is; ids, loans and ledger stay as they are.

    Holds the borrower's row, so that they take out no loan meanwhile. Raises `BorrowerNotFound`,
    `AlreadyErased`, `StillBorrowing`, and `ErasureTooEarly` until `ERASURE_AFTER_YEARS` after the
    last loan ended. Who never had a loan can be erased at once.
    """
    rows = Borrower.objects.select_for_update(no_key=True)
    borrower = borrower_for(caller, user_id, queryset=rows)
    refuse_erasure(borrower, as_of=as_of)
    erase(borrower, now=now)
    return borrower


def refuse_erasure(borrower: Borrower, *, as_of: date) -> None:
    """Raise why a borrower cannot be erased on a day; do nothing when they can."""
    if borrower.erased_at is not None:
        raise AlreadyErased("The data of this borrower were erased before.", field="user_id")
    loans = Loan.objects.filter(borrower=borrower)
    held = loans.filter(Q(excess_paise__gt=0) | Q(advance_paise__gt=0))
    if is_borrowing(borrower) or held.exists():
        raise StillBorrowing(
            "A loan is open, an application waits, or money is held for the borrower.",
            field="user_id",
        )
    last = loans.aggregate(last=Max("closed_on"))["last"]
    from_day = erasable_from(last, years=settings.ERASURE_AFTER_YEARS)
    if from_day is not None and as_of < from_day:
        raise ErasureTooEarly(
            f"The identity of a borrower is kept until {from_day.isoformat()}.", field="user_id"
        )
