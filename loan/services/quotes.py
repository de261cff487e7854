"""Pricing a loan for someone who only asks."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bright_credit.common.errors import RuleViolated
from credit.selectors import latest_score
from loan.domain.underwriting_policy import ProductPolicy
from loan.models import LoanProduct
from loan.selectors.calendar import current_date
from loan.selectors.products import policy_of, product_by_code
from loan.services.offering import NotOffered, Offer, make_offer
from loan.services.origination import ProductClosed
from users.domain.callers import SYSTEM, Caller
from users.models import Borrower
from users.selectors import borrower_for


class RateBasis(StrEnum):
    """Where a quote's rate comes from."""

    INDICATIVE = "INDICATIVE"
    CREDIT_SCORE = "CREDIT_SCORE"


class NoRateForScore(RuleViolated):
    """The product has no price for the borrower's score."""

    code = "no_rate_for_score"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A priced loan, and what the price rests on."""

    offer: Offer
    rate_basis: RateBasis


def quote(
    *,
    product_code: str,
    amount_paise: int,
    tenure_months: int,
    user_id: str | None,
    as_of: date,
    caller: Caller = SYSTEM,
) -> Quote:
    """Return what a loan would cost if it were paid out today. Writes nothing.

    With a borrower the rate is that of the borrower's score, else the product's indicative one.
    Raises `ProductNotFound`, `ProductClosed`, `NotOffered`, `BorrowerNotFound`, `NoRateForScore`.
    """
    product = product_by_code(product_code)
    if not product.open_to_applications:
        raise ProductClosed(f"{product.name} takes no new applications.", field="product")
    policy = policy_of(product)
    _require_offered(policy, amount_paise=amount_paise, tenure_months=tenure_months)
    if user_id is None:
        rate_bps, basis = product.indicative_rate_bps, RateBasis.INDICATIVE
    else:
        borrower = borrower_for(caller, user_id)
        rate_bps, basis = _rate_for(borrower, product, policy), RateBasis.CREDIT_SCORE
    offer = make_offer(
        product,
        principal_paise=amount_paise,
        tenure_months=tenure_months,
        annual_rate_bps=rate_bps,
        disbursed_on=current_date(today=as_of),
    )
    return Quote(offer=offer, rate_basis=basis)


def _require_offered(policy: ProductPolicy, *, amount_paise: int, tenure_months: int) -> None:
    if not policy.offers_amount(amount_paise):
        raise NotOffered(f"Must be {policy.amount_limits}.", field="amount")
    if not policy.offers_tenure(tenure_months):
        raise NotOffered(f"Must be {policy.tenure_limits}.", field="tenure_months")


def _rate_for(borrower: Borrower, product: LoanProduct, policy: ProductPolicy) -> int:
    score = latest_score(borrower)
    band = policy.band_for(score.score)
    if band is None:
        raise NoRateForScore(
            f"{product.name} is not offered at the borrower's credit score.", field="user_id"
        )
    return band.rate_bps
