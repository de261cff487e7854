"""From a request to money paid out: quote, apply, decide, disburse."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.db import transaction

from bright_credit.common.errors import InvalidInput, RuleViolated
from bright_credit.common.money import share_in_bps
from credit.models import CreditScore
from ledger.domain.entries import EntryDraft
from ledger.services import post_entries
from loan.domain.allocation import AllocationOrder
from loan.domain.apr import Repayment, months_after, rate_of_return_bps
from loan.domain.day_counts import DayCount
from loan.domain.eligibility import Decision, LoanRequest, decide
from loan.domain.lifecycle import LoanStatus
from loan.domain.posting_rules import disbursement_transfers
from loan.domain.schedule import MONTHS_PER_YEAR, InstalmentPlan, RepaymentPlan, repayment_plan
from loan.domain.servicing import initial_position
from loan.domain.terms import BrokenPeriodInterest, InvalidTerms, LoanTerms
from loan.models import ApplicationDecision, Instalment, Loan, LoanApplication, LoanProduct
from loan.selectors.applicants import applicant_facts
from loan.selectors.products import policy_of, product_by_code, terms_for
from loan.services.announcing import tell_of_decision
from loan.services.business_day import hold_open_date
from users.domain.callers import SYSTEM, Caller
from users.models import Borrower
from users.selectors import borrower_for
from users.services.erasure import refuse_erased

# What of the terms a tenure decides: with another one, the product may make a loan.
_FIELDS_OF_TENURE = frozenset(
    {"tenure_months", "principal_moratorium_periods", "interest_moratorium_periods"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a loan would be: its terms, its plan, and what it costs. Amounts in paise."""

    product: LoanProduct
    terms: LoanTerms
    plan: RepaymentPlan
    processing_fee_paise: int
    fee_gst_paise: int
    apr_bps: int

    @property
    def schedule(self) -> tuple[InstalmentPlan, ...]:
        """Every instalment, in order."""
        return self.plan.rows

    @property
    def net_disbursed_paise(self) -> int:
        """What the borrower receives: the principal less the fee, its GST and upfront interest."""
        kept_back = (
            self.processing_fee_paise + self.fee_gst_paise + self.plan.upfront_interest_paise
        )
        return self.terms.principal_paise - kept_back

    @property
    def instalment_paise(self) -> int:
        """The regular instalment, without what the first or the last one has on top."""
        return self.plan.instalment_paise

    @property
    def total_interest_paise(self) -> int:
        """All interest: of the instalments, kept back upfront, and capitalised."""
        apart = self.plan.upfront_interest_paise + self.plan.capitalised_interest_paise
        return apart + sum(row.interest_paise for row in self.schedule)

    @property
    def total_cost_paise(self) -> int:
        """Everything the loan costs beyond the principal: interest, fee and GST."""
        return self.total_interest_paise + self.processing_fee_paise + self.fee_gst_paise

    @property
    def total_payable_paise(self) -> int:
        """The sum of all instalments."""
        return sum(row.total_paise for row in self.schedule)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationOutcome:
    """An application as decided, with the loan when it was approved."""

    application: LoanApplication
    loan: Loan | None
    schedule: tuple[InstalmentPlan, ...]

    @property
    def instalment_paise(self) -> int | None:
        """The loan's regular instalment; of a request that is no loan, the one it was judged by."""
        if self.loan is not None:
            return self.loan.instalment_paise
        return self.application.instalment_paise


class NotOffered(InvalidInput):
    """The product does not lend this amount, or not over this tenure."""

    code = "not_offered"


class ProductClosed(RuleViolated):
    """The product takes no new applications."""

    code = "product_closed"


def make_offer(
    product: LoanProduct,
    *,
    principal_paise: int,
    tenure_months: int,
    annual_rate_bps: int,
    disbursed_on: date,
) -> Offer:
    """Return the loan these figures would make if disbursed on that date. Writes nothing.

    Raises `NotOffered` when the product's roundings leave no schedule for them.
    """
    try:
        terms = terms_for(
            product,
            principal_paise=principal_paise,
            tenure_months=tenure_months,
            annual_rate_bps=annual_rate_bps,
            disbursed_on=disbursed_on,
        )
        plan = repayment_plan(terms)
    except InvalidTerms as error:
        field = "tenure_months" if error.field in _FIELDS_OF_TENURE else "amount"
        raise NotOffered(error.message, field=field) from error
    fee = share_in_bps(principal_paise, bps=product.processing_fee_bps)
    gst = share_in_bps(fee, bps=product.fee_gst_bps)
    return Offer(
        product=product,
        terms=terms,
        plan=plan,
        processing_fee_paise=fee,
        fee_gst_paise=gst,
        apr_bps=_apr_bps(
            terms, plan, net_paise=principal_paise - fee - gst - plan.upfront_interest_paise
        ),
    )


def _apr_bps(terms: LoanTerms, plan: RepaymentPlan, *, net_paise: int) -> int:
    """Return the annual percentage rate of a plan, in basis points.

    A loan of equal periods that charges nothing for broken days reckons its time in periods, each
    as long as any other, and so does the regulator's own illustration. Every other loan is reckoned
    by its dates. Raises `NoAnnualPercentageRate` when what is kept back leaves nothing.
    """
    by_periods = (
        terms.day_count is DayCount.EQUAL_PERIODS
        and terms.broken_period_interest is BrokenPeriodInterest.NONE
    )
    a_period = Fraction(MONTHS_PER_YEAR, terms.frequency.periods_per_year)
    return rate_of_return_bps(
        net_paise,
        [
            Repayment(
                months=a_period * (terms.interest_moratorium_periods + row.number)
                if by_periods
                else months_after(terms.disbursed_on, row.due_date, anchor_day=terms.due_day),
                amount_paise=row.total_paise,
            )
            for row in plan.rows
        ],
    )


@transaction.atomic
def apply_for_loan(
    user_id: str,
    *,
    product_code: str,
    amount_paise: int,
    tenure_months: int,
    purpose: str,
    as_of: date,
    caller: Caller = SYSTEM,
) -> ApplicationOutcome:
    """Decide on a request; when the policy approves it, pay it out straight away.

    The borrower's row is locked, so that two requests at once are decided one after the other and
    each sees what the other led to. `as_of` is today's date; the request counts from it, or from
    the open business date if that is later. Raises `BorrowerNotFound`, `ProductNotFound`,
    `ProductClosed`, `BorrowerErased`.
    """
    as_of = hold_open_date(as_of=as_of)
    product = product_by_code(product_code)
    if not product.open_to_applications:
        raise ProductClosed(f"{product.name} takes no new applications.", field="product")
    borrower = borrower_for(
        caller, user_id, queryset=Borrower.objects.select_for_update(no_key=True)
    )
    refuse_erased(borrower)
    request = LoanRequest(amount_paise=amount_paise, tenure_months=tenure_months)
    facts = applicant_facts(borrower, product=product, request=request, as_of=as_of)
    decision = decide(request, facts.applicant, policy_of(product))
    application = _record_application(
        borrower, product, request, purpose, facts.score, decision, as_of=as_of
    )
    if application.status != LoanApplication.Status.APPROVED:
        return without_loan(application)
    return disburse(application, on=as_of)


def _record_application(
    borrower: Borrower,
    product: LoanProduct,
    request: LoanRequest,
    purpose: str,
    score: CreditScore | None,
    decision: Decision,
    *,
    as_of: date,
) -> LoanApplication:
    offer = decision.counter_offer
    application = LoanApplication.objects.create(
        borrower=borrower,
        product=product,
        amount_paise=request.amount_paise,
        tenure_months=request.tenure_months,
        purpose=purpose,
        status=decision.outcome.value,
        submitted_on=as_of,
        credit_score=score,
        annual_rate_bps=decision.rate_bps,
        instalment_paise=decision.instalment_paise,
        foir_bps=decision.foir_bps,
        reasons=[
            {"code": reason.code, "text": reason.text, "remedy": reason.remedy}
            for reason in decision.reasons
        ],
        counter_offer=offer
        and {
            "amount_paise": offer.amount_paise,
            "tenure_months": offer.tenure_months,
            "annual_rate_bps": offer.rate_bps,
            "instalment_paise": offer.instalment_paise,
            "needs_review": offer.needs_review,
        },
    )
    ApplicationDecision.objects.create(application=application, outcome=application.status)
    return application


def without_loan(application: LoanApplication) -> ApplicationOutcome:
    """Return the outcome of an application that is not paid out, and tell of it."""
    tell_of_decision(application, None)
    return ApplicationOutcome(application=application, loan=None, schedule=())


def disburse(application: LoanApplication, *, on: date) -> ApplicationOutcome:
    """Pay an approved application out on the open date, which the caller's transaction holds."""
    if application.annual_rate_bps is None:
        raise ValueError("an approved application has a rate")
    offer = make_offer(
        application.product,
        principal_paise=application.amount_paise,
        tenure_months=application.tenure_months,
        annual_rate_bps=application.annual_rate_bps,
        disbursed_on=on,
    )
    loan = write_loan(offer, borrower=application.borrower, application=application)
    tell_of_decision(application, loan)
    return ApplicationOutcome(application=application, loan=loan, schedule=offer.schedule)


def write_loan(
    offer: Offer,
    *,
    borrower: Borrower,
    application: LoanApplication | None = None,
    key: int | None = None,
) -> Loan:
    """Write a disbursed loan with its schedule and its journal entry; inside a transaction.

    `key` fixes the number of a loan that is taken over with its history.
    """
    terms, plan = offer.terms, offer.plan
    loan = Loan.objects.create(
        pk=key,
        borrower=borrower,
        product=offer.product,
        application=application,
        principal_paise=terms.principal_paise,
        annual_rate_bps=terms.annual_rate_bps,
        tenure_months=terms.tenure_months,
        interest_method=terms.interest_method.value,
        instalment_rounding=terms.instalment_rounding.value,
        split_rounding=terms.split_rounding.value,
        disbursed_on=terms.disbursed_on,
        first_due_date=terms.first_due_date,
        due_day=terms.due_day,
        frequency=terms.frequency.value,
        day_count=terms.day_count.value,
        broken_period_interest=terms.broken_period_interest.value,
        principal_moratorium_periods=terms.principal_moratorium_periods,
        interest_moratorium_periods=terms.interest_moratorium_periods,
        moratorium_interest=terms.moratorium_interest.value,
        broken_interest_paise=plan.broken_interest_paise,
        moratorium_interest_paise=plan.moratorium_interest_paise,
        capitalises_on=plan.capitalised_on,
        penal_grace_days=terms.penal_grace_days,
        penal_charge_paise=terms.penal_charge_paise,
        penal_rate_bps=terms.penal_rate_bps,
        penal_slabs=[[slab.after_days, slab.amount_paise] for slab in terms.penal_slabs],
        penal_by_rule=terms.penal_by_rule,
        bounce_charge_paise=terms.bounce_charge_paise,
        allocation_order=AllocationOrder.of(terms.waterfall).value,
        npa_allocation_order=(
            AllocationOrder.of(terms.npa_waterfall).value if terms.npa_waterfall else ""
        ),
        foreclosure_charge_bps=terms.foreclosure_charge_bps,
        cooling_off_days=offer.product.cooling_off_days,
        cooling_off_returns_fee=offer.product.cooling_off_returns_fee,
        instalment_paise=offer.instalment_paise,
        apr_bps=offer.apr_bps,
        processing_fee_paise=offer.processing_fee_paise,
        fee_gst_paise=offer.fee_gst_paise,
        status=LoanStatus.ACTIVE.value,
        position_date=initial_position(terms).as_of,
        oldest_unpaid_due_date=terms.first_due_date,
    )
    _write_schedule(loan, offer)
    _book_disbursement(loan, offer)
    return loan


def _write_schedule(loan: Loan, offer: Offer) -> None:
    Instalment.objects.bulk_create(
        Instalment(
            loan=loan,
            number=row.number,
            due_date=row.due_date,
            opening_principal_paise=row.opening_principal_paise,
            principal_paise=row.principal_paise,
            interest_paise=row.interest_paise,
        )
        for row in offer.schedule
    )


def _book_disbursement(loan: Loan, offer: Offer) -> None:
    """Post the journal entry of paying the loan out."""
    post_entries(
        [
            EntryDraft(
                value_date=loan.disbursed_on,
                kind="DISBURSEMENT",
                reference=f"DISBURSEMENT/{loan.pk}",
                transfers=disbursement_transfers(
                    loan.principal_paise,
                    fee_paise=offer.processing_fee_paise,
                    gst_paise=offer.fee_gst_paise,
                    upfront_interest_paise=offer.plan.upfront_interest_paise,
                ),
                loan_id=loan.pk,
            )
        ]
    )
