"""One batch of made-up borrowers: what all its steps share."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from itertools import count
from random import Random

from credit.models import CreditScore
from credit.services.scoring import ScoreRequest, score_borrowers
from loan.selectors.credit_history import credit_histories
from loan.services.demo.people import Person, email_domain
from users.models import Borrower

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A batch under way: its number, its span from `start` to `now`, and its source of chance."""

    number: int
    start: date
    now: date
    rng: Random
    progress: Progress


@dataclass(frozen=True, slots=True)
class Member:
    """A registered person of the batch."""

    person: Person
    borrower: Borrower


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPayment:
    """A payment that a borrower will make on a day still open."""

    loan_id: str
    on: date
    amount_paise: int
    payment_method: str
    reference_id: str


def next_batch_number() -> int:
    """Return the first number that no batch in this database has."""
    return next(
        number
        for number in count(1)
        if not Borrower.objects.filter(email__endswith=f"@{email_domain(number)}").exists()
    )


def score_members(
    borrower_keys: Collection[int], *, on: date, trigger: CreditScore.Trigger
) -> None:
    """Give these borrowers a fresh score, from their bank accounts and their loans with us."""
    histories = credit_histories(borrower_keys, as_of=on)
    score_borrowers(
        [ScoreRequest(key, history) for key, history in histories.items()],
        as_of=on,
        trigger=trigger,
    )
