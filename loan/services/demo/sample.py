"""The sample book: eight borrowers and seven loans at different stages, as of 31 October 2026.

Everything has a fixed number and a fixed date, so that building it again gives the same book.
"""

from datetime import date

from django.db import transaction

from bright_credit.common.business_day import day_after
from credit.domain.history import NO_HISTORY
from credit.models import CreditScore
from credit.services.scoring import ScoreRequest, score_borrower, score_borrowers
from loan.models import BusinessDay, Loan
from loan.selectors.credit_history import credit_histories
from loan.selectors.products import product_by_code
from loan.services.demo.catalogue import LAKH, PERSONAL_LOAN, ensure_products, pay_in_own_funds
from loan.services.demo.sample_story import (
    BORROWERS,
    CLOSED_THROUGH,
    LOANS,
    SampleBorrower,
    SampleLoan,
    sample_offer,
    sample_payments,
)
from loan.services.origination import apply_for_loan
from loan.services.takeover import take_over_loan
from users.domain.emails import normalise_email
from users.domain.names import normalise_name
from users.models import Borrower

_TODAY = day_after(CLOSED_THROUGH)
_SCORED_ON = date(2026, 10, 26)


def build_sample() -> None:
    """Write the sample book into a database that has no borrowers yet."""
    with transaction.atomic():
        BusinessDay.objects.create(closed_through_date=CLOSED_THROUGH)
        ensure_products()
        pay_in_own_funds(
            100 * LAKH, on=date(2024, 5, 1), reference="OWN-FUNDS/2024-05-01", as_of=_TODAY
        )
        for borrower in BORROWERS:
            _register(borrower)
        for loan in LOANS:
            _take_over(loan)
        _score_all(on=_SCORED_ON)
        _apply(8, amount_paise=8 * LAKH, months=36, purpose="WEDDING", on=date(2026, 10, 28))
        _apply(6, amount_paise=LAKH, months=12, purpose="EDUCATION", on=date(2026, 10, 30))


def _register(person: SampleBorrower) -> None:
    borrower = Borrower(
        pk=person.key,
        name=normalise_name(person.name),
        email=normalise_email(person.email),
        date_of_birth=person.date_of_birth,
        annual_income_paise=person.annual_income_paise,
        employment_type=person.employment_type.value,
    )
    borrower.save(force_insert=True)
    score_borrower(
        borrower,
        history=NO_HISTORY,
        as_of=person.registered_on,
        trigger=CreditScore.Trigger.REGISTRATION,
    )


def _take_over(sample: SampleLoan) -> Loan:
    offer = sample_offer(sample, product_by_code(sample.product))
    return take_over_loan(
        offer,
        borrower=Borrower.objects.get(pk=sample.borrower_key),
        payments=sample_payments(sample, offer),
        as_of=_TODAY,
        key=sample.key,
    )


def _score_all(*, on: date) -> None:
    histories = credit_histories([borrower.key for borrower in BORROWERS], as_of=on)
    score_borrowers(
        [ScoreRequest(key, history) for key, history in histories.items()],
        as_of=on,
        trigger=CreditScore.Trigger.BILLING_RUN,
    )


def _apply(key: int, *, amount_paise: int, months: int, purpose: str, on: date) -> None:
    apply_for_loan(
        Borrower.objects.get(pk=key).public_id,
        product_code=PERSONAL_LOAN,
        amount_paise=amount_paise,
        tenure_months=months,
        purpose=purpose,
        as_of=on,
    )
