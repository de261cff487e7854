"""What credit does when another app tells of something."""

from datetime import date

from credit.domain.history import NO_HISTORY
from credit.models import CreditScore
from credit.services.scoring import score_borrower
from users.models import Borrower


def score_new_borrower(sender: object, *, borrower: Borrower, as_of: date, **kwargs: object) -> int:
    """Give a new borrower their first score, and return it. Runs inside the registration."""
    return score_borrower(
        borrower, history=NO_HISTORY, as_of=as_of, trigger=CreditScore.Trigger.REGISTRATION
    ).score
