"""The decision on an application: the outcome, every reason, the price, and what could be lent.

The door to underwriting: the values it takes and gives may all be imported from here.
"""

from dataclasses import dataclass

from loan.domain.counter_offer import CounterOffer, counter_offer
from loan.domain.lifecycle import ApplicationStatus
from loan.domain.reasons import Reason, ReasonCode
from loan.domain.underwriting_case import Applicant, Case, LoanRequest
from loan.domain.underwriting_checks import referrals, refusals
from loan.domain.underwriting_policy import (
    AffordabilitySlab,
    InvalidPolicy,
    PricingBand,
    ProductPolicy,
)

__all__ = [
    "AffordabilitySlab",
    "Applicant",
    "CounterOffer",
    "Decision",
    "InvalidPolicy",
    "LoanRequest",
    "PricingBand",
    "ProductPolicy",
    "Reason",
    "ReasonCode",
    "decide",
]

# Refusals that a smaller amount or another tenure may cure: only then is there something to offer.
_CURABLE = frozenset(
    {
        ReasonCode.AMOUNT_OUT_OF_RANGE,
        ReasonCode.TENURE_OUT_OF_RANGE,
        ReasonCode.AGE_OUT_OF_RANGE,
        ReasonCode.AMOUNT_ABOVE_SCORE_CAP,
        ReasonCode.FOIR_EXCEEDED,
        ReasonCode.MULTIPLIER_EXCEEDED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the policy says. No reasons means approved.

    `rate_bps` is None when the score has no price; `instalment_paise` and `foir_bps` are None when
    the amount or tenure is not one the product lends.
    """

    outcome: ApplicationStatus
    reasons: tuple[Reason, ...]
    rate_bps: int | None
    instalment_paise: int | None
    foir_bps: int | None
    counter_offer: CounterOffer | None


def decide(request: LoanRequest, applicant: Applicant, policy: ProductPolicy) -> Decision:
    """Return the policy's decision: rejected with every refusal, else referred, else approved."""
    case = Case(request=request, applicant=applicant, policy=policy)
    reasons = refusals(case)
    offer: CounterOffer | None = None
    if reasons:
        outcome = ApplicationStatus.REJECTED
        if all(reason.code in _CURABLE for reason in reasons):
            offer = counter_offer(case)
    else:
        reasons = referrals(case)
        outcome = ApplicationStatus.REFERRED if reasons else ApplicationStatus.APPROVED
    return Decision(
        outcome=outcome,
        reasons=reasons,
        rate_bps=None if case.band is None else case.band.rate_bps,
        instalment_paise=case.instalment_paise,
        foir_bps=case.foir_bps,
        counter_offer=offer,
    )
