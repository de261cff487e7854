"""Repaying early: what a part prepayment makes of the schedule, and what closes a loan on a day.

Dues and charges are cleared first. A part prepayment then pays the interest to its date and, with
all the rest, principal. It stands in the schedule as an instalment of its own, dated its day, so
that the principal of the instalments still sums to the amount lent.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from bright_credit.common.money import round_to_paisa, share_in_bps
from loan.domain.amortization import InstalmentPlan, Remaining, at_instalment, over_count
from loan.domain.events import Towards
from loan.domain.in_force import InForce
from loan.domain.interest import Period, interest_of
from loan.domain.position import (
    Position,
    billed_claims,
    charges_unpaid_paise,
    penal_unpaid_paise,
)
from loan.domain.running_period import RunningPeriod, running_period
from loan.domain.terms import Conventions, InterestMethod, InvalidTerms, LoanTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepaid:
    """The instalments from a part prepayment on, its own first, and what is agreed from then on."""

    coming: tuple[InstalmentPlan, ...]
    in_force: InForce


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingRates:
    """What foreclosing costs: a share of the principal repaid early, and the GST on it."""

    charge_bps: int = 0
    gst_bps: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeclosureQuote:
    """What closes a loan on a day, paid exactly, if nothing else happens before. In paise.

    `principal_due_paise` and `interest_due_paise` are billed and unpaid; `principal_to_come_paise`
    is not, and `accrued_interest_paise` its interest up to the day, of which each further day costs
    `per_diem_paise`. Money held is taken off; when it is more than all of it, `refundable_paise`
    is what would be left over. `prepayment_interest_paise` is the interest to the day by its share
    of the period, which a part prepayment pays.
    """

    on: date
    principal_due_paise: int
    principal_to_come_paise: int
    interest_due_paise: int
    accrued_interest_paise: int
    per_diem_paise: int
    charges_paise: int
    penal_paise: int
    closing_charge_paise: int
    closing_gst_paise: int
    advance_paise: int
    excess_paise: int
    prepayment_interest_paise: int

    @property
    def before_principal_paise(self) -> int:
        """Return what a part prepayment pays before it repays principal that is not due."""
        dues_paise = self.principal_due_paise + self.interest_due_paise
        charges_paise = self.charges_paise + self.penal_paise
        return dues_paise + charges_paise + self.prepayment_interest_paise

    @property
    def principal_paise(self) -> int:
        """Return the principal outstanding."""
        return self.principal_due_paise + self.principal_to_come_paise

    @property
    def owed_paise(self) -> int:
        """Return everything asked, before what is held is taken off."""
        return (
            self.principal_paise
            + self.interest_due_paise
            + self.accrued_interest_paise
            + self.charges_paise
            + self.penal_paise
            + self.closing_charge_paise
            + self.closing_gst_paise
        )

    @property
    def held_paise(self) -> int:
        """Return the unapplied credit: what is held in advance, and as excess."""
        return self.advance_paise + self.excess_paise

    @property
    def amount_paise(self) -> int:
        """Return what has to be paid on the day."""
        return max(0, self.owed_paise - self.held_paise)

    @property
    def is_met_by_advance(self) -> bool:
        """Return whether more is held for dues to come than closing would ask in their place.

        Then no payment closes the loan: the money held stays for the dues, and charges are paid.
        """
        closing_paise = self.closing_charge_paise + self.closing_gst_paise
        to_come_paise = self.principal_to_come_paise + self.accrued_interest_paise
        return self.advance_paise > to_come_paise + closing_paise

    @property
    def refundable_paise(self) -> int:
        """Return what would be left of the money held."""
        return max(0, self.held_paise - self.owed_paise)


def foreclosure_quote(
    terms: LoanTerms,
    in_force: InForce,
    schedule: Sequence[InstalmentPlan],
    position: Position,
    *,
    rates: ClosingRates,
) -> ForeclosureQuote:
    """Return what closes a loan on the day that it stands at, which has begun and not ended."""
    on = position.as_of
    billed = billed_claims(position, schedule)
    running = running_period(terms, in_force, schedule, billed_through=position.billed_through)
    to_come_paise = 0 if running is None else running.principal_paise(on)
    charge_paise = share_in_bps(to_come_paise, bps=rates.charge_bps)
    return ForeclosureQuote(
        on=on,
        principal_due_paise=sum(claim.principal_paise for claim in billed),
        principal_to_come_paise=to_come_paise,
        interest_due_paise=sum(claim.interest_paise for claim in billed),
        accrued_interest_paise=0 if running is None else closing_interest_paise(running, on),
        per_diem_paise=0 if running is None else running.per_diem_paise(on),
        charges_paise=charges_unpaid_paise(position),
        penal_paise=penal_unpaid_paise(position),
        closing_charge_paise=charge_paise,
        closing_gst_paise=share_in_bps(charge_paise, bps=rates.gst_bps),
        advance_paise=position.advance_paise,
        excess_paise=position.excess_paise,
        prepayment_interest_paise=0 if running is None else running.run_paise(on),
    )


def closing_interest_paise(running: RunningPeriod, on: date) -> int:
    """Return the interest that is not billed and is owed by whoever closes the loan on a day."""
    return running.run_by_the_day_paise(on) + running.deferred_run_paise(on)


def closing_instalment(running: RunningPeriod, on: date) -> InstalmentPlan:
    """Return the one instalment that closes the loan on a day, in the place of all to come."""
    principal_paise = running.principal_paise(on)
    return InstalmentPlan(
        number=running.row.number,
        due_date=on,
        opening_principal_paise=principal_paise,
        principal_paise=principal_paise,
        interest_paise=closing_interest_paise(running, on),
    )


def prepaid(
    terms: LoanTerms,
    in_force: InForce,
    running: RunningPeriod,
    *,
    on: date,
    paid_paise: int,
    held_paise: int,
    towards: Towards,
) -> Prepaid | None:
    """Return the instalments after a part prepayment, or None where it cannot be one.

    That is when the interest to date leaves nothing of it for principal, or no more principal would
    be left than is held in advance for the dues to come.
    """
    interest_paise = running.run_paise(on)
    opening_paise = running.row.opening_principal_paise
    left_paise = opening_paise - (paid_paise - interest_paise)
    if paid_paise <= interest_paise or left_paise < max(1, held_paise):
        return None
    own = InstalmentPlan(
        number=running.row.number,
        due_date=on,
        opening_principal_paise=opening_paise,
        principal_paise=paid_paise - interest_paise,
        interest_paise=interest_paise,
    )
    after = replace(
        in_force,
        flat_base_paise=round_to_paisa(
            Fraction(in_force.flat_base_paise * left_paise, opening_paise)
        ),
    )
    rest = _rest(terms, after, running, on=on, left_paise=left_paise, towards=towards)
    return None if rest is None else Prepaid(coming=(own, *rest), in_force=after)


def _rest(
    terms: LoanTerms,
    in_force: InForce,
    running: RunningPeriod,
    *,
    on: date,
    left_paise: int,
    towards: Towards,
) -> tuple[InstalmentPlan, ...] | None:
    remaining = remaining_of(
        terms,
        in_force,
        running,
        principal_paise=left_paise,
        first_number=running.row.number + 1,
        interest_from=max(on, running.since),
        # The broken days to come are reckoned on what is left, like all days to come.
        apart_paise=running.broken_paise(
            on, in_force.flat_base_paise if running.flat else left_paise
        ),
    )
    keeps_emi = towards is Towards.REDUCE_TENURE
    return instalments_of(
        remaining, in_force.conventions(terms), running.coming, keeps_emi=keeps_emi
    )


def remaining_of(
    terms: LoanTerms,
    in_force: InForce,
    running: RunningPeriod,
    *,
    principal_paise: int,
    first_number: int,
    interest_from: date,
    apart_paise: int,
    due_dates: Sequence[date] = (),
) -> Remaining:
    """Return what is left to repay, on the due dates that there are, or on others.

    The first instalment collects `apart_paise`, and the interest from `interest_from` to where the
    last whole period before it begins: of the days or periods by which its own one is longer.
    """
    first, *later = due_dates or [row.due_date for row in running.coming]
    conventions = in_force.conventions(terms)
    period_start = conventions.basis.due_date_before(first)
    flat = terms.interest_method is InterestMethod.FLAT
    base_paise = in_force.flat_base_paise if flat else principal_paise
    return Remaining(
        principal_paise=principal_paise,
        rates=in_force.rates,
        period_start=period_start,
        next_due_date=first,
        later_due_dates=tuple(later),
        first_number=first_number,
        interest_from=max(interest_from, period_start),
        interest_only_rows=_rows_without_principal(running.coming, conventions),
        first_extra_interest_paise=apart_paise
        + _stretch_paise(terms, in_force, base_paise, since=interest_from, first=first),
        last_extra_interest_paise=running.moratorium_paise + in_force.put_off_paise,
        flat_base_paise=base_paise if flat else None,
    )


def _stretch_paise(
    terms: LoanTerms, in_force: InForce, base_paise: int, *, since: date, first: date
) -> int:
    """Return the interest of the time before the whole period of the first due date to come begins.

    With equal periods whole ones are counted back from there, and days as actual/365. It is what
    the longer period bears more than the whole one, so that the two add up to the paisa.
    """
    basis = in_force.conventions(terms).basis
    if since >= basis.due_date_before(first):
        return 0
    longer, whole = (
        terms.split_rounding.rounded(
            interest_of(
                base_paise,
                rates=in_force.rates,
                period=Period(start=start, end=first),
                basis=basis,
            )
        )
        for start in (since, basis.due_date_before(first))
    )
    return max(0, longer - whole)


def instalments_of(
    remaining: Remaining,
    conventions: Conventions,
    coming: Sequence[InstalmentPlan],
    *,
    keeps_emi: bool,
    longer: bool = False,
) -> tuple[InstalmentPlan, ...] | None:
    """Return the instalments in the place of those to come; None where none are possible.

    The instalment is kept where it can be, and no more instalments follow than before, unless it
    may take `longer`; else their number is, and the instalment is solved.
    """
    if keeps_emi:
        try:
            kept = at_instalment(
                remaining, conventions, instalment_paise=kept_paise(coming, conventions)
            ).rows
            if longer or len(kept) <= len(coming):
                return kept
        except InvalidTerms:
            pass  # such a loan keeps its number of instalments
    try:
        return over_count(remaining, conventions, count=len(coming)).rows
    except InvalidTerms:
        return None


def kept_paise(coming: Sequence[InstalmentPlan], conventions: Conventions) -> int:
    """Return the instalment that a shorter tenure keeps, or the principal of one.

    The one after the next: the first may bear interest of broken days, the last is what is left.
    """
    usual = coming[1] if len(coming) > 2 else coming[0]
    if conventions.interest_method is InterestMethod.EQUAL_PRINCIPAL:
        return usual.principal_paise
    return usual.total_paise


def _rows_without_principal(coming: Sequence[InstalmentPlan], conventions: Conventions) -> int:
    """Return how many instalments are left of a principal moratorium."""
    if conventions.interest_method is InterestMethod.INTEREST_ONLY:
        return 0
    idle = 0
    while idle < len(coming) - 1 and coming[idle].principal_paise == 0:
        idle += 1
    return idle
