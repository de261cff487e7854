"""The rules that explanations cite, each once, with its source."""

from typing import Final

from loan.domain.allocation import Component, Waterfall
from loan.domain.day_counts import DayCount
from loan.domain.terms import Conventions, LoanTerms
from statements.domain.explanations.steps import Rule

_AGREEMENT: Final = "The loan's terms, as agreed at disbursement"

AMOUNT_LENT: Final = Rule(
    code="AMOUNT_LENT", text="The amount lent is part of the terms.", source=_AGREEMENT
)
REPLACED_SCHEDULE: Final = Rule(
    code="REPLACED_SCHEDULE",
    text="A part prepayment, a foreclosure or a change of terms puts other instalments in the "
    "place of those not billed by then; the schedule before is kept.",
    source="The event that the loan's history has on that day",
)
FLAT_INTEREST: Final = Rule(
    code="FLAT_INTEREST",
    text="Flat interest is reckoned on the amount lent throughout, for the time of all "
    "instalments, and spread over them evenly.",
    source=_AGREEMENT,
)
EQUATED_INSTALMENT: Final = Rule(
    code="EQUATED_INSTALMENT",
    text="The equal instalment is P·i·(1+i)ⁿ ÷ ((1+i)ⁿ − 1), with the principal P, the rate of one "
    "period i and n instalments; P ÷ n at a rate of zero.",
    source="The usual formula of equated instalments, as in RBI's examples",
)
EQUATED_OVER_UNEQUAL_PERIODS: Final = Rule(
    code="EQUATED_OVER_UNEQUAL_PERIODS",
    text="Where periods bear interest for unequal times, the equal instalment is the one that "
    "leaves nothing owed after the last of them.",
    source=_AGREEMENT,
)
PRINCIPAL_MORATORIUM: Final = Rule(
    code="PRINCIPAL_MORATORIUM",
    text="In the moratorium of principal the instalments are of interest alone.",
    source=_AGREEMENT,
)
INTEREST_MORATORIUM: Final = Rule(
    code="INTEREST_MORATORIUM",
    text="The interest of the moratorium, simple, on the amount lent",
    source=_AGREEMENT,
)
BROKEN_PERIOD: Final = Rule(
    code="BROKEN_PERIOD",
    text="The interest of the days from the disbursement to the first whole period",
    source=_AGREEMENT,
)
CAPITALISED: Final = Rule(
    code="CAPITALISED",
    text="The interest of the moratorium becomes principal when it ends.",
    source=_AGREEMENT,
)
HOLIDAY_CAPITALISED: Final = Rule(
    code="HOLIDAY_CAPITALISED",
    text="The interest of a payment holiday, simple and rounded once, becomes principal when the "
    "holiday ends, where that was agreed.",
    source="The event that the loan's history has of the holiday",
)
ON_TOP: Final = Rule(
    code="ON_TOP",
    text="The interest of a broken period or of a moratorium is collected on top of an instalment.",
    source=_AGREEMENT,
)
EQUAL_PARTS: Final = Rule(
    code="EQUAL_PARTS", text="The principal is repaid in equal parts.", source=_AGREEMENT
)
PRINCIPAL_AT_THE_END: Final = Rule(
    code="PRINCIPAL_AT_THE_END",
    text="The instalments are of interest alone; the principal comes with the last one.",
    source=_AGREEMENT,
)
REST_OF_INSTALMENT: Final = Rule(
    code="REST_OF_INSTALMENT",
    text="What an equal instalment holds beyond the interest repays principal.",
    source=_AGREEMENT,
)
PRINCIPAL_BEFORE: Final = Rule(
    code="PRINCIPAL_BEFORE",
    text="By the schedule, each instalment starts from what the ones before it leave owed.",
    source=_AGREEMENT,
)
LAST_ABSORBS: Final = Rule(
    code="LAST_ABSORBS",
    text="The last instalment absorbs what rounding left over, so that the columns add up exactly.",
    source=_AGREEMENT,
)
PARTS_OF_INSTALMENT: Final = Rule(
    code="PARTS_OF_INSTALMENT",
    text="An instalment is its principal and its interest.",
    source=_AGREEMENT,
)
MONEY_MET: Final = Rule(
    code="MONEY_MET",
    text="Paid is what money has met, from a payment or from what was held for it.",
    source="The loan's allocations",
)
RECORDED_PAYMENT: Final = Rule(
    code="RECORDED_PAYMENT",
    text="A payment counts with the amount and the value date it was recorded with.",
    source="The loan's payments",
)
DECIDED_CHARGE: Final = Rule(
    code="DECIDED_CHARGE",
    text="The charge was levied by a decision, with this amount.",
    source="The loan's charges",
)
PROCESSING_FEE: Final = Rule(
    code="PROCESSING_FEE",
    text="The processing fee and its GST are due at the disbursement. The payout was whole, so "
    "they are a charge of the loan, paid in its order of allocation.",
    source=_AGREEMENT,
)
PENAL_CHARGE: Final = Rule(
    code="PENAL_CHARGE",
    text="An instalment unpaid when its days of grace are over draws one flat penal charge. It is "
    "never added to the rate, and no interest is reckoned on it.",
    source="RBI/2023-24/53 of 18 August 2023, and the loan's terms",
)
PENAL_CHARGE_BY_RULE: Final = Rule(
    code="PENAL_CHARGE_BY_RULE",
    text="What is unpaid of an instalment draws penal charges by a yearly rate, first when its days"
    " of grace are over and then every thirty days, or a sum by the days it is past due. They are "
    "never added to the rate, and no interest is reckoned on them.",
    source="RBI/2023-24/53 of 18 August 2023, and the loan's terms",
)
CHARGE_WAIVED: Final = Rule(
    code="CHARGE_WAIVED",
    text="What a person lets go of a charge, for the reason kept with it, is not owed any more.",
    source="The loan's events",
)
STILL_OWED: Final = Rule(
    code="STILL_OWED",
    text="Owed is what was asked, less what was paid of it, and of a charge less what was waived.",
    source="The loan's schedule, charges and allocations",
)
HELD: Final = Rule(
    code="HELD",
    text="Money beyond what is due is held for the instalments to come, at most as much as they "
    "are; what exceeds them too can be refunded.",
    source="The loan's terms of allocation",
)
DAY_END: Final = Rule(
    code="DAY_END",
    text="Days past due run from the oldest due date that is not fully paid. An instalment is "
    "overdue from the end of its due date.",
    source="RBI/2021-22/125 of 12 November 2021",
)

_COMPONENTS: Final = {
    Component.INTEREST: "interest",
    Component.PRINCIPAL: "principal",
    Component.CHARGE: "charges",
    Component.PENAL_CHARGE: "penal charges",
}


def order_of_allocation(terms: LoanTerms) -> Rule:
    """Return the loan's order of allocation as a rule, and the one for when it is an NPA."""
    text = f"Money meets, oldest first: {_stages(terms.waterfall)}."
    if terms.npa_waterfall not in (None, terms.waterfall):
        text += (
            " While the loan is 90 days past due, and until its arrears are paid: "
            f"{_stages(terms.waterfall_for(npa=True))}."
        )
    return Rule(code="ORDER_OF_ALLOCATION", text=text, source="The loan's terms of allocation")


def _stages(waterfall: Waterfall) -> str:
    return "; then ".join(
        " before ".join(_COMPONENTS[component] for component in stage) for stage in waterfall.stages
    )


_ISDA: Final = "2006 ISDA Definitions, section 4.16"
_DAY_COUNTS: Final = {
    DayCount.THIRTY_360: ("30/360: a month has 30 days, a year 360.", f"{_ISDA} (f)"),
    DayCount.THIRTY_E_360: ("30E/360: a month has 30 days and no 31st.", f"{_ISDA} (g)"),
    DayCount.ACTUAL_365: ("Actual/365: the days of the calendar, over 365.", f"{_ISDA} (d)"),
    DayCount.ACTUAL_360: ("Actual/360: the days of the calendar, over 360.", f"{_ISDA} (e)"),
    DayCount.ACTUAL_ACTUAL: (
        "Actual/actual: the days of leap years over 366, the others over 365.",
        f"{_ISDA} (b)",
    ),
}


def passing_of_time(conventions: Conventions) -> Rule:
    """Return how a period becomes a part of a year, as a rule."""
    if conventions.day_count is DayCount.EQUAL_PERIODS:
        part = conventions.frequency.periods_per_year
        return Rule(
            code="EQUAL_PERIODS",
            text=f"Every whole period counts as 1/{part} of a year, however many days it has, and "
            "whenever earlier instalments were paid.",
            source=_AGREEMENT,
        )
    text, source = _DAY_COUNTS[conventions.day_count]
    return Rule(code=conventions.day_count.value, text=text, source=source)
