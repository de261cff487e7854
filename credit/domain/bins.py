"""Scorecard brightlend-1: its bins, one function a characteristic.

Each returns the bin an applicant falls into: the points, the band shown, and a code that says why
the points are not more. A golden table in the tests pins every edge.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bright_credit.common.business_day import months_between
from bright_credit.common.money import BPS_PER_WHOLE, PAISE_PER_RUPEE
from credit.domain.features import CashFlow
from credit.domain.history import CreditHistory
from users.domain.employment import EmploymentType

LAKH_PAISE = 100_000 * PAISE_PER_RUPEE

#: From so many salary or pension credits, or months with receipts, on, the income counts as seen.
SEEN_INCOME_TIMES = 3

#: With fewer observed dues a clean record is not yet a proven one.
PROVEN_DUES = 6


class Band(StrEnum):
    """The word shown for a characteristic."""

    EXCELLENT = "EXCELLENT"
    GOOD = "GOOD"
    FAIR = "FAIR"
    POOR = "POOR"
    LOW_RISK = "LOW_RISK"
    MEDIUM_RISK = "MEDIUM_RISK"
    HIGH_RISK = "HIGH_RISK"


@dataclass(frozen=True, slots=True)
class Bin:
    """The points of one characteristic, their band, and why they are not more.

    `within_reach` are the points that the next step its owner can take leads to, None when there is
    no such step.
    """

    points: int
    band: Band
    code: str
    within_reach: int | None = None


def payment_history(history: CreditHistory) -> Bin:
    """Worst delay of the last 24 months; when clean, how long the record is. At most 200."""
    worst = history.worst_days_past_due_24m
    if history.npa_or_written_off or worst >= 90:
        return Bin(0, Band.POOR, "PAYMENT_HISTORY_NPA", 145)
    if worst >= 60:
        return Bin(40, Band.POOR, "PAYMENT_HISTORY_60_DAYS_LATE", 145)
    if worst >= 30:
        return Bin(80, Band.FAIR, "PAYMENT_HISTORY_30_DAYS_LATE", 145)
    if worst >= 1:
        return Bin(120, Band.GOOD, "PAYMENT_HISTORY_LATE", 145)
    if history.dues_observed < PROVEN_DUES:
        return Bin(145, Band.EXCELLENT, "PAYMENT_HISTORY_UNPROVEN", 165)
    if history.dues_observed < 12:
        return Bin(165, Band.EXCELLENT, "PAYMENT_HISTORY_UNDER_12_DUES", 185)
    if history.dues_observed < 24:
        return Bin(185, Band.EXCELLENT, "PAYMENT_HISTORY_UNDER_24_DUES", 200)
    return Bin(200, Band.EXCELLENT, "PAYMENT_HISTORY_CLEAN")


#: Share of the monthly income that instalments take, upper edges inclusive, in basis points.
_UTILIZATION = (
    (1_000, Bin(110, Band.LOW_RISK, "UTILIZATION_TO_10_PERCENT")),
    (3_000, Bin(95, Band.LOW_RISK, "UTILIZATION_TO_30_PERCENT", 110)),
    (5_000, Bin(65, Band.MEDIUM_RISK, "UTILIZATION_TO_50_PERCENT", 95)),
    (7_500, Bin(30, Band.HIGH_RISK, "UTILIZATION_TO_75_PERCENT", 65)),
)


def credit_utilization(*, annual_income_paise: int, obligations_paise: int) -> Bin:
    """Monthly obligations as a share of the monthly income. At most 110."""
    if obligations_paise == 0:
        return Bin(90, Band.LOW_RISK, "UTILIZATION_NOT_OBSERVED")
    for edge_bps, bin_ in _UTILIZATION:
        if obligations_paise * 12 * BPS_PER_WHOLE <= annual_income_paise * edge_bps:
            return bin_
    return Bin(0, Band.HIGH_RISK, "UTILIZATION_ABOVE_75_PERCENT", 30)


def credit_age(history: CreditHistory, *, as_of: date) -> Bin:
    """Months since the oldest loan was opened; many new accounts weigh more. At most 70."""
    if history.accounts_opened_6m >= 5:
        return Bin(0, Band.POOR, "CREDIT_AGE_5_NEW_ACCOUNTS", 35)
    if history.accounts_opened_6m >= 3:
        return Bin(15, Band.FAIR, "CREDIT_AGE_3_NEW_ACCOUNTS", 35)
    opened_on = history.oldest_line_opened_on
    months = 0 if opened_on is None else months_between(opened_on, as_of)
    if months < 24:
        return Bin(35, Band.GOOD, "CREDIT_AGE_UNDER_2_YEARS", 55)
    if months < 60:
        return Bin(55, Band.GOOD, "CREDIT_AGE_UNDER_5_YEARS", 70)
    return Bin(70, Band.EXCELLENT, "CREDIT_AGE_5_YEARS")


#: Yearly income in paise, lower edges inclusive, best first.
INCOME_EDGES = (
    (25 * LAKH_PAISE, Bin(90, Band.EXCELLENT, "INCOME_FROM_25_LAKH")),
    (15 * LAKH_PAISE, Bin(75, Band.EXCELLENT, "INCOME_FROM_15_LAKH", 90)),
    (12 * LAKH_PAISE, Bin(68, Band.GOOD, "INCOME_FROM_12_LAKH", 75)),
    (8 * LAKH_PAISE, Bin(60, Band.GOOD, "INCOME_FROM_8_LAKH", 68)),
    (5 * LAKH_PAISE, Bin(50, Band.GOOD, "INCOME_FROM_5_LAKH", 60)),
    (3 * LAKH_PAISE, Bin(35, Band.FAIR, "INCOME_FROM_3_LAKH", 50)),
    (3 * LAKH_PAISE // 2, Bin(20, Band.FAIR, "INCOME_FROM_1_5_LAKH", 35)),
)


def annual_income(annual_income_paise: int) -> Bin:
    """Declared yearly income. At most 90."""
    for edge_paise, bin_ in INCOME_EDGES:
        if annual_income_paise >= edge_paise:
            return bin_
    return Bin(0, Band.POOR, "INCOME_BELOW_1_5_LAKH", 20)


#: Points by kind of employment: as declared, and when the income was seen in bank transactions.
_EMPLOYMENT: Mapping[EmploymentType, tuple[Bin, Bin]] = {
    EmploymentType.SALARIED: (
        Bin(35, Band.EXCELLENT, "EMPLOYMENT_SALARY_NOT_SEEN", 40),
        Bin(40, Band.EXCELLENT, "EMPLOYMENT_SALARIED"),
    ),
    EmploymentType.PENSIONER: (
        Bin(30, Band.GOOD, "EMPLOYMENT_PENSION_NOT_SEEN", 35),
        Bin(35, Band.EXCELLENT, "EMPLOYMENT_PENSIONER"),
    ),
    EmploymentType.SELF_EMPLOYED: (
        Bin(25, Band.GOOD, "EMPLOYMENT_RECEIPTS_NOT_SEEN", 33),
        Bin(33, Band.EXCELLENT, "EMPLOYMENT_SELF_EMPLOYED"),
    ),
}
_WITHOUT_PROOF: Mapping[EmploymentType, Bin] = {
    EmploymentType.STUDENT: Bin(5, Band.FAIR, "EMPLOYMENT_STUDENT"),
    EmploymentType.UNEMPLOYED: Bin(0, Band.POOR, "EMPLOYMENT_NONE"),
    EmploymentType.OTHER: Bin(10, Band.FAIR, "EMPLOYMENT_OTHER"),
}


def employment(employment_type: EmploymentType, *, cash_flow: CashFlow) -> Bin:
    """Kind of employment, better when its income was seen. At most 40."""
    if employment_type in _WITHOUT_PROOF:
        return _WITHOUT_PROOF[employment_type]
    declared, seen = _EMPLOYMENT[employment_type]
    times = (
        cash_flow.income_months
        if employment_type is EmploymentType.SELF_EMPLOYED
        else cash_flow.salary_credits
    )
    return seen if times >= SEEN_INCOME_TIMES else declared


def enquiries(enquiries_90d: int | None) -> Bin:
    """Enquiries by lenders in the last 90 days. At most 30."""
    if enquiries_90d is None:
        return Bin(20, Band.GOOD, "ENQUIRIES_NOT_KNOWN")
    if enquiries_90d <= 1:
        return Bin(30, Band.EXCELLENT, "ENQUIRIES_FEW")
    if enquiries_90d <= 3:
        return Bin(20, Band.GOOD, "ENQUIRIES_SEVERAL", 30)
    if enquiries_90d <= 5:
        return Bin(10, Band.FAIR, "ENQUIRIES_MANY", 30)
    return Bin(0, Band.POOR, "ENQUIRIES_VERY_MANY", 30)
