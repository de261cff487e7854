"""Applicants and records for the tests of the scorecard, said in a few words."""

from dataclasses import replace
from datetime import date

from hypothesis import settings

from credit.domain.features import NO_CASH_FLOW, CashFlow
from credit.domain.history import NO_HISTORY, CreditHistory
from credit.domain.scorecard import Applicant, ScoreInputs
from users.domain.employment import EmploymentType

#: A busy machine is no fault.
unhurried = settings(deadline=None)

AS_OF = date(2026, 1, 15)
LAKH = 100_000 * 100
EIGHTEEN_LAKH = 18 * LAKH

#: Six full months of a salary, a third of it kept: every cash-flow point there is.
STEADY = CashFlow(
    months_covered=6,
    income_months=6,
    salary_months=6,
    salary_credits=6,
    income_paise=9 * LAKH,
    spending_paise=6 * LAKH,
    average_balance_paise=3 * LAKH,
)


def inputs(
    *,
    annual_income_paise: int = EIGHTEEN_LAKH,
    employment_type: EmploymentType = EmploymentType.SALARIED,
    history: CreditHistory = NO_HISTORY,
    cash_flow: CashFlow = NO_CASH_FLOW,
    as_of: date = AS_OF,
) -> ScoreInputs:
    """Return the inputs of a score: by default the contract's borrower, new to credit."""
    return ScoreInputs(
        applicant=Applicant(
            annual_income_paise=annual_income_paise, employment_type=employment_type
        ),
        history=history,
        cash_flow=cash_flow,
        as_of=as_of,
    )


def record(**changes: object) -> CreditHistory:
    """Return a credit history that differs from none in these figures."""
    return replace(NO_HISTORY, **changes)  # type: ignore[arg-type]
