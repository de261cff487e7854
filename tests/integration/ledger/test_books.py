"""Reading the books: balances by day, by what was known, by loan; the chart; the checks."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ledger.checks import LEDGER_CHECKS, run_ledger_checks
from ledger.domain.chart import CHART, AccountCode
from ledger.domain.entries import TransferDraft
from ledger.models import Account
from ledger.selectors import (
    LoanBalance,
    balance_paise,
    loan_balances,
    transfers_of_loan,
    trial_balance,
)
from ledger.services import post_entries, post_entry, reverse_entry
from tests.integration.ledger.conftest import DAY, DISBURSEMENT, a_payment

pytestmark = pytest.mark.django_db

DISBURSED_ON = date(2025, 3, 5)


def post_a_loan(*, loan_id: int = 456) -> None:
    post_entries(
        [
            a_payment(
                f"DISBURSEMENT/{loan_id}",
                value_date=DISBURSED_ON,
                kind="DISBURSEMENT",
                transfers=(DISBURSEMENT,),
                loan_id=loan_id,
            ),
            a_payment(f"PAYMENT/{loan_id}", loan_id=loan_id),
        ]
    )


def test_the_table_of_accounts_is_the_chart() -> None:
    stored = Account.objects.order_by("code").values_list("code", "name")
    assert list(stored) == [(spec.code, spec.name) for spec in CHART]


@pytest.mark.django_db(transaction=True)
def test_the_chart_is_there_for_a_test_that_commits() -> None:
    assert Account.objects.count() == len(CHART)


@pytest.mark.django_db(transaction=True)
def test_the_chart_is_there_again_after_the_database_was_emptied() -> None:
    assert Account.objects.count() == len(CHART)


def test_balances_stand_on_the_normal_side_of_their_account() -> None:
    post_a_loan()
    balances = trial_balance(as_of=DAY)
    assert balances.balance_paise(AccountCode.LOAN_PRINCIPAL) == 50_000_000 - 2_083_300
    assert balances.balance_paise(AccountCode.INTEREST_RECEIVABLE) == -366_700
    assert balances.balance_paise(AccountCode.BANK) == 2_450_000 - 50_000_000
    assert balances.balance_paise(AccountCode.OWN_FUNDS) == 0
    assert balances.total_debit_paise == balances.total_credit_paise == 52_450_000


@pytest.mark.parametrize("code", AccountCode)
def test_one_accounts_balance_agrees_with_the_trial_balance(code: AccountCode) -> None:
    post_a_loan()
    post_entry(a_payment("EXCESS", transfers=(DISBURSEMENT.mirrored(),), value_date=DISBURSED_ON))
    assert balance_paise(code, as_of=DAY) == trial_balance(as_of=DAY).balance_paise(code)


def test_the_books_can_be_read_as_of_any_day() -> None:
    post_a_loan()
    before = DISBURSED_ON - timedelta(days=1)
    assert balance_paise(AccountCode.LOAN_PRINCIPAL, as_of=before) == 0
    assert balance_paise(AccountCode.LOAN_PRINCIPAL, as_of=DISBURSED_ON) == 50_000_000
    assert trial_balance(as_of=before).total_debit_paise == 0


def test_the_books_can_be_read_as_they_were_known() -> None:
    noon = datetime(2025, 4, 5, 12, tzinfo=UTC)
    post_entry(a_payment("EARLY"), booked_at=noon)
    post_entry(a_payment("LATE"), booked_at=noon + timedelta(hours=1))
    assert balance_paise(AccountCode.BANK, as_of=DAY, known_at=noon) == 2_450_000
    known = trial_balance(as_of=DAY, known_at=noon)
    assert known.balance_paise(AccountCode.BANK) == 2_450_000
    assert balance_paise(AccountCode.BANK, as_of=DAY) == 4_900_000


def test_a_reversal_leaves_the_balances_of_its_day_as_if_nothing_had_been() -> None:
    post_a_loan()
    later = DAY + timedelta(days=30)
    reverse_entry("PAYMENT/456", value_date=later)
    assert balance_paise(AccountCode.LOAN_PRINCIPAL, as_of=DAY) == 50_000_000 - 2_083_300
    assert balance_paise(AccountCode.LOAN_PRINCIPAL, as_of=later) == 50_000_000


def test_control_accounts_can_be_read_loan_by_loan() -> None:
    post_a_loan(loan_id=1)
    post_a_loan(loan_id=2)
    post_entry(a_payment("MANY", transfers=(DISBURSEMENT,), loan_id=None))
    assert list(loan_balances(AccountCode.LOAN_PRINCIPAL, as_of=DAY)) == [
        LoanBalance(1, 47_916_700),
        LoanBalance(2, 47_916_700),
        LoanBalance(None, 50_000_000),
    ]
    assert list(loan_balances(AccountCode.PENAL_RECEIVABLE, as_of=DAY)) == []


def test_a_loans_transfers_come_in_the_order_they_were_booked() -> None:
    post_a_loan(loan_id=1)
    post_a_loan(loan_id=2)
    with CaptureQueriesContext(connection) as captured:
        lines = [(line.entry.kind, line.debit.name) for line in transfers_of_loan(2)]
    assert lines == [
        ("DISBURSEMENT", "Loans: principal"),
        ("PAYMENT", "Bank"),
        ("PAYMENT", "Bank"),
    ]
    assert len(captured) == 1


@pytest.mark.parametrize("loans", [1, 20])
def test_the_trial_balance_is_one_statement(loans: int) -> None:
    for loan_id in range(loans):
        post_a_loan(loan_id=loan_id + 1)
    with CaptureQueriesContext(connection) as captured:
        trial_balance(as_of=DAY)
    assert len(captured) == 1


def test_books_in_order_pass_every_check() -> None:
    post_a_loan()
    post_entry(a_payment("DUES", loan_id=None, transfers=(DISBURSEMENT,)))
    interest_due = TransferDraft(
        AccountCode.INTEREST_RECEIVABLE, AccountCode.INTEREST_INCOME, 366_700
    )
    post_entry(a_payment("DUE/456/1", transfers=(interest_due,)))
    reverse_entry("PAYMENT/456", value_date=DAY)
    results = run_ledger_checks()
    assert [result.name for result in results if not result.passed] == []
    assert len(results) == len(LEDGER_CHECKS)
