"""The open days of a batch, lived one by one: applications, payments, the billing run at night."""

from collections.abc import Sequence
from datetime import date, timedelta

from bright_credit.common.business_day import day_after
from credit.models import CreditScore
from loan.models import Loan
from loan.selectors.loans import schedule_of, terms_of
from loan.services.billing.run import run_billing
from loan.services.demo.batch import Batch, Member, PlannedPayment, score_members
from loan.services.demo.catalogue import LAKH, PERSONAL_LOAN
from loan.services.demo.past import planned
from loan.services.demo.payers import payments_of
from loan.services.demo.wishes import Wish
from loan.services.origination import ApplicationOutcome, apply_for_loan
from loan.services.payments import PaymentOrder, post_payment


def live_open_days(
    batch: Batch,
    wishes: Sequence[Wish],
    payments: Sequence[PlannedPayment],
    *,
    last_closed: date,
) -> None:
    """Live every day after the last closed one up to now; all but the last are closed at night."""
    if wishes:
        score_members(
            {wish.borrower.pk for wish in wishes},
            on=day_after(last_closed),
            trigger=CreditScore.Trigger.APPLICATION,
        )
    to_pay = list(payments)
    days = (batch.now - last_closed).days
    for done in range(1, days + 1):
        day = last_closed + timedelta(days=done)
        for wish in wishes:
            if wish.on == day:
                to_pay += _apply(batch, wish)
        for payment in to_pay:
            if payment.on == day:
                _pay(payment)
        if day < batch.now:
            run_billing(day, today=day_after(day), may_run_ahead=False)
        batch.progress("days", done, days)


def ask_for_much(batch: Batch, members: Sequence[Member]) -> None:
    """Let some who have no loan apply today: those with high incomes for more than is lent without
    a person looking at it, those with the lowest for more than they can repay.
    """
    keys = [member.borrower.pk for member in members]
    lent_to = set(Loan.objects.filter(borrower__in=keys).values_list("borrower_id", flat=True))
    by_income = sorted(
        (member for member in members if member.borrower.pk not in lent_to),
        key=lambda member: -member.person.monthly_income_paise,
    )
    several = max(1, len(members) // 40)
    for place, member in enumerate(by_income[:several] + by_income[several:][-several:]):
        apply_for_loan(
            member.borrower.public_id,
            product_code=PERSONAL_LOAN,
            amount_paise=(6 + place % 3) * LAKH if place < several else 2 * LAKH,
            tenure_months=48 if place < several else 12,
            purpose=batch.rng.choice(("WEDDING", "BUSINESS", "HOME_RENOVATION")),
            as_of=batch.now,
        )


def _apply(batch: Batch, wish: Wish) -> list[PlannedPayment]:
    """Apply on the day, and return what will be paid for the loan if it is paid out."""
    outcome: ApplicationOutcome = apply_for_loan(
        wish.borrower.public_id,
        product_code=PERSONAL_LOAN,
        amount_paise=wish.amount_paise,
        tenure_months=wish.tenure_months,
        purpose=wish.purpose,
        as_of=wish.on,
    )
    loan = outcome.loan
    if loan is None:
        return []
    return [
        planned(payment, loan_id=loan.public_id)
        for payment in payments_of(
            terms_of(loan),
            schedule_of(loan),
            wish.payer(outcome.schedule, batch.rng),
            until=batch.now,
            reference=f"DEMO{batch.number}-{wish.number:05d}",
        )
    ]


def _pay(payment: PlannedPayment) -> None:
    post_payment(
        PaymentOrder(
            loan_id=payment.loan_id,
            amount_paise=payment.amount_paise,
            payment_method=payment.payment_method,
            reference_id=payment.reference_id,
        ),
        as_of=payment.on,
    )
