"""The chart of accounts: complete, unambiguous, and each account on the side of its type."""

import pytest

from ledger.domain.chart import (
    CHART,
    CONTROL_ACCOUNTS,
    AccountCode,
    AccountSpec,
    AccountType,
    Side,
    account_spec,
)

FIRST_DIGIT = {
    AccountType.ASSET: "1",
    AccountType.LIABILITY: "2",
    AccountType.EQUITY: "3",
    AccountType.INCOME: "4",
    AccountType.EXPENSE: "5",
}


def test_every_account_code_has_exactly_one_line_in_the_chart() -> None:
    assert sorted(spec.code for spec in CHART) == sorted(AccountCode)


def test_no_two_accounts_share_a_name() -> None:
    assert len({spec.name for spec in CHART}) == len(CHART)


@pytest.mark.parametrize("spec", CHART, ids=lambda spec: spec.code)
def test_the_first_digit_of_an_account_tells_its_type(spec: AccountSpec) -> None:
    assert spec.code.startswith(FIRST_DIGIT[spec.type])
    assert account_spec(spec.code) is spec


def test_assets_and_expenses_grow_by_debits_and_the_others_by_credits() -> None:
    sides = {kind: kind.normal_side for kind in AccountType}
    assert sides == {
        AccountType.ASSET: Side.DEBIT,
        AccountType.LIABILITY: Side.CREDIT,
        AccountType.EQUITY: Side.CREDIT,
        AccountType.INCOME: Side.CREDIT,
        AccountType.EXPENSE: Side.DEBIT,
    }


def test_the_two_sides_are_each_others_opposite() -> None:
    assert Side.DEBIT.opposite is Side.CREDIT
    assert Side.CREDIT.opposite is Side.DEBIT


def test_what_loans_owe_and_what_borrowers_are_owed_are_the_control_accounts() -> None:
    assert CONTROL_ACCOUNTS == (
        AccountCode.LOAN_PRINCIPAL,
        AccountCode.INTEREST_RECEIVABLE,
        AccountCode.CHARGES_RECEIVABLE,
        AccountCode.PENAL_RECEIVABLE,
        AccountCode.WRITTEN_OFF_CLAIMS,
        AccountCode.BORROWER_ADVANCES,
        AccountCode.REFUNDABLE_EXCESS,
        AccountCode.INCOME_SUSPENSE,
    )
