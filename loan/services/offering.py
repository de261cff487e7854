"""What a loan would be before it is one: its terms, its schedule, and what it costs."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from bright_credit.common.errors import InvalidInput
from bright_credit.common.money import share_in_bps
from loan.domain.apr import Repayment, months_after, rate_of_return_bps
from loan.domain.day_counts import DayCount
from loan.domain.schedule import MONTHS_PER_YEAR, InstalmentPlan, RepaymentPlan, repayment_plan
from loan.domain.terms import BrokenPeriodInterest, FeeCollection, InvalidTerms, LoanTerms
from loan.models import LoanProduct
from loan.selectors.products import terms_for

# What of the terms a tenure decides: with another one, the product may make a loan.
_FIELDS_OF_TENURE = frozenset(
    {"tenure_months", "principal_moratorium_periods", "interest_moratorium_periods"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a loan would be: its terms, its plan, and what it costs. Amounts in paise.

    The processing fee, with its GST, is due at the disbursement: deducted from the payout, or paid.
    """

    product: LoanProduct
    terms: LoanTerms
    plan: RepaymentPlan
    processing_fee_paise: int
    fee_gst_paise: int
    apr_bps: int
    fee_collection: FeeCollection = FeeCollection.NETTED

    @property
    def netted_fee_paise(self) -> int:
        """What is deducted from the payout of the fee and its GST: all, or nothing."""
        netted = self.fee_collection is FeeCollection.NETTED
        return self.processing_fee_paise + self.fee_gst_paise if netted else 0

    @property
    def schedule(self) -> tuple[InstalmentPlan, ...]:
        """Every instalment, in order."""
        return self.plan.rows

    @property
    def net_disbursed_paise(self) -> int:
        """What the borrower receives: the principal less a fee that is netted, and its GST, and
        less upfront interest."""
        kept_back = self.netted_fee_paise + self.plan.upfront_interest_paise
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


class NotOffered(InvalidInput):
    """The product does not lend this amount, or not over this tenure."""

    code = "not_offered"


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
        fee_collection=FeeCollection(product.fee_collection),
    )


def _apr_bps(terms: LoanTerms, plan: RepaymentPlan, *, net_paise: int) -> int:
    """Return the annual percentage rate of a plan, in basis points.

    `net_paise` is what the day of disbursement leaves the borrower: a fee that is paid apart is due
    that day like one that is deducted, so the rate is the same.

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
