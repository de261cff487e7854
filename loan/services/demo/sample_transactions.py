"""The bank-transaction file of the sample: nineteen months of the eight borrowers' accounts.

It begins with the two lines by which the file's format is documented.
"""

from collections.abc import Iterator
from datetime import date
from random import Random

from loan.services.demo.accounts import (
    RUPEE,
    Account,
    BankRow,
    StandingDebit,
    account_rows,
    csv_text,
    paid_to_us,
    returned_mandate,
)
from loan.services.demo.catalogue import new_product
from loan.services.demo.sample_story import CLOSED_THROUGH, LOANS, sample_offer, sample_payments
from users.domain.employment import EmploymentType
from users.domain.identity import borrower_public_id

_FIRST = date(2025, 4, 1)


def sample_transactions(*, seed: int) -> str:
    """Return the file: the two documented lines, then all accounts' rows by date."""
    rng = Random(seed)  # noqa: S311 - believable rows, nothing secret
    rows = [
        row
        for account in _ACCOUNTS
        for row in account_rows(account, first=_FIRST, last=CLOSED_THROUGH, rng=rng)
    ]
    rows += [row for row in _instalments() if row.on >= _FIRST]
    rows += _returned_mandates()
    rows.sort(key=lambda row: (row.on, row.user_id))
    return csv_text([*_documented_lines(), *rows])


def _documented_lines() -> Iterator[BankRow]:
    for on, amount, credit, description in (
        (date(2025, 3, 15), 250_000, True, "SALARY"),
        (date(2025, 3, 18), 50_000, False, "LOAN_EMI"),
    ):
        yield BankRow(
            user_id=borrower_public_id(1),
            on=on,
            amount_paise=amount * RUPEE,
            credit=credit,
            description=description,
        )


def _instalments() -> Iterator[BankRow]:
    """Yield what the borrowers paid for their loans with us, as their banks saw it."""
    for sample in LOANS:
        offer = sample_offer(sample, new_product(sample.product))
        for payment in sample_payments(sample, offer):
            yield paid_to_us(
                payment,
                user_id=borrower_public_id(sample.borrower_key),
                loan_id=f"LN-{sample.disbursed_on.year}-{sample.key:04d}",
                usual_paise=offer.instalment_paise,
            )


def _returned_mandates() -> Iterator[BankRow]:
    for month in range(7, 11):
        yield returned_mandate(
            borrower_public_id(7), on=date(2026, month, 6), loan_id="LN-2025-0438"
        )


def _account(
    key: int,
    employment_type: EmploymentType,
    monthly_income: int,
    narration: str,
    payday: int,
    *standing: StandingDebit,
    payments_a_month: int = 5,
) -> Account:
    return Account(
        user_id=borrower_public_id(key),
        employment_type=employment_type,
        monthly_income_paise=monthly_income * RUPEE,
        narration=narration,
        payday=payday,
        payments_a_month=payments_a_month,
        standing=standing,
    )


def _debit(day: int, amount: int, description: str, until: date = date.max) -> StandingDebit:
    return StandingDebit(day=day, amount_paise=amount * RUPEE, description=description, until=until)


_ACCOUNTS: tuple[Account, ...] = (
    _account(
        1,
        EmploymentType.SALARIED,
        250_000,
        "SALARY",
        15,
        # An older loan elsewhere, paid off by the spring of 2026.
        _debit(18, 50_000, "LOAN_EMI", date(2026, 3, 31)),
        _debit(3, 65_000, "NEFT/RENT"),
    ),
    _account(2, EmploymentType.SELF_EMPLOYED, 82_000, "UPI/CR/CUSTOMER", 1),
    _account(
        3,
        EmploymentType.SALARIED,
        98_000,
        "NEFT/SAHYADRI SOFTWARE/SALARY",
        30,
        _debit(2, 24_000, "NEFT/RENT"),
    ),
    _account(
        4,
        EmploymentType.SALARIED,
        58_000,
        "NEFT/DECCAN TEXTILES/SALARY",
        7,
        _debit(9, 18_500, "UPI/RENT"),
        _debit(12, 6_200, "ACH/TWO WHEELER LOAN/EMI"),
    ),
    _account(5, EmploymentType.PENSIONER, 40_000, "PENSION CREDIT", 1, payments_a_month=4),
    _account(6, EmploymentType.STUDENT, 10_000, "STIPEND/RESEARCH FELLOWSHIP", 10),
    _account(
        7,
        EmploymentType.SELF_EMPLOYED,
        118_000,
        "NEFT/CR/ORDERS",
        1,
        _debit(4, 35_000, "NEFT/SHOP RENT"),
    ),
    _account(
        8,
        EmploymentType.SALARIED,
        192_000,
        "NEFT/BRAHMAPUTRA HEALTH/SALARY",
        28,
        _debit(5, 42_000, "NEFT/RENT"),
        _debit(15, 14_750, "ACH/CAR LOAN/EMI"),
    ),
)
