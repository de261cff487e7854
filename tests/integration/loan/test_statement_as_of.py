"""A statement of a past day is what the statement of that day was, to the last field."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loan.models import Loan
from loan.services.billing.run import run_billing
from statements.selectors.statement import statement
from statements.serializers.statement import StatementAnswer
from tests.builders import FIRST_DUE, LAKH, a_disbursed_loan, pay
from tests.integration.loan.living import Life, a_book, live_day, lives, undone
from tests.properties import as_many

pytestmark = pytest.mark.django_db

#: What the end of a day brings: its due becomes overdue, and the class may change.
DAY_END = ("overdue_amount", "bucket", "asset_class", "npa_since")


def drawn(loan: Loan, *, as_of: date | None = None, today: date) -> dict[str, Any]:
    """Return a statement as it is answered."""
    return dict(StatementAnswer(statement(loan.public_id, as_of=as_of, today=today)).data)


def without_day_end(answer: dict[str, Any]) -> dict[str, Any]:
    """Return a statement without what the end of its day may change."""
    summary = {name: value for name, value in answer["loan_summary"].items() if name not in DAY_END}
    rows = [
        row | {"status": "OVERDUE" if row["status"] == "DUE" else row["status"]}
        for row in answer["instalments"]
    ]
    return answer | {"loan_summary": summary, "instalments": rows, "payment_history": len(rows)}


@settings(
    max_examples=as_many(6),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(life=lives(longest=14), runs=st.frozensets(st.integers(0, 13)))
def test_a_past_day_looks_later_as_it_looked_then(life: Life, runs: frozenset[int]) -> None:
    with undone():
        loans = a_book(life)
        on_the_day: dict[tuple[int, date], dict[str, Any]] = {}
        at_its_end: dict[tuple[int, date], dict[str, Any]] = {}
        for number, day in enumerate(life.dates()):
            if number in runs and number > 0:
                run_billing(day - timedelta(days=1), today=day, may_run_ahead=False)
            live_day(life, loans, day)
            for loan in loans:
                on_the_day[loan.pk, day] = drawn(loan, today=day)
                at_its_end[loan.pk, day] = drawn(loan, as_of=day, today=day + timedelta(days=1))
        much_later = life.last + timedelta(days=50)
        run_billing(life.last, today=much_later, may_run_ahead=False)
        for loan in loans:
            for day in life.dates():
                later = drawn(loan, as_of=day, today=much_later)
                assert later == at_its_end[loan.pk, day]
                assert without_day_end(later) == without_day_end(on_the_day[loan.pk, day])
                summary = later["loan_summary"]
                lent = summary["principal_paid"] + summary["outstanding"]
                assert lent == summary["amount_lent"] == loan.principal_paise // 100


def test_what_comes_after_a_day_does_not_change_its_statement() -> None:
    loan = a_disbursed_loan()
    day, next_day = FIRST_DUE, FIRST_DUE + timedelta(days=1)
    before = drawn(loan, as_of=day, today=next_day)
    pay(loan, LAKH, on=next_day)
    assert drawn(loan, as_of=day, today=next_day) == before
    assert drawn(loan, today=next_day)["loan_summary"] != before["loan_summary"]
