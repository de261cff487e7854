"""The lender's identity, from the settings."""

from dataclasses import replace

from django.conf import settings

from bright_credit.common.errors import RuleViolated
from loan.models import Loan, LoanProduct
from loan.selectors.cancellation import cooling_off_days
from statements.domain.parties import GrievanceOfficer, Lender


class LenderNotConfigured(RuleViolated):
    """Documents name the lender, and a part of its identity has not been set."""

    code = "lender_not_configured"


def lender_of(priced: Loan | LoanProduct) -> Lender:
    """Return the lender as a loan or product of it has it: with its own cooling-off period.

    Raises `LenderNotConfigured`.
    """
    return replace(
        the_lender(),
        cooling_off_days=cooling_off_days(priced),
        cooling_off_returns_fee=priced.cooling_off_returns_fee,
    )


def the_lender() -> Lender:
    """Return the lender. Raises `LenderNotConfigured`, naming what has to be set."""
    facts: dict[str, str] = settings.LENDER
    missing = [name for name, value in facts.items() if not value]
    if missing:
        raise LenderNotConfigured(
            f"Documents need the lender's identity: set {', '.join(missing)}."
        )
    return Lender(
        name=facts["BRIGHTLEND_LENDER_NAME"],
        address=facts["BRIGHTLEND_LENDER_ADDRESS"],
        registration=facts["BRIGHTLEND_LENDER_REGISTRATION"],
        cin=facts["BRIGHTLEND_LENDER_CIN"],
        gstin=facts["BRIGHTLEND_LENDER_GSTIN"],
        phone=facts["BRIGHTLEND_LENDER_PHONE"],
        email=facts["BRIGHTLEND_LENDER_EMAIL"],
        website=facts["BRIGHTLEND_LENDER_WEBSITE"],
        grievance_officer=GrievanceOfficer(
            name=facts["BRIGHTLEND_GRIEVANCE_OFFICER"],
            phone=facts["BRIGHTLEND_GRIEVANCE_PHONE"],
            email=facts["BRIGHTLEND_GRIEVANCE_EMAIL"],
        ),
        cooling_off_days=settings.COOLING_OFF_DAYS,
    )
