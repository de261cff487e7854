"""What loans of a portfolio may look like: a few hundred kinds of terms, computed by the core."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product

from bright_credit.common.business_day import add_months, clamp_day
from loan.domain.schedule import InstalmentPlan, amortization_schedule, usual_instalment
from loan.domain.terms import InstalmentRounding, InterestMethod, LoanTerms, SplitRounding

TENURE_MONTHS = 24
PENAL_GRACE_DAYS = 3
PENAL_CHARGE_PAISE = 50_000

#: Instalments that a loan of the portfolio may have behind it.
MAX_BILLED = 4

_LAKH = 100_000 * 100
_AMOUNTS = tuple(_LAKH // 2 + step * _LAKH // 4 for step in range(24))
_RATES_BPS = (1200, 1400, 1600, 2000, 2400)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One kind of terms and the amounts of its schedule; dates are put to it loan by loan."""

    key: int
    product: str
    terms: LoanTerms
    instalment_paise: int
    plans: tuple[InstalmentPlan, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DueDate:
    """When instalment `number` falls due for loans of a due day with so many dues behind them."""

    due_day: int
    billed: int
    number: int
    due_date: date


def shapes() -> tuple[Shape, ...]:
    """Return every kind of terms: two products, 24 amounts, five rates."""
    kinds = product(
        (
            ("PERSONAL_LOAN", InterestMethod.REDUCING_BALANCE, SplitRounding.PAISA),
            ("PERSONAL_LOAN_FLAT", InterestMethod.FLAT, SplitRounding.RUPEE),
        ),
        _AMOUNTS,
        _RATES_BPS,
    )
    return tuple(
        _shape(
            key,
            code,
            LoanTerms(
                principal_paise=amount_paise,
                annual_rate_bps=rate_bps,
                tenure_months=TENURE_MONTHS,
                interest_method=method,
                instalment_rounding=InstalmentRounding.RUPEE,
                split_rounding=split,
                disbursed_on=date(2025, 1, 1),
                first_due_date=date(2025, 2, 1),
                due_day=1,
                penal_grace_days=PENAL_GRACE_DAYS,
                penal_charge_paise=PENAL_CHARGE_PAISE,
            ),
        )
        for key, ((code, method, split), amount_paise, rate_bps) in enumerate(kinds)
    )


def due_dates(day: date) -> Iterator[DueDate]:
    """Yield the dates of every instalment: the last of the `billed` ones falls before `day`."""
    for due_day in range(1, 32):
        last = last_due_before(day, due_day=due_day)
        for billed in range(MAX_BILLED + 1):
            for number in range(1, TENURE_MONTHS + 1):
                yield DueDate(
                    due_day=due_day,
                    billed=billed,
                    number=number,
                    due_date=add_months(last, number - billed, anchor_day=due_day),
                )


def last_due_before(day: date, *, due_day: int) -> date:
    """Return the latest date before `day` on which loans of a due day are due."""
    eve = day - timedelta(days=1)
    candidate = clamp_day(eve.year, eve.month, due_day)
    return candidate if candidate <= eve else add_months(candidate, -1, anchor_day=due_day)


def _shape(key: int, code: str, terms: LoanTerms) -> Shape:
    return Shape(
        key=key,
        product=code,
        terms=terms,
        instalment_paise=usual_instalment(
            terms.principal_paise,
            method=terms.interest_method,
            annual_rate_bps=terms.annual_rate_bps,
            tenure_months=terms.tenure_months,
            rounding=terms.instalment_rounding,
            split_rounding=terms.split_rounding,
        ),
        plans=amortization_schedule(terms),
    )
