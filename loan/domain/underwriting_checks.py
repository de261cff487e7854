"""The checks an application goes through, in order, each yielding the reasons it finds.

Order: data, identity, hard policy, score, affordability, exposure; then what a person must look at.
Every check is made, so that an applicant learns all reasons at once.
"""

from collections.abc import Iterator

from bright_credit.common.money import format_rupees, percent
from loan.domain.reasons import Reason, ReasonCode
from loan.domain.underwriting_case import Case


def refusals(case: Case) -> tuple[Reason, ...]:
    """Return every reason to refuse the request, in the order of the checks."""
    checks = (_data, _identity, _person, _conduct, _score, _affordability, _exposure)
    return tuple(reason for check in checks for reason in check(case))


def referrals(case: Case) -> tuple[Reason, ...]:
    """Return every reason why a person must decide a request that no rule refuses."""
    return tuple(_review(case))


def _data(case: Case) -> Iterator[Reason]:
    policy = case.policy
    if not case.amount_is_offered:
        yield Reason(
            code=ReasonCode.AMOUNT_OUT_OF_RANGE,
            text=f"This product lends {policy.amount_limits}.",
            remedy=f"Ask for an amount of {policy.amount_limits}.",
        )
    if not case.tenure_is_offered:
        yield Reason(
            code=ReasonCode.TENURE_OUT_OF_RANGE,
            text=f"This product is repaid over {policy.tenure_limits}.",
            remedy=f"Choose a tenure of {policy.tenure_limits}.",
        )


def _identity(case: Case) -> Iterator[Reason]:
    status = case.applicant.kyc_status
    if status == "FAILED" or (case.policy.requires_verified_kyc and status != "VERIFIED"):
        yield Reason(
            code=ReasonCode.KYC_INCOMPLETE,
            text="Your identity has not been verified.",
            remedy="Complete the identity verification, then apply again.",
        )


def _person(case: Case) -> Iterator[Reason]:
    applicant, policy = case.applicant, case.policy
    if not case.matures_within_age(case.request.tenure_months):
        oldest = policy.maximum_age_for(applicant.employment_type)
        yield Reason(
            code=ReasonCode.AGE_OUT_OF_RANGE,
            text=f"Borrowers are at least {policy.minimum_age_years} years old, and at most "
            f"{oldest} when the last instalment falls due.",
            remedy="A shorter tenure may bring the last instalment within the age limit.",
        )
    if applicant.employment_type in policy.excluded_employment_types:
        yield Reason(
            code=ReasonCode.EMPLOYMENT_INELIGIBLE,
            text="This product needs an income from employment, business or pension.",
            remedy="Apply again when you have such an income, and update your profile with it.",
        )
    if applicant.annual_income_paise < policy.minimum_annual_income_paise:
        least = format_rupees(policy.minimum_annual_income_paise)
        yield Reason(
            code=ReasonCode.INCOME_BELOW_MIN,
            text=f"Your yearly income is below the {least} this product needs.",
            remedy=f"Apply again when your yearly income is {least} or more.",
        )


def _conduct(case: Case) -> Iterator[Reason]:
    applicant, policy = case.applicant, case.policy
    if applicant.npa:
        yield Reason(
            code=ReasonCode.EXISTING_NPA,
            text="A loan you have with us is classed as non-performing.",
            remedy="Clear all arrears on that loan; the class is lifted when nothing is overdue.",
        )
    if applicant.overdue:
        yield Reason(
            code=ReasonCode.EXISTING_OVERDUE,
            text="An instalment of a loan you have with us is overdue.",
            remedy="Pay what is overdue, then apply again.",
        )
    if applicant.duplicate_application:
        yield Reason(
            code=ReasonCode.DUPLICATE_APPLICATION,
            text="You have applied for this already: an application for this product is being "
            "decided, or the same one was approved today.",
            remedy="Wait for the decision, or look at the loan that was paid out.",
        )
    if applicant.in_cooldown:
        yield Reason(
            code=ReasonCode.COOLDOWN_ACTIVE,
            text="You have been refused recently, and nothing has been able to change since.",
            remedy="Apply again when the waiting period is over.",
        )
    if _above(applicant.recent_enquiries, policy.maximum_recent_enquiries):
        yield Reason(
            code=ReasonCode.RECENT_ENQUIRIES,
            text="You have applied for credit many times in the last 90 days.",
            remedy="Apply again after some weeks without new applications for credit.",
        )
    if _above(applicant.bounces_recent, policy.maximum_recent_bounces):
        yield Reason(
            code=ReasonCode.BOUNCES_RECENT,
            text="Payments from your bank account have been returned unpaid recently.",
            remedy="Apply again after some months without returned payments.",
        )


def _score(case: Case) -> Iterator[Reason]:
    band = case.band
    if band is None:
        scores = [band.minimum_score for band in case.policy.pricing_bands]
        lowest = f"below {min(scores)}, the lowest" if scores else "not one"
        yield Reason(
            code=ReasonCode.SCORE_BELOW_CUTOFF,
            text=f"Your BrightLend score of {case.applicant.score} is {lowest} "
            "this product lends to.",
            remedy="See what would raise your score, beside the score itself.",
        )
    elif band.amount_cap_paise is not None and case.request.amount_paise > band.amount_cap_paise:
        cap = format_rupees(band.amount_cap_paise)
        yield Reason(
            code=ReasonCode.AMOUNT_ABOVE_SCORE_CAP,
            text=f"With a BrightLend score of {case.applicant.score} at most {cap} is lent.",
            remedy=f"Ask for {cap} or less.",
        )


def _affordability(case: Case) -> Iterator[Reason]:
    instalment_paise = case.instalment_paise
    if instalment_paise is not None and not case.is_affordable:
        share = "more" if case.foir_bps is None else f"{percent(case.foir_bps)} %"
        yield Reason(
            code=ReasonCode.FOIR_EXCEEDED,
            text=f"With the instalment of {format_rupees(instalment_paise)} your monthly "
            f"obligations would take {share} of your income; at most "
            f"{percent(case.foir_cap_bps)} % is allowed.",
            remedy="A smaller amount or a longer tenure lowers the instalment; paying off another "
            "loan leaves more room for it.",
        )
    if case.request.amount_paise > case.multiplier_cap_paise:
        cap = format_rupees(case.multiplier_cap_paise)
        bank_data = " Bank transactions that show your income double this limit."
        yield Reason(
            code=ReasonCode.MULTIPLIER_EXCEEDED,
            text=f"For your income at most {cap} is lent.",
            remedy=f"Ask for {cap} or less.{bank_data if case.multiplier_is_halved else ''}",
        )


def _exposure(case: Case) -> Iterator[Reason]:
    if case.applicant.active_loans >= case.policy.maximum_active_loans:
        yield Reason(
            code=ReasonCode.MAX_ACTIVE_LOANS,
            text=f"You have {case.applicant.active_loans} running loans of this kind; "
            f"{case.policy.maximum_active_loans} is the most.",
            remedy="Repay one of them, then apply again.",
        )


def _review(case: Case) -> Iterator[Reason]:
    band, amount_paise = case.band, case.request.amount_paise
    if case.applicant.fraud_suspected:
        yield Reason(
            code=ReasonCode.FRAUD_SUSPECT,
            text="Some details of the application need to be confirmed by a person.",
            remedy="We will contact you if anything is needed.",
        )
    limit_paise = case.policy.unverified_income_limit_paise
    if not case.applicant.has_bank_data and _above(amount_paise, limit_paise):
        yield Reason(
            code=ReasonCode.INCOME_UNVERIFIED,
            text="For this amount your declared income must be verified.",
            remedy="Bank transactions that show your income make this unnecessary.",
        )
    if band is not None and band.automatic_limit_paise <= 0:
        yield Reason(
            code=ReasonCode.SCORE_NEEDS_REVIEW,
            text=f"With a BrightLend score of {case.applicant.score} a person decides.",
            remedy="A higher score is decided at once.",
        )
    elif band is not None and amount_paise > band.automatic_limit_paise:
        limit = format_rupees(band.automatic_limit_paise)
        yield Reason(
            code=ReasonCode.AMOUNT_ABOVE_AUTO_LIMIT,
            text=f"Amounts above {limit} are decided by a person.",
            remedy=f"An amount of {limit} or less is decided at once.",
        )


def _above(value: int | None, limit: int | None) -> bool:
    """Return whether a known value is above a limit that applies."""
    return value is not None and limit is not None and value > limit
