"""Events of different loans do not touch one another, in whichever order they come."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loan.models import Loan
from tests.audit import assert_books_verify
from tests.builders import FIRST_DUE, RUPEE, a_disbursed_loan, pay
from tests.properties import as_many

STANDING = (
    "principal_paid_paise",
    "interest_paid_paise",
    "penal_paid_paise",
    "advance_paise",
    "next_number",
    "npa_since",
    "position_date",
)

ACTS = [(loan, step) for loan in range(3) for step in range(3)]


def lived(order: list[tuple[int, int]]) -> list[tuple[object, ...]]:
    """Pay three loans what is theirs, in an order that keeps that of each loan."""
    loans = [a_disbursed_loan() for _ in range(3)]
    done = [0, 0, 0]
    for which, _ in order:
        on = FIRST_DUE + timedelta(days=20 * done[which] + which)
        pay(loans[which], (9_000 + 7_000 * which) * RUPEE, on=on)
        done[which] += 1
    keys = [loan.pk for loan in loans]
    return list(Loan.objects.filter(pk__in=keys).order_by("pk").values_list(*STANDING))


@pytest.mark.django_db
@settings(
    max_examples=as_many(3),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.permutations(ACTS))
def test_i38_events_of_different_loans_may_come_in_any_order(
    db: None, order: list[tuple[int, int]]
) -> None:
    assert lived(order) == lived(sorted(order))
    assert_books_verify()
