"""A loan with everything that happened to it, as staff see it, in a fixed number of statements."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Max

from ledger.models import Transfer
from ledger.selectors import transfers_of_loan
from loan.domain.standing import InstalmentLine, instalment_lines
from loan.models import Allocation, AssetClassChange, Charge, Due, Loan, Payment
from loan.selectors.carrying import carry_to
from loan.selectors.impairment import recorded_changes
from loan.selectors.loans import schedule_of, stored_position
from loan.selectors.recorded import standing_allocations
from loan.selectors.standing import PaymentReceipt, Standing, standing_of

#: The newest payments and transfers that a page shows; all of them are in their own lists.
SHOWN_AT_MOST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanPage:
    """A loan's standing on a day, and what led to it. Rows are oldest first, payments newest."""

    loan: Loan
    standing: Standing
    instalments: tuple[InstalmentLine, ...]
    dues: tuple[Due, ...]
    charges: tuple[Charge, ...]
    payments: tuple[PaymentReceipt, ...]
    met_from_held: tuple[Allocation, ...]
    transfers: tuple[Transfer, ...]
    class_changes: tuple[AssetClassChange, ...]


def loan_page(loan: Loan, *, as_of: date) -> LoanPage:
    """Return a loan's page on a day that has not ended: the open business date.

    The loan is carried to the day; the rows are what has been written by now.
    """
    carry_to([loan], as_of)
    schedule = schedule_of(loan)
    lines = instalment_lines(
        schedule,
        stored_position(loan, billed_through=0, open_charges=()),
        as_of=as_of,
        day_ended=False,
        last_paid_on=_last_paid_on(loan),
    )
    payments = list(loan.payments.order_by("-id")[:SHOWN_AT_MOST])
    transfers = list(transfers_of_loan(loan.pk).order_by("-id")[:SHOWN_AT_MOST])
    held = loan.allocations.exclude(source=Allocation.Source.PAYMENT)
    return LoanPage(
        loan=loan,
        standing=standing_of(loan, schedule=schedule, as_of=as_of),
        instalments=lines.history + lines.upcoming,
        dues=tuple(loan.dues.order_by("number")),
        charges=tuple(loan.charges.order_by("levied_on", "id")),
        payments=tuple(_receipts(payments)),
        met_from_held=tuple(held.select_related("charge").order_by("id")),
        transfers=tuple(reversed(transfers)),
        class_changes=tuple(recorded_changes(loan.borrower_id)),
    )


def _last_paid_on(loan: Loan) -> dict[int, date]:
    """Return when each instalment last met money, by number."""
    rows = (
        standing_allocations(loan)
        .filter(instalment_number__isnull=False)
        .values_list("instalment_number")
        .annotate(last=Max("value_date"))
    )
    return {number: last for number, last in rows if number is not None}


def _receipts(payments: Sequence[Payment]) -> Iterable[PaymentReceipt]:
    lines: defaultdict[int | None, list[Allocation]] = defaultdict(list)
    rows = Allocation.objects.filter(payment__in=[payment.pk for payment in payments])
    for row in rows.select_related("charge").order_by("id"):
        lines[row.payment_id].append(row)
    return [PaymentReceipt(payment=payment, lines=tuple(lines[payment.pk])) for payment in payments]
