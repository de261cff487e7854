"""What can be lent instead: the same amount over more months if that helps, else a smaller one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bright_credit.common.money import round_down_to_step
from loan.domain.underwriting_case import Case, LoanRequest
from loan.domain.underwriting_checks import referrals


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterOffer:
    """A loan the applicant could have. `needs_review` means that a person would still decide it."""

    amount_paise: int
    tenure_months: int
    rate_bps: int
    instalment_paise: int
    needs_review: bool


def counter_offer(case: Case) -> CounterOffer | None:
    """Return the loan nearest to the request that no limit refuses, or None when there is none.

    Never more than was asked for. A longer tenure for the whole amount is tried first, the shortest
    that helps; then the largest amount at the requested tenure; then that at the longest one. Only
    limits on amount, tenure, age and affordability are considered: call it when no others refuse.
    """
    tenures = _tenures(case)
    ceiling_paise = _ceiling_paise(case)
    if case.band is None or not tenures or ceiling_paise < case.policy.minimum_amount_paise:
        return None
    nearest = min(tenures, key=lambda months: abs(months - case.request.tenure_months))
    if ceiling_paise == case.request.amount_paise:
        for months in tenures[tenures.index(nearest) :]:
            candidate = _with_request(case, amount_paise=ceiling_paise, tenure_months=months)
            if candidate.is_affordable:
                return _offer(candidate)
    for months in (nearest, tenures[-1]):
        reduced = _largest_affordable(case, ceiling_paise=ceiling_paise, tenure_months=months)
        if reduced is not None:
            return _offer(reduced)
    return None


def _tenures(case: Case) -> Sequence[int]:
    policy = case.policy
    return [
        months
        for months in range(policy.minimum_tenure_months, policy.maximum_tenure_months + 1)
        if policy.offers_tenure(months) and case.matures_within_age(months)
    ]


def _ceiling_paise(case: Case) -> int:
    """Return the largest amount, up to the request, that all limits but affordability allow."""
    limits = [
        case.request.amount_paise,
        case.policy.maximum_amount_paise,
        case.multiplier_cap_paise,
    ]
    if case.band is not None and case.band.amount_cap_paise is not None:
        limits.append(case.band.amount_cap_paise)
    return round_down_to_step(min(limits), step_paise=case.policy.amount_step_paise)


def _largest_affordable(case: Case, *, ceiling_paise: int, tenure_months: int) -> Case | None:
    """Return the case with the largest affordable amount, found by halving between the steps.

    The instalment never falls when the amount rises, so the affordable amounts are the lower ones.
    """
    step_paise = case.policy.amount_step_paise
    least = -(-case.policy.minimum_amount_paise // step_paise)
    found: Case | None = None
    low, high = least, ceiling_paise // step_paise
    while low <= high:
        middle = (low + high) // 2
        candidate = _with_request(
            case, amount_paise=middle * step_paise, tenure_months=tenure_months
        )
        if candidate.is_affordable:
            found, low = candidate, middle + 1
        else:
            high = middle - 1
    return found


def _with_request(case: Case, *, amount_paise: int, tenure_months: int) -> Case:
    return replace(
        case, request=LoanRequest(amount_paise=amount_paise, tenure_months=tenure_months)
    )


def _offer(case: Case) -> CounterOffer | None:
    band, instalment_paise = case.band, case.instalment_paise
    if band is None or instalment_paise is None:
        return None
    return CounterOffer(
        amount_paise=case.request.amount_paise,
        tenure_months=case.request.tenure_months,
        rate_bps=band.rate_bps,
        instalment_paise=instalment_paise,
        needs_review=bool(referrals(case)),
    )
