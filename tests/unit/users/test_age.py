"""Age on a day, and who may register."""

from datetime import date

import pytest

from users.domain.age import InvalidDateOfBirth, UnderAge, age_on, checked_date_of_birth

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("born", "on", "years"),
    [
        (date(2000, 11, 23), TODAY, 26),
        (date(2000, 11, 24), TODAY, 25),
        (date(2000, 11, 22), TODAY, 26),
        (date(2000, 2, 29), date(2018, 2, 28), 17),
        (date(2000, 2, 29), date(2018, 3, 1), 18),
        (date(2000, 2, 29), date(2020, 2, 29), 20),
        (TODAY, TODAY, 0),
    ],
)
def test_age_counts_completed_years(born: date, on: date, years: int) -> None:
    assert age_on(born, on=on) == years


@pytest.mark.parametrize("born", [date(2008, 11, 23), date(1990, 1, 1), date(1905, 11, 24)])
def test_an_adult_may_register(born: date) -> None:
    assert checked_date_of_birth(born, as_of=TODAY) == born


@pytest.mark.parametrize("born", [date(2008, 11, 24), date(2020, 1, 1), TODAY])
def test_a_minor_may_not(born: date) -> None:
    with pytest.raises(UnderAge) as refusal:
        checked_date_of_birth(born, as_of=TODAY)
    assert refusal.value.field == "date_of_birth"


@pytest.mark.parametrize(
    "born", [date(2026, 11, 24), date(9999, 12, 31), date(1905, 11, 23), date(1, 1, 1)]
)
def test_an_impossible_date_of_birth_is_refused(born: date) -> None:
    with pytest.raises(InvalidDateOfBirth) as refusal:
        checked_date_of_birth(born, as_of=TODAY)
    assert refusal.value.field == "date_of_birth"
