"""Employment types and the bounds of a declared income."""

import pytest

from users.domain.employment import (
    MAX_ANNUAL_INCOME_PAISE,
    EmploymentType,
    IncomeOutOfRange,
    UnknownEmploymentType,
    checked_annual_income,
    known_employment_type,
)


@pytest.mark.parametrize("employment_type", EmploymentType)
def test_a_known_employment_type_is_returned(employment_type: EmploymentType) -> None:
    assert known_employment_type(employment_type.value) is employment_type


@pytest.mark.parametrize("text", ["", "salaried", "SALARIED ", "Salaried", "CEO", "888877776666"])
def test_an_unknown_employment_type_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(UnknownEmploymentType) as refusal:
        known_employment_type(text)
    assert refusal.value.field == "employment_type"
    assert refusal.value.message == (
        "Must be one of: SALARIED, SELF_EMPLOYED, PENSIONER, STUDENT, UNEMPLOYED, OTHER."
    )


@pytest.mark.parametrize("employment_type", EmploymentType)
@pytest.mark.parametrize("paise", [1, 180_000_000, MAX_ANNUAL_INCOME_PAISE])
def test_an_income_up_to_a_hundred_crore_is_believed(
    paise: int, employment_type: EmploymentType
) -> None:
    assert checked_annual_income(paise, employment_type=employment_type) == paise


@pytest.mark.parametrize("employment_type", EmploymentType)
@pytest.mark.parametrize("paise", [-1, MAX_ANNUAL_INCOME_PAISE + 1, 10**30])
def test_an_income_outside_the_bounds_is_refused(
    paise: int, employment_type: EmploymentType
) -> None:
    with pytest.raises(IncomeOutOfRange) as refusal:
        checked_annual_income(paise, employment_type=employment_type)
    assert refusal.value.field == "annual_income"


def test_a_hundred_crore_rupees_is_what_it_says() -> None:
    assert MAX_ANNUAL_INCOME_PAISE == 1_000_000_000_00


@pytest.mark.parametrize("employment_type", ["SELF_EMPLOYED", "STUDENT", "UNEMPLOYED", "OTHER"])
def test_some_people_may_earn_nothing(employment_type: str) -> None:
    assert checked_annual_income(0, employment_type=EmploymentType(employment_type)) == 0


@pytest.mark.parametrize("employment_type", ["SALARIED", "PENSIONER"])
def test_a_salary_or_a_pension_is_never_nothing(employment_type: str) -> None:
    with pytest.raises(IncomeOutOfRange, match=f"more than 0 .* {employment_type}"):
        checked_annual_income(0, employment_type=EmploymentType(employment_type))
