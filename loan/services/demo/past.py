"""The closed days of a batch: loans decided by the policy and taken over with their history."""

from collections.abc import Sequence
from datetime import date
from itertools import groupby

from bright_credit.common.business_day import first_of_month
from credit.models import CreditScore
from loan.domain.eligibility import LoanRequest, ProductPolicy, decide
from loan.domain.lifecycle import ApplicationStatus
from loan.models import LoanProduct
from loan.selectors.applicants import applicant_facts
from loan.selectors.products import policy_of, product_by_code
from loan.services.demo.batch import Batch, PlannedPayment, score_members
from loan.services.demo.catalogue import PERSONAL_LOAN, pay_in_own_funds
from loan.services.demo.payers import payments_of
from loan.services.demo.wishes import Wish
from loan.services.offering import Offer, make_offer
from loan.services.takeover import PastPayment, take_over_loan


def take_over_past(
    batch: Batch, wishes: Sequence[Wish], *, last_closed: date
) -> list[PlannedPayment]:
    """Take over the loans that closed days have brought; return what is paid in the days since.

    Every month's applicants are scored before they are decided on.
    """
    product = product_by_code(PERSONAL_LOAN)
    policy = policy_of(product)
    planned: list[PlannedPayment] = []
    lent_paise = done = 0
    for month, cohort in groupby(wishes, key=lambda wish: first_of_month(wish.on)):
        applicants = list(cohort)
        score_members(
            {wish.borrower.pk for wish in applicants},
            on=month,
            trigger=CreditScore.Trigger.APPLICATION,
        )
        for wish in applicants:
            offer = _granted(wish, product, policy)
            if offer is not None:
                lent_paise += offer.terms.principal_paise
                planned += _take_over(batch, wish, offer, last_closed=last_closed)
            done += 1
            batch.progress("loans", done, len(wishes))
    if lent_paise:
        pay_in_own_funds(
            lent_paise,
            on=batch.start,
            reference=f"OWN-FUNDS/DEMO-{batch.number}",
            as_of=batch.now,
        )
    return planned


def _granted(wish: Wish, product: LoanProduct, policy: ProductPolicy) -> Offer | None:
    """Return the loan that the policy gave on the day; what it referred, a person has approved.

    Who was offered another loan instead has taken that one.
    """
    request = LoanRequest(amount_paise=wish.amount_paise, tenure_months=wish.tenure_months)
    facts = applicant_facts(wish.borrower, product=product, request=request, as_of=wish.on)
    decision = decide(request, facts.applicant, policy)
    amount_paise, tenure_months = wish.amount_paise, wish.tenure_months
    if decision.outcome is ApplicationStatus.REJECTED:
        if decision.counter_offer is None:
            return None
        amount_paise = decision.counter_offer.amount_paise
        tenure_months = decision.counter_offer.tenure_months
    if decision.rate_bps is None:
        return None
    return make_offer(
        product,
        principal_paise=amount_paise,
        tenure_months=tenure_months,
        annual_rate_bps=decision.rate_bps,
        disbursed_on=wish.on,
    )


def _take_over(
    batch: Batch, wish: Wish, offer: Offer, *, last_closed: date
) -> list[PlannedPayment]:
    payments = payments_of(
        offer.terms,
        offer.schedule,
        wish.payer(offer.schedule, batch.rng),
        until=batch.now,
        reference=f"DEMO{batch.number}-{wish.number:05d}",
    )
    loan = take_over_loan(
        offer,
        borrower=wish.borrower,
        payments=[payment for payment in payments if payment.value_date <= last_closed],
        as_of=batch.now,
    )
    return [
        planned(payment, loan_id=loan.public_id)
        for payment in payments
        if payment.value_date > last_closed
    ]


def planned(payment: PastPayment, *, loan_id: str) -> PlannedPayment:
    """Return a payment of a day still open, to be made for a loan when the day has come."""
    return PlannedPayment(
        loan_id=loan_id,
        on=payment.value_date,
        amount_paise=payment.amount_paise,
        payment_method=payment.payment_method,
        reference_id=payment.reference_id,
    )
