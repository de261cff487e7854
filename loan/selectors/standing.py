"""Loans and payments as callers see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from loan.domain.asset_class import AssetClass, state_on
from loan.domain.delinquency import Bucket, bucket, days_past_due
from loan.domain.position import due_unpaid, overdue_unpaid
from loan.domain.schedule import InstalmentPlan
from loan.models import Allocation, Loan, Payment
from loan.selectors.calendar import current_date
from loan.selectors.carrying import carry_to
from loan.selectors.loans import loan_for, schedule_of, stored_position
from users.domain.callers import SYSTEM, Caller
from users.selectors import borrower_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a loan stands today. Amounts in paise."""

    as_of: date
    days_past_due: int
    bucket: Bucket
    asset_class: AssetClass
    npa_since: date | None
    due_paise: int
    overdue_paise: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentReceipt:
    """A payment with the lines of its allocation."""

    payment: Payment
    lines: tuple[Allocation, ...]


class LoanDetail:
    """A loan, its schedule and its standing, read as one thing: other names are the loan's own."""

    def __init__(
        self, loan: Loan, *, schedule: Sequence[InstalmentPlan], standing: Standing
    ) -> None:
        self.loan = loan
        self.schedule = schedule
        self.standing = standing

    def __getattr__(self, name: str) -> object:
        return getattr(self.loan, name)


def loans_of_borrower(user_id: str, *, caller: Caller = SYSTEM) -> QuerySet[Loan]:
    """Return the loans of a borrower whom the caller may reach. Raises `BorrowerNotFound`."""
    borrower = borrower_for(caller, user_id)
    return Loan.objects.filter(borrower=borrower).select_related("borrower")


def carried_to_today(loans: Sequence[Loan], *, today: date) -> Sequence[Loan]:
    """Return the loans of a page as they stand today."""
    carry_to(loans, current_date(today=today))
    return loans


def loan_detail(loan_id: str, *, as_of: date, caller: Caller = SYSTEM) -> LoanDetail:
    """Return a loan the caller may reach, with schedule and standing. Raises `LoanNotFound`."""
    loan = loan_for(caller, loan_id, queryset=Loan.objects.select_related("borrower"))
    day = current_date(today=as_of)
    carry_to([loan], day)
    schedule = schedule_of(loan)
    return LoanDetail(
        loan,
        schedule=tuple(schedule),
        standing=standing_of(loan, schedule=schedule, as_of=day),
    )


def standing_of(loan: Loan, *, schedule: Sequence[InstalmentPlan], as_of: date) -> Standing:
    """Return how a loan that was carried to a day stands on it, while it has not ended."""
    position = stored_position(loan, billed_through=0, open_charges=())
    oldest = loan.oldest_unpaid_due_date
    return Standing(
        as_of=as_of,
        days_past_due=days_past_due(oldest, as_of),
        bucket=bucket(oldest, as_of, day_ended=False, npa_since=loan.non_performing_since),
        asset_class=state_on(
            loan.non_performing_since, as_of, day_ended=False, marked=loan.marked_class
        ),
        npa_since=loan.non_performing_since,
        due_paise=due_unpaid(position, schedule, as_of),
        overdue_paise=overdue_unpaid(position, schedule, as_of),
    )


def receipt_detail(payment: Payment) -> PaymentReceipt:
    """Return a payment with the lines of its allocation when it was posted, in their order."""
    lines = payment.allocations.filter(event=None).select_related("charge").order_by("id")
    return PaymentReceipt(payment=payment, lines=tuple(lines))
