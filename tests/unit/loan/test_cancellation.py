"""Giving a loan back: on figures worked by hand, and only as long as nothing of it has moved."""

from datetime import date, timedelta

import pytest

from loan.domain.cancellation import (
    CancellationQuote,
    KeptBack,
    cancellation_quote,
    may_be_cancelled,
)
from loan.domain.events import LoanEvent, PaymentReceived, Towards
from loan.domain.frequency import Frequency
from loan.domain.lifecycle import LoanStatus
from loan.domain.servicing import Step, principal_outstanding_paise, replay
from loan.domain.terms import LoanTerms, MoratoriumInterest
from tests.unit.loan.histories import RUPEE, paid, terms_of

PAID_OUT = date(2025, 1, 5)
KEPT_BACK = KeptBack(fee_paise=236 * RUPEE, gst_paise=36 * RUPEE)


def told(terms: LoanTerms, *events: LoanEvent, until: date) -> Step:
    return replay(terms, events, until, day_ended=False)


def quoted(terms: LoanTerms, *events: LoanEvent, on: date) -> CancellationQuote:
    step = told(terms, *events, until=on)
    return cancellation_quote(terms, step.in_force, step.position, kept_back=KEPT_BACK, last_day=on)


def given_back(quote: CancellationQuote, *, less_paise: int = 0) -> PaymentReceived:
    return PaymentReceived(
        key="BACK",
        value_date=quote.on,
        sequence=90,
        amount_paise=quote.amount_paise - less_paise,
        towards=Towards.CANCELLATION,
        cancelling=quote.cancelling,
    )


def test_giving_back_costs_the_principal_and_the_interest_of_the_days_less_the_fee() -> None:
    # 12,000 at 12 % for ten days are 39.45; the fee of 236 comes back, and 100 were paid before.
    terms, on = terms_of(), PAID_OUT + timedelta(days=10)
    early = paid(PAID_OUT, 100)
    quote = quoted(terms, early, on=on)
    assert quote.amount_paise == 12_039_45 - 236_00 - 100_00
    closed = told(terms, early, given_back(quote), until=on)
    assert closed.position.status is LoanStatus.CLOSED
    assert principal_outstanding_paise(terms, closed.position) == 0
    assert closed.position.advance_paise == closed.position.excess_paise == 0


def test_a_paisa_less_gives_nothing_back_and_is_kept_for_the_dues_to_come() -> None:
    terms, on = terms_of(), PAID_OUT + timedelta(days=10)
    open_still = told(terms, given_back(quoted(terms, on=on), less_paise=1), until=on)
    assert open_still.position.status is LoanStatus.ACTIVE
    assert open_still.position.advance_paise == 12_039_45 - 236_00 - 1
    assert len(open_still.schedule) == 12


@pytest.mark.parametrize("days", [6, 7, 8])
def test_a_loan_whose_interest_has_become_principal_is_not_given_back(days: int) -> None:
    """Else what was capitalised, on the seventh day here, would stay owed on a closed loan."""
    terms = terms_of(
        tenure_months=3,
        frequency=Frequency.WEEKLY,
        due_day=None,
        first_due=PAID_OUT + timedelta(weeks=2),
        principal_moratorium_periods=1,
        interest_moratorium_periods=1,
        moratorium_interest=MoratoriumInterest.CAPITALISED,
    )
    on = PAID_OUT + timedelta(days=days)
    step = told(terms, given_back(quoted(terms, on=on)), until=on)
    closed = step.position.status is LoanStatus.CLOSED
    assert closed is (days < 7)
    assert closed is (principal_outstanding_paise(terms, step.position) == 0)
    assert closed is may_be_cancelled(told(terms, until=on).position)
