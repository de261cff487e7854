"""Schedules worked by hand or taken from a named public source, one for each interest method."""

from datetime import date
from fractions import Fraction

import pytest

from bright_credit.common.money import round_to_rupee
from loan.domain.schedule import (
    InstalmentPlan,
    amortization_schedule,
    equated_instalment,
    exact_equated_instalment,
    usual_instalment,
)
from loan.domain.terms import (
    InstalmentRounding,
    InterestMethod,
    InvalidTerms,
    LoanTerms,
    SplitRounding,
)
from tests.unit.loan.histories import LAKH, RUPEE, terms_of


def rows(plans: tuple[InstalmentPlan, ...]) -> list[tuple[int, int, int]]:
    """Return (opening, principal, interest) of each row, in paise."""
    return [(p.opening_principal_paise, p.principal_paise, p.interest_paise) for p in plans]


def test_the_regulators_example_of_ten_lakh_at_15_percent_has_an_instalment_of_16133_50() -> None:
    """RBI, frequently asked questions on the reset of floating rates: 10 lakh, 15 %, 120 months."""
    instalment = equated_instalment(
        10 * LAKH, annual_rate_bps=1_500, tenure_months=120, rounding=InstalmentRounding.PAISA
    )
    assert instalment == 1_613_350


@pytest.mark.parametrize(
    ("number", "opening", "principal", "interest"),
    [
        (1, 20_000, 720, 250),
        (2, 19_280, 729, 241),
        (3, 18_552, 738, 232),
        (4, 17_814, 747, 223),
        (24, 958, 958, 12),
    ],
)
def test_the_key_facts_statements_own_annex_is_met_row_by_row(
    number: int, opening: int, principal: int, interest: int
) -> None:
    """RBI, Key Facts Statement, 15 April 2024, Annex C: shown there in whole rupees."""
    plan = amortization_schedule(
        terms_of(
            20_000 * RUPEE,
            annual_rate_bps=1_500,
            tenure_months=24,
            instalment_rounding=InstalmentRounding.PAISA,
        )
    )[number - 1]
    shown = [
        round_to_rupee(Fraction(paise)) // RUPEE
        for paise in (plan.opening_principal_paise, plan.principal_paise, plan.interest_paise)
    ]
    assert shown == [opening, principal, interest]


def test_the_key_facts_statements_annex_has_a_total_interest_of_3274() -> None:
    plans = amortization_schedule(
        terms_of(
            20_000 * RUPEE,
            annual_rate_bps=1_500,
            tenure_months=24,
            instalment_rounding=InstalmentRounding.PAISA,
        )
    )
    total = sum(plan.interest_paise for plan in plans)
    assert round_to_rupee(Fraction(total)) == 3_274 * RUPEE


def test_five_lakh_at_16_percent_over_24_months_in_whole_rupees() -> None:
    plans = amortization_schedule(terms_of(5 * LAKH, annual_rate_bps=1_600, tenure_months=24))
    assert plans[0].total_paise == 24_482 * RUPEE
    assert (plans[0].interest_paise, plans[0].principal_paise) == (666_667, 1_781_533)
    assert plans[-1].total_paise == 2_446_951
    assert sum(plan.interest_paise for plan in plans) == 8_755_551


def test_the_flat_sample_loan_is_20833_and_3667_with_the_rest_in_the_last_row() -> None:
    plans = amortization_schedule(
        terms_of(
            5 * LAKH,
            annual_rate_bps=880,
            tenure_months=24,
            interest_method=InterestMethod.FLAT,
            split_rounding=SplitRounding.RUPEE,
        )
    )
    usual = {(plan.principal_paise, plan.interest_paise) for plan in plans[:-1]}
    assert usual == {(20_833 * RUPEE, 3_667 * RUPEE)}
    assert (plans[-1].principal_paise, plans[-1].interest_paise) == (20_841_00, 3_659_00)
    assert sum(plan.interest_paise for plan in plans) == 88_000 * RUPEE


def test_equal_principal_worked_by_hand() -> None:
    """100,000 over 3 months at 10 %: interest on 100,000, 66,667 and 33,334 for a month each."""
    plans = amortization_schedule(
        terms_of(
            LAKH,
            annual_rate_bps=1_000,
            tenure_months=3,
            interest_method=InterestMethod.EQUAL_PRINCIPAL,
        )
    )
    assert rows(plans) == [
        (100_000_00, 33_333_00, 833_33),
        (66_667_00, 33_333_00, 555_56),
        (33_334_00, 33_334_00, 277_78),
    ]


def test_interest_only_worked_by_hand() -> None:
    """100,000 over 3 months at 12 %: a thousand a month, and the principal with the last."""
    plans = amortization_schedule(
        terms_of(LAKH, tenure_months=3, interest_method=InterestMethod.INTEREST_ONLY)
    )
    assert rows(plans) == [
        (LAKH, 0, 1_000 * RUPEE),
        (LAKH, 0, 1_000 * RUPEE),
        (LAKH, LAKH, 1_000 * RUPEE),
    ]


def test_a_zero_rate_divides_the_principal() -> None:
    plans = amortization_schedule(
        terms_of(10_000, annual_rate_bps=0, tenure_months=3, instalment_rounding=PAISA)
    )
    assert rows(plans) == [(10_000, 3_333, 0), (6_667, 3_333, 0), (3_334, 3_334, 0)]


def test_a_loan_of_one_month_is_repaid_at_once() -> None:
    plans = amortization_schedule(terms_of(10_000 * RUPEE, tenure_months=1))
    assert rows(plans) == [(10_000 * RUPEE, 10_000 * RUPEE, 100 * RUPEE)]


PAISA, NEAREST, UP = (
    InstalmentRounding.PAISA,
    InstalmentRounding.RUPEE,
    InstalmentRounding.RUPEE_UP,
)


@pytest.mark.parametrize(
    ("rounding", "instalment", "last"),
    [(PAISA, 96_973, 96_979), (NEAREST, 97_000, 96_256), (UP, 97_000, 96_256)],
)
def test_each_rounding_of_the_instalment_moves_the_difference_to_the_last_row(
    rounding: InstalmentRounding, instalment: int, last: int
) -> None:
    plans = amortization_schedule(
        terms_of(
            20_000 * RUPEE, annual_rate_bps=1_500, tenure_months=24, instalment_rounding=rounding
        )
    )
    assert {plan.total_paise for plan in plans[:-1]} == {instalment}
    assert plans[-1].total_paise == last


def test_rounding_down_makes_the_last_instalment_the_larger_one() -> None:
    """10,000 over 3 months without interest is 3,333.33 a month: 3,333, 3,333 and 3,334."""
    plans = amortization_schedule(
        terms_of(10_000 * RUPEE, annual_rate_bps=0, tenure_months=3, instalment_rounding=NEAREST)
    )
    assert [plan.total_paise for plan in plans] == [333_300, 333_300, 333_400]


def test_rounding_up_makes_the_last_instalment_the_smaller_one() -> None:
    plans = amortization_schedule(
        terms_of(10_000 * RUPEE, annual_rate_bps=0, tenure_months=3, instalment_rounding=UP)
    )
    assert [plan.total_paise for plan in plans] == [333_400, 333_400, 333_200]


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        # Repaid by the tenth of sixty instalments of a rupee.
        (terms_of(10 * RUPEE, tenure_months=60, instalment_rounding=UP), "tenure_months"),
        # Nothing to pay until the last month.
        (terms_of(10 * RUPEE, annual_rate_bps=0, tenure_months=60), "principal_paise"),
        # Three rupees a month, and 3.06 of interest.
        (terms_of(102 * RUPEE, annual_rate_bps=3_600, tenure_months=120), "principal_paise"),
        # Half a rupee of interest a month, rounded to one: two months take more than all three owe.
        (
            terms_of(
                5_000 * RUPEE,
                annual_rate_bps=12,
                tenure_months=3,
                interest_method=InterestMethod.FLAT,
                split_rounding=SplitRounding.RUPEE,
            ),
            "principal_paise",
        ),
        # Instalments of nothing.
        (
            terms_of(LAKH, annual_rate_bps=0, interest_method=InterestMethod.INTEREST_ONLY),
            "principal_paise",
        ),
    ],
)
def test_a_rounding_that_leaves_no_possible_schedule_is_refused(
    terms: LoanTerms, field: str
) -> None:
    with pytest.raises(InvalidTerms) as refusal:
        amortization_schedule(terms)
    assert refusal.value.field == field


def test_the_exact_instalment_discounts_to_exactly_the_principal() -> None:
    instalment = exact_equated_instalment(20_000 * RUPEE, annual_rate_bps=1_500, tenure_months=24)
    growth = 1 + Fraction(1_500, 120_000)
    assert sum(instalment / growth**month for month in range(1, 25)) == 20_000 * RUPEE


@pytest.mark.parametrize(
    ("method", "instalment"),
    [
        (InterestMethod.REDUCING_BALANCE, 1_066_00),
        (InterestMethod.INTEREST_ONLY, 1_066_00),  # judged as if repaid
        (InterestMethod.FLAT, 1_120_00),
        (InterestMethod.EQUAL_PRINCIPAL, 1_120_00),
    ],
)
def test_affordability_is_judged_by_the_usual_or_the_largest_instalment(
    method: InterestMethod, instalment: int
) -> None:
    """12,000 over a year at 12 %: 1,066.19 a month; a thousand and 120 of interest at first."""
    assert instalment == usual_instalment(
        12_000 * RUPEE,
        method=method,
        annual_rate_bps=1_200,
        tenure_months=12,
        rounding=InstalmentRounding.RUPEE,
        split_rounding=SplitRounding.PAISA,
    )


def test_rows_fall_on_the_agreed_day_of_the_terms() -> None:
    plans = amortization_schedule(terms_of(tenure_months=3))
    due_dates = [plan.due_date for plan in plans]
    assert due_dates == [date(2025, 2, 5), date(2025, 3, 5), date(2025, 4, 5)]
