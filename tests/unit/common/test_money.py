"""Money: what is read, what is written, and every rounding, against hand-worked figures."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bright_credit.common.money import (
    MAX_AMOUNT_PAISE,
    NotAnAmount,
    format_exact_rupees,
    format_rupees,
    parse_rupees,
    percent,
    rate_to_bps,
    ratio_in_bps,
    round_down_to_step,
    round_half_up,
    round_to_paisa,
    round_to_rupee,
    round_up_to_rupee,
    rupees,
    share_in_bps,
)

paise = st.integers(min_value=-MAX_AMOUNT_PAISE, max_value=MAX_AMOUNT_PAISE)
fractions = st.fractions(min_value=-(10**15), max_value=10**15, max_denominator=10**6)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("0", 0),
        ("24500", 2_450_000),
        ("20833.33", 2_083_333),
        ("0.5", 50),
        ("-0.05", -5),
        ("007", 700),
        ("9999999999999.99", MAX_AMOUNT_PAISE - 1),
    ],
)
def test_an_amount_is_read_to_the_paisa(text: str, amount: int) -> None:
    assert parse_rupees(text) == amount


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 1",
        "1 ",
        "+1",
        "1.",
        ".5",
        "1.234",
        "1e3",
        "1E+2000000",
        "NaN",
        "Infinity",
        "1_000",
        "1,000",
        "₹10",
        "१२३",
        "１２３",
        "10000000000000.01",
        "10000000000001",
        "9" * 1_000_000,
        "1\n",
        "--1",
        "0x1",
    ],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(NotAnAmount):
        parse_rupees(text)


@given(paise.filter(lambda amount: abs(amount) < MAX_AMOUNT_PAISE))
def test_an_amount_written_is_the_amount_read(amount: int) -> None:
    assert parse_rupees(str(rupees(amount))) == amount


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "₹0.00"),
        (5, "₹0.05"),
        (99_900, "₹999.00"),
        (100_000, "₹1,000.00"),
        (12_345_678, "₹1,23,456.78"),
        (-12_345_678, "-₹1,23,456.78"),
        (1_000_000_000, "₹1,00,00,000.00"),
        (MAX_AMOUNT_PAISE, "₹1,00,00,00,00,00,000.00"),
    ],
)
def test_an_amount_is_grouped_the_indian_way(amount: int, text: str) -> None:
    assert format_rupees(amount) == text


@given(paise)
def test_grouping_changes_no_digit(amount: int) -> None:
    plain = format_rupees(amount).replace(",", "").replace("₹", "")
    assert Decimal(plain).scaleb(2) == amount


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [
        (Fraction(1, 2), 1),
        (Fraction(-1, 2), -1),
        (Fraction(3, 2), 2),
        (Fraction(5, 2), 3),
        (Fraction(-5, 2), -3),
        (Fraction(49, 100), 0),
        (Fraction(-49, 100), 0),
        (Fraction(7), 7),
    ],
)
def test_halves_are_rounded_away_from_zero(exact: Fraction, rounded: int) -> None:
    assert round_half_up(exact) == rounded
    assert round_to_paisa(exact) == rounded


@given(fractions)
def test_rounding_moves_by_half_at_most(exact: Fraction) -> None:
    assert abs(round_half_up(exact) - exact) <= Fraction(1, 2)
    assert abs(round_to_rupee(exact) - exact) <= 50
    assert round_to_rupee(exact) % 100 == 0


@given(fractions)
def test_rounding_up_never_goes_down_and_never_a_whole_rupee_up(exact: Fraction) -> None:
    assert 0 <= round_up_to_rupee(exact) - exact < 100
    assert round_up_to_rupee(exact) % 100 == 0


def test_roundings_of_rupees_worked_by_hand() -> None:
    assert round_to_rupee(Fraction(2_448_150)) == 2_448_200
    assert round_to_rupee(Fraction(2_448_149)) == 2_448_100
    assert round_up_to_rupee(Fraction(2_448_101)) == 2_448_200
    assert round_up_to_rupee(Fraction(2_448_100)) == 2_448_100


@pytest.mark.parametrize(
    ("amount", "stepped"), [(1_049_999, 1_000_000), (1_050_000, 1_050_000), (-5, 0), (49_999, 0)]
)
def test_an_amount_is_taken_down_to_a_step(amount: int, stepped: int) -> None:
    assert round_down_to_step(amount, step_paise=50_000) == stepped


def test_shares_and_ratios_worked_by_hand() -> None:
    assert share_in_bps(50_000_000, bps=200) == 1_000_000
    assert share_in_bps(1_000_000, bps=1800) == 180_000
    assert share_in_bps(25, bps=200) == 1
    assert ratio_in_bps(1, whole_paise=3) == 3_334
    assert ratio_in_bps(40, whole_paise=100) == 4_000
    assert rate_to_bps(Fraction(16, 100)) == 1_600


@pytest.mark.parametrize(
    ("bps", "number"), [(1600, 16), (1846, Decimal("18.46")), (5, Decimal("0.05")), (0, 0)]
)
def test_basis_points_are_written_as_per_cent(bps: int, number: int | Decimal) -> None:
    assert percent(bps) == number
    assert isinstance(percent(bps), type(number))


@pytest.mark.parametrize(
    ("paise", "text"),
    [
        (Fraction(0), "₹0.00"),
        (Fraction(618_842), "₹6,188.42"),
        (Fraction(6_188_424, 10), "₹6,188.424"),
        (Fraction(1_100_000, 3), "₹3,666.666666…"),
        (Fraction(-1, 3), "-₹0.003333…"),
        (Fraction(1, 10**5), "₹0.000000…"),
        (Fraction(50_000_000 * 100), "₹5,00,00,000.00"),
    ],
)
def test_an_unrounded_amount_is_cut_off_and_says_so(paise: Fraction, text: str) -> None:
    assert format_exact_rupees(paise) == text
