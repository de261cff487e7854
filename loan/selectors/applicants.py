"""What underwriting needs to know of an applicant."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q

from bright_credit.common.business_day import months_between
from credit.models import CreditScore
from credit.selectors import cash_flow, latest_score
from loan.domain.eligibility import Applicant, LoanRequest
from loan.domain.frequency import Frequency
from loan.models import Loan, LoanApplication, LoanProduct
from loan.selectors.carrying import carry_to
from users.models import Borrower

_ENQUIRY_DAYS = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicantFacts:
    """An applicant as the policy sees one, and the score that it rests on."""

    applicant: Applicant
    score: CreditScore


@dataclass(frozen=True, slots=True, kw_only=True)
class LoansOfApplicant:
    """A borrower's loans as they stand on a day, and what of them speaks against another one."""

    running: list[Loan]
    overdue: bool
    npa: bool


def loans_of(borrower: Borrower, *, as_of: date) -> LoansOfApplicant:
    """Return how a borrower's loans stand on a day."""
    loans = list(Loan.objects.filter(borrower=borrower))
    carry_to(loans, as_of)
    running = [loan for loan in loans if loan.status == Loan.Status.ACTIVE]
    return LoansOfApplicant(
        running=running,
        overdue=any(_is_overdue(loan, as_of) for loan in running),
        npa=any(loan.is_npa or loan.status == Loan.Status.WRITTEN_OFF for loan in loans),
    )


def applicant_facts(
    borrower: Borrower, *, product: LoanProduct, request: LoanRequest, as_of: date
) -> ApplicantFacts:
    """Return what is known of the borrower on the day of the application.

    Obligations are our own running instalments and what the bank transactions pay elsewhere. The
    same request again on the same day, or while one waits for a person, is a duplicate. Raises
    `ScoreNotFound`.
    """
    loans = loans_of(borrower, as_of=as_of)
    running = loans.running
    flow = cash_flow(
        borrower,
        as_of=as_of,
        own_instalments_paise=[
            loan.instalment_paise
            for loan in running
            for _ in range(Frequency(loan.frequency).most_in_a_month)
        ],
    )
    obligations_paise = sum(
        Frequency(loan.frequency).a_month(loan.instalment_paise) for loan in running
    )
    score = latest_score(borrower)
    born = borrower.date_of_birth
    applicant = Applicant(
        annual_income_paise=borrower.annual_income_paise,
        employment_type=borrower.employment_type,
        score=score.score,
        thin_file=score.thin_file,
        has_bank_data=flow.months_covered > 0,
        monthly_obligations_paise=obligations_paise + flow.outside_obligations_paise,
        active_loans=sum(loan.product_id == product.pk for loan in running),
        overdue=loans.overdue,
        npa=loans.npa,
        age_years=None if born is None else months_between(born, as_of) // 12,
        recent_enquiries=_recent_applications(borrower, as_of=as_of),
        bounces_recent=flow.bounces,
        kyc_status=borrower.kyc_status,
        duplicate_application=_is_duplicate(borrower, product, request, as_of=as_of),
    )
    return ApplicantFacts(applicant=applicant, score=score)


def _is_overdue(loan: Loan, as_of: date) -> bool:
    return loan.oldest_unpaid_due_date is not None and loan.oldest_unpaid_due_date < as_of


def _recent_applications(borrower: Borrower, *, as_of: date) -> int:
    since = as_of - timedelta(days=_ENQUIRY_DAYS)
    return LoanApplication.objects.filter(borrower=borrower, submitted_on__gt=since).count()


def _is_duplicate(
    borrower: Borrower, product: LoanProduct, request: LoanRequest, *, as_of: date
) -> bool:
    """Return whether the same request was approved today, or any waits for a person."""
    waiting = Q(status=LoanApplication.Status.REFERRED)
    repeated = Q(
        status=LoanApplication.Status.APPROVED,
        amount_paise=request.amount_paise,
        tenure_months=request.tenure_months,
        submitted_on=as_of,
    )
    same_product = LoanApplication.objects.filter(borrower=borrower, product=product)
    return same_product.filter(waiting | repeated).exists()
