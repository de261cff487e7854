"""A borrower's age on a day, and who is old enough to borrow."""

from datetime import date
from typing import Final

from bright_credit.common.errors import InvalidInput, RuleViolated

#: The age of majority, below which no contract binds (Indian Majority Act 1875, s. 3).
MINIMUM_AGE_YEARS: Final = 18
MAXIMUM_AGE_YEARS: Final = 120


class InvalidDateOfBirth(InvalidInput):
    """The date of birth lies in the future or more than 120 years back."""

    code = "invalid_date_of_birth"


class UnderAge(RuleViolated):
    """A person under 18 cannot open an account."""

    code = "under_age"


def age_on(date_of_birth: date, *, on: date) -> int:
    """Return the completed years of age on a day; born on 29 February, they fill on 1 March."""
    before_birthday = (on.month, on.day) < (date_of_birth.month, date_of_birth.day)
    return on.year - date_of_birth.year - before_birthday


def checked_date_of_birth(date_of_birth: date, *, as_of: date) -> date:
    """Return the date of birth of somebody who may register on `as_of`.

    Raises `InvalidDateOfBirth` for an impossible date and `UnderAge` for a minor.
    """
    field = "date_of_birth"
    if date_of_birth > as_of:
        raise InvalidDateOfBirth("Must not be in the future.", field=field)
    age = age_on(date_of_birth, on=as_of)
    if age > MAXIMUM_AGE_YEARS:
        raise InvalidDateOfBirth(f"Must not be over {MAXIMUM_AGE_YEARS} years ago.", field=field)
    if age < MINIMUM_AGE_YEARS:
        raise UnderAge(f"A borrower must be at least {MINIMUM_AGE_YEARS} years old.", field=field)
    return date_of_birth
