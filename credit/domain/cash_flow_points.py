"""Scorecard brightlend-1: the points for cash flow, the sum of three habits less what bounced."""

from dataclasses import dataclass, replace

from bright_credit.common.money import BPS_PER_WHOLE
from credit.domain.bins import Band, Bin
from credit.domain.features import CashFlow
from users.domain.employment import EmploymentType

NOT_KNOWN_POINTS = 20
PART_POINTS = 20
POINTS_PER_BOUNCE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class CashFlowPoints:
    """The parts of the cash-flow points, each at most 20, and what bounces take away."""

    regularity: int
    savings: int
    balance: int
    bounces: int

    @property
    def total(self) -> int:
        """The points given: never below zero, however much bounced."""
        return max(0, self.regularity + self.savings + self.balance - self.bounces)


#: (lower edge in basis points of the whole, inclusive; points), best first.
_REGULARITY = ((10_000, 20), (6_666, 15), (5_000, 10), (1, 5))
_SAVINGS = ((3_000, 20), (2_000, 15), (1_000, 10), (0, 5))
_BALANCE = ((30_000, 20), (20_000, 15), (10_000, 10), (1, 5))


def cash_flow_points(
    cash_flow: CashFlow, *, employment_type: EmploymentType, obligations_paise: int
) -> CashFlowPoints:
    """Return the parts for someone whose bank transactions cover enough months to judge by.

    Regularity is the share of months with a salary (with receipts, for the self-employed); savings
    the share of income not spent; balance how many months of instalments the mean balance covers.
    Who owes no instalment has the full balance points while the balance is above zero.
    """
    income_months = (
        cash_flow.income_months
        if employment_type is EmploymentType.SELF_EMPLOYED
        else cash_flow.salary_months
    )
    saved_paise = cash_flow.income_paise - cash_flow.spending_paise
    balance_paise = cash_flow.average_balance_paise
    return CashFlowPoints(
        regularity=_step(income_months, whole=cash_flow.months_covered, steps=_REGULARITY),
        savings=_step(saved_paise, whole=cash_flow.income_paise, steps=_SAVINGS),
        balance=_step(balance_paise, whole=obligations_paise, steps=_BALANCE)
        if obligations_paise
        else PART_POINTS * (balance_paise > 0),
        bounces=POINTS_PER_BOUNCE * cash_flow.bounces,
    )


def _step(part: int, *, whole: int, steps: tuple[tuple[int, int], ...]) -> int:
    """Return the points of the first edge that part ÷ whole reaches; none without a whole."""
    if whole <= 0:
        return 0
    for edge_bps, points in steps:
        if part * BPS_PER_WHOLE >= whole * edge_bps:
            return points
    return 0


def cash_flow_bin(
    cash_flow: CashFlow, *, employment_type: EmploymentType, obligations_paise: int
) -> Bin:
    """Regular income, savings and balance, less what bounced. At most 60; 20 when not known."""
    if not cash_flow.is_telling:
        return Bin(NOT_KNOWN_POINTS, Band.FAIR, "CASH_FLOW_NOT_KNOWN", 3 * PART_POINTS)
    parts = cash_flow_points(
        cash_flow, employment_type=employment_type, obligations_paise=obligations_paise
    )
    code, mended = _weakest(parts)
    within_reach = mended.total if mended.total > parts.total else None
    return Bin(parts.total, _band(parts.total), code, within_reach)


def _band(points: int) -> Band:
    if points >= 50:
        return Band.EXCELLENT
    if points >= 30:
        return Band.GOOD
    return Band.FAIR if points >= 10 else Band.POOR


def _weakest(parts: CashFlowPoints) -> tuple[str, CashFlowPoints]:
    """Return the code of the part that costs most, bounces first, and the parts with it mended."""
    lost = (
        (parts.bounces, "CASH_FLOW_BOUNCES", replace(parts, bounces=0)),
        (
            PART_POINTS - parts.regularity,
            "CASH_FLOW_INCOME_IRREGULAR",
            replace(parts, regularity=PART_POINTS),
        ),
        (
            PART_POINTS - parts.savings,
            "CASH_FLOW_LITTLE_SAVED",
            replace(parts, savings=PART_POINTS),
        ),
        (PART_POINTS - parts.balance, "CASH_FLOW_LOW_BALANCE", replace(parts, balance=PART_POINTS)),
    )
    worst_points, code, mended = max(lost, key=lambda part: part[0])
    return (code, mended) if worst_points > 0 else ("CASH_FLOW_STEADY", parts)
