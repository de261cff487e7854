"""Where a loan stands on a date: a small value that the next step starts from, and readings of it.

Instalments are paid in order, so a cursor (the first one not fully paid, and what is paid of it)
says everything about all of them; the amounts themselves are in the schedule.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from bright_credit.common.business_day import add_months
from bright_credit.common.money import round_to_paisa
from loan.domain.allocation import Portion
from loan.domain.events import ChargeKind
from loan.domain.lifecycle import LoanStatus
from loan.domain.schedule import InstalmentPlan
from loan.domain.terms import LoanTerms

#: How long a restructured loan has to be paid as agreed before it can be standard again.
PERFORMANCE_MONTHS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCharge:
    """A charge not fully paid. `key` is stable and unique within the loan, such as `PENAL-7`.

    What was waived of it counts as paid. `gst_paise` is the tax in the amount.
    """

    key: str
    kind: ChargeKind
    levied_on: date
    amount_paise: int
    paid_paise: int
    instalment_number: int | None
    gst_paise: int = 0

    @property
    def unpaid_paise(self) -> int:
        """Return what is still asked."""
        return self.amount_paise - self.paid_paise

    def gst_within(self, amount_paise: int) -> int:
        """Return the tax in the next so many paise of it; all parts together have all of it."""
        return self._gst_up_to(self.paid_paise + amount_paise) - self._gst_up_to(self.paid_paise)

    def _gst_up_to(self, paise: int) -> int:
        return round_to_paisa(Fraction(paise * self.gst_paise, self.amount_paise))


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a loan stands on `as_of`, with the due of that date billed and met from advance.

    `billed_through` is the last instalment billed (0 at the start); `next_number` is the first
    one not fully paid (tenure + 1 when none is left) and `next_…_paid_paise` what is paid of that
    one. The other paid amounts are totals over the loan's life. `capitalised_paise` is the interest
    of a moratorium and of holidays that has become principal by then; `holiday_interest_paise` does
    so when an agreed holiday ends, on `holiday_ends_on`. `advance_paise` is held for the
    dues to come and never exceeds them; `excess_paise` is beyond everything owed, and refundable.
    `open_charges` are in the order of levy. `penal_levied_through` is the last instalment a penal
    charge was levied for: it moves with a levy only, so that none is levied twice. `npa_since` is
    the day-end that made the loan non-performing, until no billed instalment is unpaid.
    `restructured_on` is when its terms were last changed because of the borrower's difficulty.
    """

    as_of: date
    status: LoanStatus
    billed_through: int
    next_number: int
    next_interest_paid_paise: int
    next_principal_paid_paise: int
    capitalised_paise: int
    principal_paid_paise: int
    interest_paid_paise: int
    charges_paid_paise: int
    penal_paid_paise: int
    advance_paise: int
    excess_paise: int
    open_charges: tuple[OpenCharge, ...]
    penal_levied_through: int
    npa_since: date | None
    closed_on: date | None
    restructured_on: date | None = None
    written_off_on: date | None = None
    written_off_principal_paise: int = 0
    written_off_interest_paise: int = 0
    written_off_charges_paise: int = 0
    written_off_other_paise: int = 0
    written_off_penal_paise: int = 0
    written_off_fees_paise: int = 0
    holiday_ends_on: date | None = None
    holiday_interest_paise: int = 0
    given_up_paise: int = 0

    def may_be_upgraded(self, on: date) -> bool:
        """Return whether paying what is due is enough, on a day, to be standard again.

        A restructured loan has to perform first, for a year (RBI, 7 June 2019).
        """
        since = self.restructured_on
        return since is None or on >= add_months(since, PERFORMANCE_MONTHS)


def initial_position(terms: LoanTerms) -> Position:
    """Return the position on the day of disbursement: all of it owed, nothing due."""
    return Position(
        as_of=terms.disbursed_on,
        status=LoanStatus.ACTIVE,
        billed_through=0,
        next_number=1,
        next_interest_paid_paise=0,
        next_principal_paid_paise=0,
        capitalised_paise=0,
        principal_paid_paise=0,
        interest_paid_paise=0,
        charges_paid_paise=0,
        penal_paid_paise=0,
        advance_paise=0,
        excess_paise=0,
        open_charges=(),
        penal_levied_through=0,
        npa_since=None,
        closed_on=None,
    )


def principal_outstanding_paise(terms: LoanTerms, position: Position) -> int:
    """Return the principal still owed, due or not: interest that was capitalised is among it."""
    return terms.principal_paise + position.capitalised_paise - position.principal_paid_paise


def unpaid_of(position: Position, plan: InstalmentPlan) -> Portion:
    """Return what is still asked of one instalment, by component."""
    interest_paise, principal_paise = plan.interest_paise, plan.principal_paise
    if plan.number < position.next_number:
        interest_paise = principal_paise = 0
    elif plan.number == position.next_number:
        interest_paise -= position.next_interest_paid_paise
        principal_paise -= position.next_principal_paid_paise
    return Portion(
        instalment_number=plan.number,
        interest_paise=interest_paise,
        principal_paise=principal_paise,
    )


def paid_of(position: Position, plan: InstalmentPlan) -> Portion:
    """Return what is paid of one instalment, by component."""
    unpaid = unpaid_of(position, plan)
    return Portion(
        instalment_number=plan.number,
        interest_paise=plan.interest_paise - unpaid.interest_paise,
        principal_paise=plan.principal_paise - unpaid.principal_paise,
    )


def due_unpaid(position: Position, schedule: Sequence[InstalmentPlan], day: date) -> int:
    """Return the unpaid paise of the instalments whose due date is `day` or earlier."""
    return sum(
        unpaid_of(position, plan).total_paise
        for plan in _unpaid_plans(position, schedule)
        if plan.due_date <= day
    )


def overdue_unpaid(position: Position, schedule: Sequence[InstalmentPlan], day: date) -> int:
    """Return the unpaid paise of the instalments whose due date is before `day`."""
    return sum(
        unpaid_of(position, plan).total_paise
        for plan in _unpaid_plans(position, schedule)
        if plan.due_date < day
    )


def oldest_unpaid_due_date(position: Position, schedule: Sequence[InstalmentPlan]) -> date | None:
    """Return the due date of the first instalment not fully paid, even in the future, or None.

    Nothing is asked any more once the claim was given up.
    """
    if position.given_up_paise or position.next_number > len(schedule):
        return None
    return schedule[position.next_number - 1].due_date


def charges_unpaid_paise(position: Position) -> int:
    """Return what is unpaid of charges other than penal ones."""
    return sum(
        charge.unpaid_paise
        for charge in position.open_charges
        if charge.kind is not ChargeKind.PENAL
    )


def income_unpaid_paise(position: Position, *, of_fee: bool) -> int:
    """Return what is unpaid of the processing fee, or of the other charges that are no penal ones.

    Without GST, which is the state's, and without what was refunded too much: that is money.
    """
    return sum(
        charge.unpaid_paise - charge.gst_within(charge.unpaid_paise)
        for charge in position.open_charges
        if charge.kind not in (ChargeKind.PENAL, ChargeKind.REFUND)
        and (charge.kind is ChargeKind.PROCESSING_FEE) is of_fee
    )


def fee_unpaid_paise(position: Position) -> int:
    """Return what is unpaid of a processing fee that is paid apart, its GST included."""
    return sum(
        charge.unpaid_paise
        for charge in position.open_charges
        if charge.kind is ChargeKind.PROCESSING_FEE
    )


def penal_unpaid_paise(position: Position) -> int:
    """Return what is unpaid of penal charges."""
    return sum(
        charge.unpaid_paise for charge in position.open_charges if charge.kind is ChargeKind.PENAL
    )


def billed_claims(position: Position, schedule: Sequence[InstalmentPlan]) -> tuple[Portion, ...]:
    """Return what is unpaid of each billed instalment, oldest first."""
    return tuple(
        unpaid_of(position, schedule[number - 1])
        for number in range(position.next_number, position.billed_through + 1)
    )


def charge_claims(position: Position) -> tuple[Portion, ...]:
    """Return what is unpaid of each charge, in the order of levy."""
    return tuple(
        Portion(charge_key=charge.key, penal_paise=charge.unpaid_paise)
        if charge.kind is ChargeKind.PENAL
        else Portion(charge_key=charge.key, charge_paise=charge.unpaid_paise)
        for charge in position.open_charges
    )


def with_portion_met(
    position: Position, portion: Portion, schedule: Sequence[InstalmentPlan]
) -> Position:
    """Return the position after money has met a portion of its next instalment or of a charge."""
    met = replace(
        position,
        principal_paid_paise=position.principal_paid_paise + portion.principal_paise,
        interest_paid_paise=position.interest_paid_paise + portion.interest_paise,
        charges_paid_paise=position.charges_paid_paise + portion.charge_paise,
        penal_paid_paise=position.penal_paid_paise + portion.penal_paise,
    )
    if portion.instalment_number is None:
        return replace(met, open_charges=tuple(_charges_left(position, portion)))
    if portion == unpaid_of(position, schedule[portion.instalment_number - 1]):
        return replace(
            met,
            next_number=portion.instalment_number + 1,
            next_interest_paid_paise=0,
            next_principal_paid_paise=0,
        )
    return replace(
        met,
        next_interest_paid_paise=position.next_interest_paid_paise + portion.interest_paise,
        next_principal_paid_paise=position.next_principal_paid_paise + portion.principal_paise,
    )


def with_charge_waived(position: Position, portion: Portion) -> Position:
    """Return the position after a portion of a charge was let go: no money was paid."""
    return replace(position, open_charges=tuple(_charges_left(position, portion)))


def _unpaid_plans(
    position: Position, schedule: Sequence[InstalmentPlan]
) -> Iterator[InstalmentPlan]:
    for number in range(position.next_number, len(schedule) + 1):
        yield schedule[number - 1]


def _charges_left(position: Position, portion: Portion) -> Iterator[OpenCharge]:
    for charge in position.open_charges:
        if charge.key == portion.charge_key:
            charge = replace(charge, paid_paise=charge.paid_paise + portion.total_paise)
        if charge.unpaid_paise > 0:
            yield charge
