"""Terms that cannot be are refused, naming the field."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from loan.domain.frequency import Frequency
from loan.domain.terms import InterestMethod, InvalidTerms, MoratoriumInterest
from tests.unit.loan.histories import terms_of


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("principal_paise", 0),
        ("principal_paise", -1),
        ("principal_paise", 10**15 + 1),
        ("annual_rate_bps", -1),
        ("annual_rate_bps", 100_001),
        ("tenure_months", 0),
        ("tenure_months", 601),
        ("due_day", 0),
        ("due_day", 32),
        ("penal_grace_days", -1),
        ("penal_grace_days", 366),
        ("penal_charge_paise", -1),
        ("first_due_date", date(2025, 1, 5)),  # the day of disbursement
        ("first_due_date", date(2025, 2, 6)),  # not the agreed day
        ("due_day", None),  # monthly, and no day of the month
        ("frequency", Frequency.WEEKLY),  # by weeks, and a day of the month
        ("principal_moratorium_periods", -1),
        ("principal_moratorium_periods", 12),  # nothing left to repay in
        ("interest_moratorium_periods", -1),
        ("interest_moratorium_periods", 1),  # longer than that of the principal
        ("moratorium_interest", MoratoriumInterest.CAPITALISED),  # of no moratorium
    ],
)
def test_a_value_out_of_bounds_names_its_field(field: str, value: object) -> None:
    change: dict[str, Any] = {field: value}
    with pytest.raises(InvalidTerms) as refusal:
        replace(terms_of(), **change)
    assert refusal.value.field == ("due_day" if field == "frequency" else field)
    assert refusal.value.code == "invalid_terms"


def test_the_last_day_of_a_short_month_is_the_agreed_day_31() -> None:
    terms = terms_of(disbursed_on=date(2025, 1, 31), first_due=date(2025, 2, 28), due_day=31)
    assert terms.first_due_date == date(2025, 2, 28)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"frequency": Frequency.QUARTERLY, "tenure_months": 7}, "tenure_months"),
        (
            {"frequency": Frequency.QUARTERLY, "principal_moratorium_periods": 4},
            "principal_moratorium_periods",
        ),
        # Two whole months of moratorium do not fit between 5 January and 5 March.
        (
            {
                "principal_moratorium_periods": 2,
                "interest_moratorium_periods": 2,
                "first_due_date": date(2025, 3, 5),
            },
            "first_due_date",
        ),
        (
            {
                "interest_method": InterestMethod.FLAT,
                "principal_moratorium_periods": 1,
                "interest_moratorium_periods": 1,
                "first_due_date": date(2025, 3, 5),
                "moratorium_interest": MoratoriumInterest.CAPITALISED,
            },
            "moratorium_interest",
        ),
    ],
)
def test_terms_that_do_not_go_together_name_the_one_to_change(
    changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidTerms) as refusal:
        replace(terms_of(), **changes)
    assert (refusal.value.field, refusal.value.code) == (field, "invalid_terms")


@pytest.mark.parametrize(
    ("frequency", "due_day", "moratorium", "count"),
    [
        (Frequency.MONTHLY, 5, 0, 12),
        (Frequency.MONTHLY, 5, 3, 9),
        (Frequency.QUARTERLY, 5, 1, 3),
        (Frequency.FORTNIGHTLY, None, 0, 26),
        (Frequency.WEEKLY, None, 2, 50),
    ],
)
def test_the_number_of_instalments_leaves_out_the_periods_in_which_nothing_is_due(
    frequency: Frequency, due_day: int | None, moratorium: int, count: int
) -> None:
    terms = terms_of(
        frequency=frequency,
        due_day=due_day,
        first_due=frequency.shifted(date(2025, 4, 5), moratorium, anchor_day=due_day),
        principal_moratorium_periods=moratorium,
        interest_moratorium_periods=moratorium,
    )
    assert terms.instalment_count == count
