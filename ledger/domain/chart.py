"""The chart of accounts: every account the books know, its type and the side on which it grows.

Control accounts (1100 to 1310, 2100, 2110, 2400) have the loans as their subledger: what every loan
owes or is owed adds up to them, to the paisa.
"""

from dataclasses import dataclass
from enum import StrEnum


class Side(StrEnum):
    """One of the two sides of an account."""

    DEBIT = "DEBIT"
    CREDIT = "CREDIT"

    @property
    def opposite(self) -> "Side":
        """Return the other side."""
        return Side.CREDIT if self is Side.DEBIT else Side.DEBIT


class AccountType(StrEnum):
    """The five types of account. Assets and expenses grow by debits, the others by credits."""

    ASSET = "ASSET"
    LIABILITY = "LIABILITY"
    EQUITY = "EQUITY"
    INCOME = "INCOME"
    EXPENSE = "EXPENSE"

    @property
    def normal_side(self) -> Side:
        """Return the side on which accounts of this type grow."""
        if self in (AccountType.ASSET, AccountType.EXPENSE):
            return Side.DEBIT
        return Side.CREDIT


class AccountCode(StrEnum):
    """The accounts, by the number that stands for each in the books."""

    BANK = "1000"
    LOAN_PRINCIPAL = "1100"
    INTEREST_RECEIVABLE = "1200"
    INTEREST_ACCRUED = "1210"
    CHARGES_RECEIVABLE = "1300"
    PENAL_RECEIVABLE = "1310"
    BORROWER_ADVANCES = "2100"
    REFUNDABLE_EXCESS = "2110"
    GST_PAYABLE = "2300"
    INCOME_SUSPENSE = "2400"
    LOAN_PROVISIONS = "2500"
    OWN_FUNDS = "3000"
    INTEREST_INCOME = "4000"
    ACCRUED_INCOME = "4010"
    PROCESSING_FEE_INCOME = "4100"
    CHARGES_INCOME = "4200"
    PENAL_INCOME = "4300"
    RECOVERIES = "4400"
    WRITE_OFFS = "5000"
    PROVISIONS_MADE = "5100"
    WRITTEN_OFF_CLAIMS = "1900"
    WRITTEN_OFF_CONTRA = "2900"


@dataclass(frozen=True, slots=True)
class AccountSpec:
    """One line of the chart: `is_control` says that the loans are the account's subledger."""

    code: AccountCode
    name: str
    type: AccountType
    is_control: bool = False

    @property
    def normal_side(self) -> Side:
        """Return the side on which this account grows."""
        return self.type.normal_side


_A, _L = AccountType.ASSET, AccountType.LIABILITY

CHART: tuple[AccountSpec, ...] = (
    AccountSpec(AccountCode.BANK, "Bank", _A),
    AccountSpec(AccountCode.LOAN_PRINCIPAL, "Loans: principal", _A, is_control=True),
    AccountSpec(AccountCode.INTEREST_RECEIVABLE, "Interest receivable", _A, is_control=True),
    AccountSpec(AccountCode.INTEREST_ACCRUED, "Interest accrued, not due", _A),
    AccountSpec(AccountCode.CHARGES_RECEIVABLE, "Charges receivable", _A, is_control=True),
    AccountSpec(AccountCode.PENAL_RECEIVABLE, "Penal charges receivable", _A, is_control=True),
    AccountSpec(AccountCode.WRITTEN_OFF_CLAIMS, "Memorandum: written-off claims", _A, True),
    AccountSpec(AccountCode.BORROWER_ADVANCES, "Borrowers' advances", _L, is_control=True),
    AccountSpec(AccountCode.REFUNDABLE_EXCESS, "Refundable excess", _L, is_control=True),
    AccountSpec(AccountCode.GST_PAYABLE, "GST payable", _L),
    AccountSpec(AccountCode.INCOME_SUSPENSE, "Income in suspense", _L, is_control=True),
    AccountSpec(AccountCode.LOAN_PROVISIONS, "Provisions for loans", _L),
    AccountSpec(AccountCode.WRITTEN_OFF_CONTRA, "Memorandum: contra of written-off claims", _L),
    AccountSpec(AccountCode.OWN_FUNDS, "Own funds", AccountType.EQUITY),
    AccountSpec(AccountCode.INTEREST_INCOME, "Interest income", AccountType.INCOME),
    AccountSpec(AccountCode.ACCRUED_INCOME, "Interest income: accrued", AccountType.INCOME),
    AccountSpec(AccountCode.PROCESSING_FEE_INCOME, "Processing fees", AccountType.INCOME),
    AccountSpec(AccountCode.CHARGES_INCOME, "Charges", AccountType.INCOME),
    AccountSpec(AccountCode.PENAL_INCOME, "Penal charges", AccountType.INCOME),
    AccountSpec(AccountCode.RECOVERIES, "Recoveries of written-off loans", AccountType.INCOME),
    AccountSpec(AccountCode.WRITE_OFFS, "Loans written off", AccountType.EXPENSE),
    AccountSpec(AccountCode.PROVISIONS_MADE, "Provisions made", AccountType.EXPENSE),
)

CONTROL_ACCOUNTS: tuple[AccountCode, ...] = tuple(spec.code for spec in CHART if spec.is_control)

_BY_CODE = {spec.code: spec for spec in CHART}


def account_spec(code: AccountCode) -> AccountSpec:
    """Return the chart's line for an account."""
    return _BY_CODE[code]
