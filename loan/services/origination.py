"""From a request to money paid out: quote, apply, decide, disburse."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from bright_credit.common.errors import RuleViolated
from credit.models import CreditScore
from ledger.domain.entries import EntryDraft
from ledger.services import post_entries
from loan.domain.allocation import AllocationOrder
from loan.domain.eligibility import Decision, LoanRequest, decide
from loan.domain.lifecycle import LoanStatus
from loan.domain.posting_rules import disbursement_transfers
from loan.domain.schedule import InstalmentPlan
from loan.domain.servicing import initial_position
from loan.domain.terms import FeeCollection, LoanTerms
from loan.models import ApplicationDecision, Instalment, Loan, LoanApplication, LoanProduct
from loan.selectors.applicants import applicant_facts
from loan.selectors.products import policy_of, product_by_code
from loan.services.announcing import tell_of_decision
from loan.services.business_day import hold_open_date
from loan.services.charges import levy_processing_fee
from loan.services.offering import Offer, make_offer
from users.domain.callers import SYSTEM, Caller
from users.models import Borrower
from users.selectors import borrower_for
from users.services.erasure import refuse_erased


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


class ProductClosed(RuleViolated):
    """The product takes no new applications."""

    code = "product_closed"


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

    A processing fee that is paid apart is the loan's first event, a charge with its own entry.
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
        **_penal_rule(terms),
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
        fee_collection=offer.fee_collection.value,
        status=LoanStatus.ACTIVE.value,
        position_date=initial_position(terms).as_of,
        oldest_unpaid_due_date=terms.first_due_date,
    )
    _write_schedule(loan, offer)
    _book_disbursement(loan, offer)
    levy_processing_fee(loan)
    return loan


def _penal_rule(terms: LoanTerms) -> dict[str, Any]:
    """Return what a loan's row keeps of its rule of penal charges."""
    return {
        "penal_grace_days": terms.penal_grace_days,
        "penal_charge_paise": terms.penal_charge_paise,
        "penal_rate_bps": terms.penal_rate_bps,
        "penal_slabs": [[slab.after_days, slab.amount_paise] for slab in terms.penal_slabs],
        "penal_by_rule": terms.penal_by_rule,
    }


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
    netted = offer.fee_collection is FeeCollection.NETTED
    post_entries(
        [
            EntryDraft(
                value_date=loan.disbursed_on,
                kind="DISBURSEMENT",
                reference=f"DISBURSEMENT/{loan.pk}",
                transfers=disbursement_transfers(
                    loan.principal_paise,
                    fee_paise=offer.processing_fee_paise if netted else 0,
                    gst_paise=offer.fee_gst_paise if netted else 0,
                    upfront_interest_paise=offer.plan.upfront_interest_paise,
                ),
                loan_id=loan.pk,
            )
        ]
    )
