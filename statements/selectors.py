"""Gathering a statement: seven statements of SQL, however long the loan."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from bright_credit.common.errors import InvalidInput
from loan.domain.servicing import position
from loan.models import Allocation, Charge, Loan, Payment
from loan.selectors.calendar import current_date
from loan.selectors.loans import (
    events_of,
    loan_by_public_id,
    schedule_of,
    terms_of,
)
from statements.domain.statement import (
    InstalmentLine,
    Summary,
    instalment_lines,
    summary,
)


class StatementDateRefused(InvalidInput):
    """A statement is drawn for a day from the disbursement to today."""

    code = "statement_date_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeLine:
    """A charge and what was paid of it by the day, in paise."""

    key: str
    kind: str
    levied_on: date
    amount_paise: int
    paid_paise: int

    @property
    def outstanding_paise(self) -> int:
        """What is still owed of it."""
        return self.amount_paise - self.paid_paise


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentLine:
    """A payment with the allocations made from it."""

    payment: Payment
    lines: tuple[Allocation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A loan's statement as of a day."""

    loan: Loan
    as_of: date
    summary: Summary
    history: tuple[InstalmentLine, ...]
    upcoming: tuple[InstalmentLine, ...]
    charges: tuple[ChargeLine, ...]
    payments: tuple[PaymentLine, ...]


def statement(loan_id: str, *, as_of: date | None, today: date) -> Statement:
    """Return the statement of a loan as of a day (default: now), from the loan's events up to it.

    Raises `LoanNotFound`, and `StatementDateRefused` for a day before the disbursement or after
    today.
    """
    loan = loan_by_public_id(loan_id, queryset=Loan.objects.select_related("borrower"))
    now = current_date(today=today)
    day = now if as_of is None else as_of
    if not loan.disbursed_on <= day <= now:
        raise StatementDateRefused(
            f"Must lie between the disbursement on {loan.disbursed_on} and {now}.", field="as_of"
        )
    terms, schedule = terms_of(loan), schedule_of(loan)
    payments = list(loan.payments.filter(value_date__lte=day).order_by("value_date", "id"))
    charges = list(loan.charges.filter(levied_on__lte=day).order_by("levied_on", "id"))
    allocations = list(
        loan.allocations.filter(value_date__lte=day).select_related("charge").order_by("id")
    )
    day_ended = day < now
    standing = position(
        terms, events_of(payments, charges), day, schedule=schedule, day_ended=day_ended
    )
    lines = instalment_lines(
        schedule,
        standing,
        as_of=day,
        day_ended=day_ended,
        last_paid_on={
            row.instalment_number: row.value_date
            for row in allocations
            if row.instalment_number is not None
        },
    )
    return Statement(
        loan=loan,
        as_of=day,
        summary=summary(terms, schedule, standing, as_of=day, day_ended=day_ended),
        history=lines.history,
        upcoming=lines.upcoming,
        charges=_charge_lines(charges, allocations),
        payments=_payment_lines(payments, allocations),
    )


def _charge_lines(charges: list[Charge], allocations: list[Allocation]) -> tuple[ChargeLine, ...]:
    paid: defaultdict[int | None, int] = defaultdict(int)
    for row in allocations:
        paid[row.charge_id] += row.charge_paise
    return tuple(
        ChargeLine(
            key=charge.key,
            kind=charge.kind,
            levied_on=charge.levied_on,
            amount_paise=charge.amount_paise,
            paid_paise=paid[charge.pk],
        )
        for charge in charges
    )


def _payment_lines(
    payments: list[Payment], allocations: list[Allocation]
) -> tuple[PaymentLine, ...]:
    by_payment: defaultdict[int | None, list[Allocation]] = defaultdict(list)
    for row in allocations:
        by_payment[row.payment_id].append(row)
    return tuple(
        PaymentLine(payment=payment, lines=tuple(by_payment[payment.pk])) for payment in payments
    )
