"""The monthly sums of bank transactions, as the database draws them."""

from datetime import date

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from credit.domain import narration
from credit.domain.features import MonthlyFlow
from credit.selectors import cash_flow, monthly_flows
from tests.integration.credit.bank_files import AS_OF, borrowers, counts, load, row
from tests.unit.credit.narrations import NARRATIONS
from users.models import Borrower

pytestmark = pytest.mark.django_db

NOVEMBER = date(2025, 11, 1)


@pytest.fixture
def someone() -> Borrower:
    """Return one borrower."""
    return borrowers(1)[0]


def flows_after(someone: Borrower, *rows: bytes) -> tuple[MonthlyFlow, ...]:
    """Return the borrower's months once these rows are loaded."""
    assert counts(load(rows).file).accepted == len(rows)
    return monthly_flows([someone.pk], as_of=AS_OF).get(someone.pk, ())


@pytest.mark.parametrize(("text", "expected"), NARRATIONS)
def test_postgresql_understands_narrations_as_python_does(
    text: str, expected: frozenset[str]
) -> None:
    names = ("SALARY", "INSTALMENT", "BOUNCE", "PASSING_THROUGH")
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute("SELECT %s ~* %s", [text, getattr(narration, name)])
            assert cursor.fetchone() == (name in expected,), name


def test_a_month_worked_by_hand(someone: Borrower) -> None:
    months = flows_after(
        someone,
        row(someone, day="2025-11-01", amount="90000", description="SALARY NOV"),
        row(someone, day="2025-11-05", amount="245", kind="DEBIT", description="LOAN_EMI"),
        row(someone, day="2025-11-05", amount="100", kind="DEBIT", description="EMI OTHER BANK"),
        row(someone, day="2025-11-06", amount="20000.50", kind="DEBIT", description="RENT"),
        row(someone, day="2025-11-07", amount="500", description="UPI/A FRIEND"),
        row(someone, day="2025-11-08", amount="9999", description="TRANSFER SELF"),
        row(someone, day="2025-11-08", amount="8888", kind="DEBIT", description="OWN ACCOUNT"),
        row(someone, day="2025-11-09", amount="50000", description="LOAN DISBURSAL"),
        row(someone, day="2025-11-10", amount="300", kind="DEBIT", description="EMI BOUNCE CHARGE"),
        row(someone, day="2025-11-10", amount="54", kind="DEBIT", description="RETURN CHARGE GST"),
    )
    assert months == (
        MonthlyFlow(
            month=NOVEMBER,
            income_paise=90_500_00,
            spending_paise=20_345_50,
            salary_credits=1,
            instalments_paise=(100_00, 245_00),
            bounces=1,
        ),
    )


def test_only_the_six_full_months_before_count(someone: Borrower) -> None:
    months = flows_after(
        someone,
        row(someone, day="2025-06-30"),
        row(someone, day="2025-07-01"),
        row(someone, day="2025-12-31"),
        row(someone, day="2026-01-01"),
    )
    assert [flow.month for flow in months] == [date(2025, 7, 1), date(2025, 12, 1)]


class TestUnnamedSalaries:
    def salary_credits(self, someone: Borrower, *payments: tuple[str, str]) -> int:
        """Return the salary credits seen in payments of one payer: (day, amount) each."""
        months = flows_after(
            someone,
            *(
                row(someone, day=day, amount=amount, description=f"NEFT CR {number}9931 ACME LTD")
                for number, (day, amount) in enumerate(payments)
            ),
        )
        return sum(flow.salary_credits for flow in months)

    def test_a_payer_about_the_same_day_and_amount_each_month_pays_a_salary(
        self, someone: Borrower
    ) -> None:
        seen = self.salary_credits(
            someone, ("2025-09-28", "50000"), ("2025-10-31", "50000"), ("2025-11-30", "58000")
        )
        assert seen == 3

    @pytest.mark.parametrize(
        "payments",
        [
            [("2025-10-31", "50000"), ("2025-11-30", "50000")],
            [("2025-09-30", "50000"), ("2025-10-30", "50000"), ("2025-11-30", "90000")],
            [("2025-09-01", "50000"), ("2025-10-01", "50000"), ("2025-11-12", "50000")],
            [("2025-09-01", "500"), ("2025-09-02", "500"), ("2025-10-01", "500")],
        ],
    )
    def test_payments_too_few_too_unlike_or_too_irregular_are_no_salary(
        self, someone: Borrower, payments: list[tuple[str, str]]
    ) -> None:
        assert self.salary_credits(someone, *payments) == 0


def test_many_borrowers_take_one_statement(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    people = borrowers(50)
    load([row(person, day="2025-11-01") for person in people])
    for chosen in (people[:1], people):
        keys = [person.pk for person in chosen]
        with django_assert_num_queries(1):
            assert set(monthly_flows(keys, as_of=AS_OF)) == set(keys)


def test_a_borrowers_figures_leave_out_those_of_others() -> None:
    one, other = borrowers(2)
    load(row(one, day="2025-11-01", amount="10") + row(other, day="2025-11-01", amount="99"))
    assert cash_flow(one, as_of=AS_OF).income_paise == 10_00


def test_our_own_instalment_is_no_obligation_elsewhere(someone: Borrower) -> None:
    load(row(someone, day="2025-11-05", amount="24500", kind="DEBIT", description="LOAN_EMI"))
    assert cash_flow(someone, as_of=AS_OF).outside_obligations_paise == 24_500_00
    own = cash_flow(someone, as_of=AS_OF, own_instalments_paise=[24_500_00])
    assert own.outside_obligations_paise == 0
