"""What would raise a score, in words a borrower can act on, and by how many points."""

from collections.abc import Mapping
from dataclasses import dataclass

from credit.domain.history import CreditHistory


@dataclass(frozen=True, slots=True)
class Improvement:
    """One thing to do, the reason code it answers, and the points it would bring at most."""

    code: str
    points: int
    text: str


_CLEAR_ARREARS = (
    "Pay what is overdue and keep every due date; a delay weighs for 24 months, then drops out."
)
_LOWER_SHARE = "Bring your monthly instalments down to {percent} % of your monthly income or less."
_NO_NEW_LOANS = "Open no new loan until fewer than 3 were opened in the last 6 months."
_FEWER_ENQUIRIES = "Apply for no further credit for 90 days."
_INCOME = "A yearly income of ₹{income} or more."
_SEEN = "Let your bank transactions show your {income} at least 3 times."

_ADVICE: Mapping[str, str] = {
    "PAYMENT_HISTORY_NPA": _CLEAR_ARREARS,
    "PAYMENT_HISTORY_60_DAYS_LATE": _CLEAR_ARREARS,
    "PAYMENT_HISTORY_30_DAYS_LATE": _CLEAR_ARREARS,
    "PAYMENT_HISTORY_LATE": _CLEAR_ARREARS,
    "PAYMENT_HISTORY_UNPROVEN": "Pay {to_6} on time.",
    "PAYMENT_HISTORY_UNDER_12_DUES": "Pay {to_12} on time.",
    "PAYMENT_HISTORY_UNDER_24_DUES": "Pay {to_24} on time.",
    "UTILIZATION_TO_30_PERCENT": _LOWER_SHARE.format(percent=10),
    "UTILIZATION_TO_50_PERCENT": _LOWER_SHARE.format(percent=30),
    "UTILIZATION_TO_75_PERCENT": _LOWER_SHARE.format(percent=50),
    "UTILIZATION_ABOVE_75_PERCENT": _LOWER_SHARE.format(percent=75),
    "CREDIT_AGE_UNDER_2_YEARS": "Let your oldest loan reach an age of two years.",
    "CREDIT_AGE_UNDER_5_YEARS": "Let your oldest loan reach an age of five years.",
    "CREDIT_AGE_3_NEW_ACCOUNTS": _NO_NEW_LOANS,
    "CREDIT_AGE_5_NEW_ACCOUNTS": _NO_NEW_LOANS,
    "INCOME_BELOW_1_5_LAKH": _INCOME.format(income="1,50,000"),
    "INCOME_FROM_1_5_LAKH": _INCOME.format(income="3,00,000"),
    "INCOME_FROM_3_LAKH": _INCOME.format(income="5,00,000"),
    "INCOME_FROM_5_LAKH": _INCOME.format(income="8,00,000"),
    "INCOME_FROM_8_LAKH": _INCOME.format(income="12,00,000"),
    "INCOME_FROM_12_LAKH": _INCOME.format(income="15,00,000"),
    "INCOME_FROM_15_LAKH": _INCOME.format(income="25,00,000"),
    "EMPLOYMENT_SALARY_NOT_SEEN": _SEEN.format(income="salary"),
    "EMPLOYMENT_PENSION_NOT_SEEN": _SEEN.format(income="pension"),
    "EMPLOYMENT_RECEIPTS_NOT_SEEN": "Let your bank transactions show receipts in 3 months.",
    "CASH_FLOW_NOT_KNOWN": "Share bank transactions of at least 3 full months.",
    "CASH_FLOW_BOUNCES": "Let no payment bounce for 6 months.",
    "CASH_FLOW_INCOME_IRREGULAR": "Receive an income every month.",
    "CASH_FLOW_LITTLE_SAVED": "Spend at most 70 % of what you receive.",
    "CASH_FLOW_LOW_BALANCE": "Keep a balance of 3 monthly instalments or more.",
    "ENQUIRIES_SEVERAL": _FEWER_ENQUIRIES,
    "ENQUIRIES_MANY": _FEWER_ENQUIRIES,
    "ENQUIRIES_VERY_MANY": _FEWER_ENQUIRIES,
}


def advice(code: str, *, points: int, history: CreditHistory) -> Improvement:
    """Return what to do about the bin with this code, which would bring `points` more."""
    text = _ADVICE[code].format(**{f"to_{n}": _instalments(n, history) for n in (6, 12, 24)})
    return Improvement(code=code, points=points, text=text)


def _instalments(wanted: int, history: CreditHistory) -> str:
    missing = wanted - history.dues_observed
    return "1 more instalment" if missing == 1 else f"{missing} more instalments"
