"""Why an application was refused or referred: stable codes, with words for the applicant."""

from dataclasses import dataclass
from enum import StrEnum


class ReasonCode(StrEnum):
    """Every reason there is. Codes are stable; the words beside them may change."""

    # Refusals, in the order of the checks.
    AMOUNT_OUT_OF_RANGE = "AMOUNT_OUT_OF_RANGE"
    TENURE_OUT_OF_RANGE = "TENURE_OUT_OF_RANGE"
    KYC_INCOMPLETE = "KYC_INCOMPLETE"
    AGE_OUT_OF_RANGE = "AGE_OUT_OF_RANGE"
    EMPLOYMENT_INELIGIBLE = "EMPLOYMENT_INELIGIBLE"
    INCOME_BELOW_MIN = "INCOME_BELOW_MIN"
    EXISTING_NPA = "EXISTING_NPA"
    EXISTING_OVERDUE = "EXISTING_OVERDUE"
    DUPLICATE_APPLICATION = "DUPLICATE_APPLICATION"
    COOLDOWN_ACTIVE = "COOLDOWN_ACTIVE"
    RECENT_ENQUIRIES = "RECENT_ENQUIRIES"
    BOUNCES_RECENT = "BOUNCES_RECENT"
    SCORE_BELOW_CUTOFF = "SCORE_BELOW_CUTOFF"
    AMOUNT_ABOVE_SCORE_CAP = "AMOUNT_ABOVE_SCORE_CAP"
    FOIR_EXCEEDED = "FOIR_EXCEEDED"
    MULTIPLIER_EXCEEDED = "MULTIPLIER_EXCEEDED"
    MAX_ACTIVE_LOANS = "MAX_ACTIVE_LOANS"
    # Referrals: a person decides.
    FRAUD_SUSPECT = "FRAUD_SUSPECT"
    INCOME_UNVERIFIED = "INCOME_UNVERIFIED"
    SCORE_NEEDS_REVIEW = "SCORE_NEEDS_REVIEW"
    AMOUNT_ABOVE_AUTO_LIMIT = "AMOUNT_ABOVE_AUTO_LIMIT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One reason: its code, what it says in plain words, and what would change the outcome."""

    code: ReasonCode
    text: str
    remedy: str
