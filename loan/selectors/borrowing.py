"""Whether a borrower is borrowing: what consents and erasure ask."""

from loan.models import Loan, LoanApplication
from users.models import Borrower


def is_borrowing(borrower: Borrower) -> bool:
    """Return whether a loan of the borrower is open or an application waits. One statement.

    A loan that is met by what it holds in advance, but was not carried to its last due date yet,
    is open: nothing is lost by that but a day.
    """
    open_loan = Loan.objects.filter(borrower=borrower).exclude(status=Loan.Status.CLOSED)
    waiting = LoanApplication.objects.filter(
        borrower=borrower, status=LoanApplication.Status.REFERRED
    )
    return open_loan.values("pk").union(waiting.values("pk"), all=True).exists()
