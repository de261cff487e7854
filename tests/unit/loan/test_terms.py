"""Terms that cannot be are refused, naming the field."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from loan.domain.terms import InvalidTerms
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
    ],
)
def test_a_value_out_of_bounds_names_its_field(field: str, value: object) -> None:
    change: dict[str, Any] = {field: value}
    with pytest.raises(InvalidTerms) as refusal:
        replace(terms_of(), **change)
    assert refusal.value.field == field
    assert refusal.value.code == "invalid_terms"


def test_the_last_day_of_a_short_month_is_the_agreed_day_31() -> None:
    terms = terms_of(disbursed_on=date(2025, 1, 31), first_due=date(2025, 2, 28), due_day=31)
    assert terms.first_due_date == date(2025, 2, 28)
