"""What a borrower lives on: the kind of employment and the bounds of a declared yearly income."""

from enum import StrEnum
from typing import Final

from bright_credit.common.errors import InvalidInput

#: One hundred crore rupees a year: more, from a retail borrower, is a slip of the keyboard.
MAX_ANNUAL_INCOME_PAISE: Final = 100 * 10_000_000 * 100


class EmploymentType(StrEnum):
    """The employment types that the scorecard knows."""

    SALARIED = "SALARIED"
    SELF_EMPLOYED = "SELF_EMPLOYED"
    PENSIONER = "PENSIONER"
    STUDENT = "STUDENT"
    UNEMPLOYED = "UNEMPLOYED"
    OTHER = "OTHER"


#: A salary or a pension of nothing contradicts itself. Anyone else may have earned nothing: a
#: student, a person without work, a homemaker (OTHER), a business in a year without profit.
MUST_HAVE_INCOME: Final = frozenset({EmploymentType.SALARIED, EmploymentType.PENSIONER})


class UnknownEmploymentType(InvalidInput):
    """The employment type is none of those that are known."""

    code = "unknown_employment_type"


class IncomeOutOfRange(InvalidInput):
    """The yearly income is negative, above 100 crore rupees, or nothing where it cannot be."""

    code = "income_out_of_range"


def known_employment_type(text: str) -> EmploymentType:
    """Return the employment type of this name. Raises `UnknownEmploymentType`."""
    if text not in EmploymentType.__members__:
        known = ", ".join(EmploymentType)
        raise UnknownEmploymentType(f"Must be one of: {known}.", field="employment_type")
    return EmploymentType(text)


def checked_annual_income(annual_income_paise: int, *, employment_type: EmploymentType) -> int:
    """Return the declared yearly income, in paise, when it is believable for the employment.

    From nothing to one hundred crore rupees; more than nothing for a salary or a pension. Raises
    `IncomeOutOfRange`.
    """
    if not 0 <= annual_income_paise <= MAX_ANNUAL_INCOME_PAISE:
        raise IncomeOutOfRange("Must be from ₹0.00 to ₹1,00,00,00,000.00.", field="annual_income")
    if annual_income_paise == 0 and employment_type in MUST_HAVE_INCOME:
        raise IncomeOutOfRange(
            f"Must be more than 0 when the employment type is {employment_type}.",
            field="annual_income",
        )
    return annual_income_paise
